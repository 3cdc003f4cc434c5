"""The two questions of `auto` about one request: does it need the documents, does it need the tuned behaviour?"""

from collections.abc import Sequence
from itertools import chain
from math import log
from typing import Literal, NamedTuple

from arbiter.routing.asking import inquiry, offers_options
from arbiter.routing.conversation import leaning, subject
from arbiter.routing.demand import Demand, demanded, marks
from arbiter.routing.grounding import Evidence, grounded_evidence
from arbiter.routing.knowledge import Bounds, KnowledgeProfile
from arbiter.routing.language import language_of
from arbiter.routing.tuned import TunedProfile
from arbiter.routing.words import Sentence, sentences

Outcome = Literal["yes", "no", "unsure"]
LEAST = 1e-4
"""Scores are rounded to four places: the odds of one beyond its first or last step cannot be told."""


class Finding(NamedTuple):
    """One of the two questions, scored, answered and explained."""

    outcome: Outcome
    """`unsure`: only a look into the documents tells; never with `prefer: latency`, never for the tuned behaviour."""
    score: float
    threshold: float
    """The score from which the answer is yes."""
    unsure_from: float
    """The score from which it is unsure; the threshold, where there is no doubt."""
    because: str
    """Counts and sentence numbers, never words of the request."""
    sure_from: float = 0.0
    """The score up to which a look that costs nothing, into files, is worth it although the answer is yes."""

    @property
    def margin(self) -> float:
        """How far the score lies above the threshold, both as logarithms of their odds."""
        return _odds(self.score) - _odds(self.threshold)


class Assessment(NamedTuple):
    """Both questions about a request."""

    grounded: Finding
    specialised: Finding
    language: str
    """Of the request, or of the message that it leans on, as the function words tell."""
    leaned: int
    """Earlier messages of the user that were read with the question."""


def assess(
    question: str,
    earlier: Sequence[str],
    knowledge: KnowledgeProfile,
    tuned: TunedProfile | None = None,
    prefer: str = "quality",
) -> Assessment:
    """Answer both questions about a request.

    Args:
        earlier: the user's earlier messages, the last one last.
        tuned: the profile of the model in service, when it has one.
    """
    parts = sentences(question)
    about = subject(question, parts)
    turns = leaning(parts, earlier, knowledge.terms)
    language = language_of(chain.from_iterable([part.words for part in turns or parts]), knowledge.languages[0])
    asking = max(inquiry(parts), inquiry(turns)) if turns else inquiry(parts)
    evidence = grounded_evidence(_with(about, turns), knowledge, language, asking)
    if turns:  # What leans on a question to the documents is one, however it is asked.
        evidence = max(evidence, grounded_evidence(turns, knowledge, language, asking))
    bounds = knowledge.bounds.get(language, knowledge.bounds["en"])
    grounded = judge_grounded(evidence, bounds, prefer, leaned=bool(turns))
    if language == "other" and grounded.outcome == "no" and prefer != "latency":
        because = f"{grounded.because}; its language is not one whose words are known here"
        grounded = grounded._replace(outcome="unsure", unsure_from=0.0, because=because)
    if grounded.outcome == "unsure" and offers_options(parts):
        because = f"{grounded.because}; an exam question is not looked for"
        grounded = grounded._replace(outcome="no", because=because)
    return Assessment(grounded, judge_specialised(parts, tuned, prefer), language, len(turns))


def judge_grounded(evidence: Evidence, bounds: Bounds, prefer: str = "quality", *, leaned: bool = False) -> Finding:
    """Answer the first question: yes from the knowledge base's own bound upwards, unsure from a lower one.

    Args:
        leaned: whether the evidence is that of the question together with earlier messages.
    """
    threshold = bounds.grounded[prefer]
    unsure_from = threshold if prefer == "latency" else min(bounds.unsure, threshold)
    sure_from = threshold if prefer == "latency" else bounds.sure
    # What has no word in common with the documents is not surely about them, however low the bounds of few lie.
    most = 1.0 if evidence.known or evidence.touched else threshold
    score = min(round(evidence.score, 4), most)
    outcome: Outcome = "yes" if score > threshold else "unsure" if score > unsure_from else "no"
    return Finding(outcome, score, threshold, unsure_from, _grounds(evidence, leaned), sure_from)


def judge_specialised(parts: Sequence[Sentence], tuned: TunedProfile | None, prefer: str) -> Finding:
    """Answer the second question."""
    threshold = marks().thresholds[prefer]
    if tuned and tuned.everybody:
        return Finding("yes", 1.0, threshold, threshold, "the tuned model answers everybody")
    demand = demanded(parts, tuned.marks() if tuned else {})
    score = round(demand.score, 4)
    outcome: Outcome = "yes" if score > threshold else "no"
    return Finding(outcome, score, threshold, threshold, _demand(demand))


def _odds(score: float) -> float:
    """The natural logarithm of the odds."""
    kept = min(max(score, LEAST), 1 - LEAST)
    return log(kept / (1 - kept))


def _with(parts: Sequence[Sentence], turns: Sequence[Sentence]) -> list[Sentence]:
    """The sentences of a question, and the one that it makes with the turns it leans on."""
    if not turns:
        return list(parts)
    words = [word for sentence in (*turns, *parts) for word in sentence.words]
    return [*parts, *turns, Sentence(0, tuple(words))]


def _grounds(evidence: Evidence, leaned: bool) -> str:
    if not evidence.counted:
        return "it holds no word that could be looked up"
    where = f"sentence {evidence.sentence}" if evidence.sentence else "it"
    context = " with the messages it leans on" if leaned else ""
    like = f", and {evidence.touched} more mean what they speak of" if evidence.touched else ""
    return (
        f"{where}{context} has {evidence.known} of {evidence.counted} counted words in common with the documents, "
        f"{evidence.strong} of them rare elsewhere{like}"
    )


def _demand(demand: Demand) -> str:
    if not demand.marks:
        return "nothing in it demands a form, a voice or a style"
    marked = "1 mark" if demand.marks == 1 else f"{demand.marks} marks"
    return f"sentence {demand.sentence} has {marked} of a demand on form, voice or style"
