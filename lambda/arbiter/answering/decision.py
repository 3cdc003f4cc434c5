"""The decision of `auto`: two scores from simple rules, two thresholds, and the mode that follows from them."""

import re
from collections.abc import Mapping, Sequence
from functools import cache
from types import MappingProxyType
from typing import Any, NamedTuple

from arbiter.answering.request import Preference, Request
from arbiter.answering.retrieval import in_conversation
from arbiter.modes import Mode

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
        )


THRESHOLDS: dict[Preference, Thresholds] = {
    "quality": Thresholds(grounded=0.5, specialised=0.5),
    # Retrieval adds a call and reading passages; a tuned model answers shorter, its adapter starts slower.
    "latency": Thresholds(grounded=0.65, specialised=0.5),
    # Passages more than double the input tokens; a tuned token costs about what a base token does.
    "cost": Thresholds(grounded=0.75, specialised=0.5),
}


def decide(request: Request) -> Decision:
    """Answer both questions for a request."""
    return choose(score(request), THRESHOLDS[request.prefer])


def choose(scores: Scores, thresholds: Thresholds, policy: str = POLICY) -> Decision:
    """Turn scores into a decision: each question alone, yes from its threshold upwards."""
    return Decision(
        Choice(scores.grounded.value >= thresholds.grounded, scores.grounded.value, thresholds.grounded,
               scores.grounded.because),
        Choice(scores.specialised.value >= thresholds.specialised, scores.specialised.value, thresholds.specialised,
               scores.specialised.because),
        policy,
    )  # fmt: skip


def score(request: Request) -> Scores:
    """Score a request by the signals in its question and its options."""
    # A follow-up that gives no reason itself is about what the conversation is about.
    grounded = _matching(_GROUNDED, request.question) or _matching(_GROUNDED, in_conversation(request))
    if request.retrieval.filter is not None:
        grounded.append(Signal("the request filters the documents", 0.95))
    specialised = _matching(_SPECIALISED, request.question)
    return Scores(_combine(0.35, grounded), _combine(0.15, specialised))


class Signal(NamedTuple):
    """A reason for yes (weight above zero) or no (below), and how much it weighs."""

    reason: str
    weight: float
    pattern: str = ""


_GROUNDED = (
    Signal("it asks for a fact", 0.4, r"\b(?:what|which|when|where|who|whose|how (?:many|much|long|often|early|late|"
           r"far|fast|heavy|old|large|big|soon|high))\b"),
    Signal("it asks what is allowed or done", 0.4, r"\b(?:may|can|must|do|does|should|will|is|are) (?:i|we|you|an?|the|"
           r"my|our|your|there|it)\b|\bhow (?:do|can|does|is|are|should)\b"),
    Signal("it names something particular", 0.35, r"\b\d|(?-i:\b[A-Z]{1,4}-?\d|(?<=[a-z,] )[A-Z][a-z])"),
    Signal("it speaks of us or of our customers", 0.4, r"\b(?:our|your|ours|yours|customers?|clients?|members?|"
           r"employees?|staff)\b"),
    Signal("it speaks of something kept in documents", 0.4, r"\b(?:polic(?:y|ies)|document\w*|manual|handbook|"
           r"guides?|contract|warranty|refund\w*|deposit|price\w*|costs?|fees?|deadline|error|version|release\w*)\b"),
    Signal("it brings its own text to work on", -0.8, r"\b(?:translate|proofread|paraphrase|rephrase|summari[sz]e|"
           r"correct (?:the|this|my)|rewrite|shorten (?:the|this|my)|put (?:the|these) words)\b|\bsynonyms?\b"),
    Signal("it is about general knowledge or small talk", -0.8, r"^\W*(?:hi|hello|hey|thanks|thank you|good (?:morning|"
           r"evening))\b[^?]{0,40}$|\b(?:poem|joke|haiku|capital of|square root|prime number|python|javascript|"
           r"regular expression|in general|generally speaking)\b"),
    Signal("it is arithmetic", -0.8, r"^(?:what is |calculate |compute )?(?=[^a-z]*$).*?\d ?[-+*/^] ?\d|"
           r"\bper ?cent of \d"),
)  # fmt: skip
_SPECIALISED = (
    Signal("it asks for a message in the house's voice", 0.7, r"\b(?:write|draft|compose|prepare|phrase|formulate)\b"
           r".{0,40}\b(?:reply|response|answer|e-?mail|message|letter|note|notice|post|text)\b"),
    Signal("it asks to answer somebody", 0.7, r"\b(?:reply|respond|answer|apologi[sz]e|explain|write|tell|message)\b"
           r" (?:to )?(?:an?|the|this|our|my) (?:\w+ ){0,2}?(?:customers?|clients?|members?|users?|guests?|partners?|"
           r"patients?|complaints?|enquir(?:y|ies)|inquir(?:y|ies)|tickets?)\b"),
    Signal("it asks for a learnt style", 0.7, r"\b(?:in|with|use|match) (?:our|the house|the usual) (?:\w+ )?(?:style|"
           r"tone|voice|format|wording)\b"),
    Signal("it asks for a label", 0.7, r"\b(?:classify|categori[sz]e|triage|prioriti[sz]e|label)\b"),
)  # fmt: skip


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    """Compiled when `auto` is first asked for: the explicit modes start without."""
    return re.compile(pattern, re.IGNORECASE)


def _matching(signals: Sequence[Signal], question: str) -> list[Signal]:
    return [signal for signal in signals if _compiled(signal.pattern).search(question)]


def _combine(prior: float, signals: Sequence[Signal]) -> Score:
    """Every reason for yes closes part of the gap to 1, then every reason for no takes its part away."""
    gap, kept = 1.0 - prior, 1.0
    for signal in signals:
        if signal.weight > 0:
            gap *= 1.0 - signal.weight
        else:
            kept *= 1.0 + signal.weight
    because = "; ".join(signal.reason for signal in signals) or "nothing speaks for it"
    return Score(round((1.0 - gap) * kept, 4), because)
