"""The decision of `auto` for a question, with everything that led to it."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from arbiter.answering.decision import Decision, Profiles
from arbiter.answering.request import Preference
from arbiter.modes import Mode
from arbiter.routing.asking import offers_options
from arbiter.routing.heads import Assessment, Finding, assess
from arbiter.routing.words import sentences
from cli.routing.limiting import Limited
from cli.routing.looking import Look, Passages


class Decided(NamedTuple):
    """A question with the answers to both of `auto`'s questions."""

    question: str
    assessment: Assessment
    look: Look | None = None
    """Where the first answer is open and there are passages to look into."""
    limited: Decision | None = None
    """The decision within the limits of the request, where it has any."""

    @property
    def mode(self) -> Mode:
        """The mode; one that is unsure about the documents, and has none to look into, does without them."""
        return self.limited.mode if self.limited else Mode.of(grounded=self.grounded, specialised=self.specialised)

    @property
    def ruled_out(self) -> Mapping[Mode, str]:
        """The modes that the limits rule out, with the reason."""
        return self.limited.ruled_out if self.limited else {}

    @property
    def grounded(self) -> bool:
        """Whether documents are used: a look answers where the profile leaves it open."""
        return self.look.hit if self.look else self.answered(self.assessment.grounded)

    @property
    def specialised(self) -> bool:
        """Whether the tuned model answers."""
        return self.answered(self.assessment.specialised)

    @staticmethod
    def answered(finding: Finding) -> bool:
        """Whether the answer is yes."""
        return finding.outcome == "yes"

    def dump(self) -> dict[str, Any]:
        return {
            "question": self.question,
            "mode": self.mode.value,
            "grounded": self.assessment.grounded._asdict(),
            "look": self.look and {**self.look._asdict(), "hit": self.look.hit},
            "specialised": self.assessment.specialised._asdict(),
            "language": self.assessment.language,
            "messages_leaned_on": self.assessment.leaned,
            **({"ruled_out": {mode.value: why for mode, why in self.ruled_out.items()}} if self.limited else {}),
        }


def decided(
    question: str,
    earlier: Sequence[str],
    profiles: Profiles,
    prefer: Preference,
    passages: Passages | None = None,
    limited: Limited | None = None,
) -> Decided:
    """Decide for a question, with the user's earlier messages; where it is open, by a look into the passages."""
    one = Decided(question, assess(question, earlier, profiles.knowledge, profiles.tuned, prefer))
    if passages is not None and _open(question, one.assessment.grounded, prefer):
        one = one._replace(look=passages.look(question, earlier, profiles.knowledge, prefer))
    if limited:
        one = one._replace(limited=limited.decision(question, earlier, profiles, prefer, grounded=one.grounded))
    return one


def _open(question: str, grounded: Finding, prefer: Preference) -> bool:
    """Whether to look. Into files it costs nothing: all but exam questions are looked for, and a yes that is sure."""
    if grounded.outcome == "yes":
        return grounded.score <= grounded.sure_from
    return prefer != "latency" and not offers_options(sentences(question))
