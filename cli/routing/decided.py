"""The decision of `auto` for a question, with everything that led to it."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from arbiter.answering.decision import Profiles
from arbiter.modes import Mode
from arbiter.routing.heads import Assessment, Finding, assess


class Decided(NamedTuple):
    """A question with the answers to both of `auto`'s questions."""

    question: str
    assessment: Assessment

    @property
    def mode(self) -> Mode:
        """The mode before any look: one that is unsure about the documents does without them."""
        return Mode.of(grounded=self.answered(self.assessment.grounded), specialised=self.specialised)

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
            "specialised": self.assessment.specialised._asdict(),
            "language": self.assessment.language,
            "messages_leaned_on": self.assessment.leaned,
        }


def decided(question: str, earlier: Sequence[str], profiles: Profiles, prefer: str) -> Decided:
    """Decide for a question, with the user's earlier messages."""
    return Decided(question, assess(question, earlier, profiles.knowledge, profiles.tuned, prefer))
