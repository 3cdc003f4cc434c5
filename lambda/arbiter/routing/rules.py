"""Rules for a request that know nothing of the documents: what `auto` goes by where there is no profile of them."""

import re
from collections.abc import Sequence
from functools import cache
from typing import NamedTuple


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


_FILTERED = Signal("the request filters the documents", 0.95)


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    """Compiled when `auto` is first asked for: the explicit modes start without."""
    return re.compile(pattern, re.IGNORECASE)


def grounded(question: str, conversation: str, *, filtered: bool) -> tuple[float, str]:
    """How strongly, from 0 to 1, a question calls for the documents, and the reasons.

    Args:
        conversation: the question with the messages it leans on, which tell where it gives no reason itself.
        filtered: whether the request filters the documents.
    """
    signals = _matching(_GROUNDED, question) or _matching(_GROUNDED, conversation)
    return _combine(0.35, [*signals, _FILTERED] if filtered else signals)


def specialised(question: str) -> tuple[float, str]:
    """How strongly, from 0 to 1, a question calls for the tuned behaviour, and the reasons."""
    return _combine(0.15, _matching(_SPECIALISED, question))


def _matching(signals: Sequence[Signal], question: str) -> list[Signal]:
    return [signal for signal in signals if _compiled(signal.pattern).search(question)]


def _combine(prior: float, signals: Sequence[Signal]) -> tuple[float, str]:
    """Every reason for yes closes part of the gap to 1, then every reason for no takes its part away."""
    gap, kept = 1.0 - prior, 1.0
    for signal in signals:
        if signal.weight > 0:
            gap *= 1.0 - signal.weight
        else:
            kept *= 1.0 + signal.weight
    because = "; ".join(signal.reason for signal in signals) or "nothing speaks for it"
    return round((1.0 - gap) * kept, 4), because
