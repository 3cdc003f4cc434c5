"""The decision of `auto` for a question, with everything that led to it."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from arbiter.answering.decision import Profiles
from arbiter.modes import Mode
from arbiter.routing.asking import offers_options
from arbiter.routing.heads import Assessment, Finding, assess
from arbiter.routing.words import sentences
from cli.routing.looking import Look, Passages


class Decided(NamedTuple):
    """A question with the answers to both of `auto`'s questions."""

    question: str
    assessment: Assessment
    look: Look | None = None
    """Where the first answer is open and there are passages to look into."""

    @property
    def mode(self) -> Mode:
        """The mode; one that is unsure about the documents, and has none to look into, does without them."""
        return Mode.of(grounded=self.grounded, specialised=self.specialised)

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
        }


def decided(
    question: str, earlier: Sequence[str], profiles: Profiles, prefer: str, passages: Passages | None = None
) -> Decided:
    """Decide for a question, with the user's earlier messages; where it is unsure, by a look into the passages."""
    assessment = assess(question, earlier, profiles.knowledge, profiles.tuned, prefer)
    if passages is None or assessment.grounded.outcome != "unsure" or offers_options(sentences(question)):
        return Decided(question, assessment)
    return Decided(question, assessment, passages.look(question, earlier, profiles.knowledge, prefer))
