"""How each way to retrieve does: right sources among the first passages, tokens, and what of it is more than chance."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from math import ceil, log2
from statistics import fmean
from typing import Any, TypedDict

from arbiter.answering.retrieval import RERANKED_FROM
from arbiter.answering.searching.fusion import fused
from arbiter.evaluation.numbers.clusters import Documents, evidence
from arbiter.evaluation.numbers.significance import SIGNIFICANCE, holm, sign_flip_p
from arbiter.evaluation.numbers.statistics import Interval, deviation, share_interval
from cli.retrieval.arms import Arm


class Found(TypedDict):
    """The passages of one question: by meaning, by words, and the words that each shares with it."""

    meaning: list[int]
    words: list[int]
    scores: Mapping[str, float]


@dataclass(frozen=True, kw_only=True)
class Measured:
    """One way to cut, searched with every question."""

    passages: Sequence[tuple[str, int]]
    """Document and tokens of each."""
    questions: Sequence[Found]


@dataclass(frozen=True, kw_only=True)
class ArmOutcome:
    """One arm's figures."""

    arm: Arm
    found: int
    asked: int
    interval: Interval
    """95 % (Wilson), of the share of questions whose document is among the passages."""
    tokens: float
    """Mean of a question's passages."""
    hits: tuple[bool, ...]
    """Of each question."""
    p: float | None = None
    """The p-value of the difference to the current arm, adjusted for all arms (Holm); `None` for that arm itself."""

    @property
    def share(self) -> float:
        return self.found / self.asked

    def dump(self) -> dict[str, Any]:
        figures = {name: value for name, value in asdict(self).items() if name not in ("arm", "hits")}
        return {**asdict(self.arm), **figures, "share": self.share, "settings": self.arm.settings()}


@dataclass(frozen=True, kw_only=True)
class Advice:
    """The arm to change to, if a change is shown to pay."""

    better: ArmOutcome | None
    """Finds more than the current arm, by more than chance."""
    cheaper: ArmOutcome | None
    """Finds no fewer than the current arm, with the fewest tokens."""


def outcome(arm: Arm, measured: Measured, documents: Sequence[str]) -> ArmOutcome:
    """The figures of one arm, for questions whose documents are known."""
    rankings = [ranking(arm, found) for found in measured.questions]
    hits = tuple(
        document in {measured.passages[number][0] for number in ranked}
        for ranked, document in zip(rankings, documents, strict=True)
    )
    return ArmOutcome(
        arm=arm,
        found=sum(hits),
        asked=len(hits),
        interval=_interval(hits, dict(enumerate(documents))),
        tokens=fmean(sum(measured.passages[number][1] for number in ranked) for ranked in rankings),
        hits=hits,
    )


def _interval(hits: Sequence[bool], documents: Documents) -> Interval:
    """Of the share of hits, by as many questions as vary like these with their documents (Kish 1965, section 8.2)."""
    single = [float(hit) for hit in hits]
    values, _, clusters = evidence(dict(enumerate(single)), documents)
    asked = clusters * (deviation(single) / deviation(values)) ** 2 if clusters else len(hits)
    return share_interval(fmean(single) * asked, asked)


def ranking(arm: Arm, found: Found) -> list[int]:
    """The passages that an arm gives for a question, best first."""
    ranked = found["meaning"] if arm.search == "semantic" else fused([found["meaning"], found["words"]])
    if arm.rerank:
        read = ranked[: arm.results * RERANKED_FROM]
        ranked = sorted(read, key=lambda number: -found["scores"].get(str(number), 0.0))
    return ranked[: arm.results]


def compared(outcomes: Sequence[ArmOutcome], current: Arm, documents: Sequence[str]) -> list[ArmOutcome]:
    """The outcomes with the p-values of their differences to the current arm's, which is among them.

    `documents`: the one of each question; questions about one are counted together.
    """
    own = next(one for one in outcomes if one.arm == current)
    about = dict(enumerate(documents))
    values = [None if one is own else sign_flip_p(evidence(_differences(one, own), about).sums) for one in outcomes]
    return [replace(one, p=p) for one, p in zip(outcomes, holm(values), strict=True)]


def advise(outcomes: Sequence[ArmOutcome], current: Arm) -> Advice:
    """The change that is shown to pay, and the arm that would do as well for fewer tokens."""
    own = next(one for one in outcomes if one.arm == current)
    shown = [one for one in outcomes if one.found > own.found and one.p is not None and one.p < SIGNIFICANCE]
    better = max(shown, key=lambda one: (one.found, -one.tokens), default=None)
    if not own.found:  # Nothing is no measure of what would do as well.
        return Advice(better=better, cheaper=None)
    frugal = min((one for one in outcomes if one.found >= own.found), key=lambda one: (one.tokens, -one.found))
    return Advice(better=better, cheaper=frugal if frugal.tokens < own.tokens else None)


def fewest_to_tell(arms: int) -> int:
    """The fewest questions that may tell one of so many arms from another: all lean one way, and Holm's first step."""
    return ceil(log2(2 * arms / SIGNIFICANCE))


def _differences(one: ArmOutcome, other: ArmOutcome) -> dict[int, float]:
    return {place: float(a) - float(b) for place, (a, b) in enumerate(zip(one.hits, other.hits, strict=True))}
