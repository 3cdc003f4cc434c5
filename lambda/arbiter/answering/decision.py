"""The decision of `auto`: two scores, from profiles or from simple rules, and the mode that follows from them."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from arbiter.answering.request import Preference, Request
from arbiter.answering.retrieval import in_conversation
from arbiter.modes import Mode
from arbiter.tuned_models.service.pointer import TunedModel

if TYPE_CHECKING:  # Explicit modes start without what only `auto` needs.
    from arbiter.routing.heads import Finding
    from arbiter.routing.knowledge import KnowledgeProfile
    from arbiter.routing.policy import Policy
    from arbiter.routing.tuned import TunedProfile

POLICY = "default"


class Score(NamedTuple):
    """The strength, from 0 to 1, with which a request calls for something, and the reason in words."""

    value: float
    because: str


class Scores(NamedTuple):
    """The scores of a request: the two questions, asked separately."""

    grounded: Score
    specialised: Score


class Thresholds(NamedTuple):
    """The scores from which each question is answered with yes."""

    grounded: float
    specialised: float


class Choice(NamedTuple):
    """One of the two questions, answered."""

    value: bool
    score: float
    threshold: float
    because: str

    def limited_to(self, value: bool) -> "Choice":
        """The answer that the limits allow; the score stays."""
        if value == self.value:
            return self
        return self._replace(value=value, because=f"{self.because}; the limits of the request allow no other")


class Decision(NamedTuple):
    """Both questions answered, and by which policy."""

    grounded: Choice
    specialised: Choice
    policy: str
    ruled_out: Mapping[Mode, str] = MappingProxyType({})
    """The modes that the limits of the request rule out, each with the reason."""
    look: float | None = None
    """The score that a passage must exceed for an unsure request to be grounded; `None` where nothing is looked up."""

    @property
    def mode(self) -> Mode:
        """The mode that the two answers name."""
        return Mode.of(grounded=self.grounded.value, specialised=self.specialised.value)

    def to_object(self) -> dict[str, Any]:
        """The decision as the caller sees it."""
        limited = {"ruled_out": {mode.value: why for mode, why in self.ruled_out.items()}} if self.ruled_out else {}
        return {
            "grounded": self.grounded._asdict(),
            "specialised": self.specialised._asdict(),
            "policy": self.policy,
            **limited,
        }

    def distance(self, mode: Mode) -> tuple[float, int]:
        """The distance of a mode from the scores: how far those lie beyond the thresholds that it answers otherwise."""
        other = [
            abs(choice.score - choice.threshold)
            for choice, value in ((self.grounded, mode.grounded), (self.specialised, mode.specialised))
            if choice.value != value
        ]
        return sum(other), len(other)

    def limited_to(self, mode: Mode, ruled_out: Mapping[Mode, str]) -> "Decision":
        """The same scores answered by a mode that the limits allow."""
        return self._replace(
            grounded=self.grounded.limited_to(mode.grounded),
            specialised=self.specialised.limited_to(mode.specialised),
            ruled_out=ruled_out,
            look=None if Mode.of(grounded=True, specialised=mode.specialised) in ruled_out else self.look,
        )

    def looked(self, best: float | None) -> "Decision":
        """The decision after a look into the documents, whose best passage has that score; `None` where none has."""
        if self.look is None:
            return self
        relevant, limit = best is not None and best > self.look, f"it takes {self.look:.2f} here"
        met = "no passage was found" if best is None else f"its best passage has {best:.2f}, and {limit}"
        because = f"{self.grounded.because}; unsure, so the documents were searched: {met}"
        return self._replace(grounded=self.grounded._replace(value=relevant, because=because))


THRESHOLDS: dict[Preference, Thresholds] = {
    "quality": Thresholds(grounded=0.5, specialised=0.5),
    # Retrieval adds a call and reading passages; a tuned model answers shorter, its adapter starts slower.
    "latency": Thresholds(grounded=0.65, specialised=0.5),
    # Passages more than double the input tokens; a tuned token costs about what a base token does.
    "cost": Thresholds(grounded=0.75, specialised=0.5),
}


class Profiles(NamedTuple):
    """The profiles that a decision goes by: of the documents, and of the tuned model in service if it has one."""

    knowledge: "KnowledgeProfile"
    tuned: "TunedProfile | None" = None
    policy: "Policy" = MappingProxyType({})
    """Calibrated thresholds by what the caller prefers."""


class ProfileSource(Protocol):
    """The profiles as they are kept."""

    def current(self, tuned: TunedModel | None, timeout: float) -> Profiles:
        """The profiles of the knowledge base and of a tuned model, within so many seconds."""

    def measured(self, timeout: float) -> Mapping[str, Any]:
        """The time and length of an answer by mode, as the last run measured them; empty before any run."""


def decide(request: Request, profiles: Profiles | None = None) -> Decision:
    """Answer both questions for a request; without profiles by rules that know nothing of the documents."""
    if profiles is None:
        return choose(score(request), THRESHOLDS[request.prefer])
    from arbiter.routing.heads import assess  # Explicit modes start without it.

    earlier = [turn.text for turn in request.history if turn.role == "user"]
    findings = assess(request.question, earlier, profiles.knowledge, profiles.tuned, request.prefer)
    decision = Decision(_answered(findings.grounded), _answered(findings.specialised), POLICY)
    if (calibrated := profiles.policy.get(request.prefer)) is not None:
        decision = Decision(
            _calibrated(findings.grounded, calibrated.grounded),
            _calibrated(findings.specialised, calibrated.specialised),
            f"calibrated:{calibrated.run}",
        )
    if request.retrieval.filter is not None:
        because = f"the request filters the documents; {findings.grounded.because}"
        return decision._replace(grounded=decision.grounded._replace(value=True, because=because))
    # Calibrated thresholds leave no doubt: they were found, and tested, without a look.
    unsure = findings.grounded.outcome == "unsure" and calibrated is None
    return decision._replace(look=_look(findings.grounded, profiles.knowledge) if unsure else None)


def _answered(finding: "Finding") -> Choice:
    return Choice(finding.outcome == "yes", finding.score, finding.threshold, finding.because)


def _look(finding: "Finding", knowledge: "KnowledgeProfile") -> float | None:
    """The score that a passage must exceed: the more the profile knows of a request, the less a passage has to tell."""
    if knowledge.passage_score is None:
        return None
    return knowledge.passage_score - knowledge.passage_slope * finding.margin


def choose(scores: Scores, thresholds: Thresholds, policy: str = POLICY) -> Decision:
    """Turn scores into a decision: each question alone, yes from its threshold upwards."""
    return Decision(
        Choice(scores.grounded.value >= thresholds.grounded, scores.grounded.value, thresholds.grounded,
               scores.grounded.because),
        Choice(scores.specialised.value >= thresholds.specialised, scores.specialised.value, thresholds.specialised,
               scores.specialised.because),
        policy,
    )  # fmt: skip


def _calibrated(finding: "Finding", threshold: float) -> Choice:
    return Choice(finding.score >= threshold, finding.score, threshold, finding.because)


def score(request: Request) -> Scores:
    """Score a request by the signals in its question and its options."""
    from arbiter.routing import rules  # Explicit modes start without them.

    filtered = request.retrieval.filter is not None
    grounded = rules.grounded(request.question, in_conversation(request), filtered=filtered)
    return Scores(Score(*grounded), Score(*rules.specialised(request.question)))
