"""`summary.json`: every part of an evaluation's summary, by the keys under which it is kept."""

from collections.abc import Mapping
from typing import Any, NotRequired, TypedDict, cast

from arbiter.evaluation.numbers.comparison import Bounds, Comparison
from arbiter.evaluation.summary.arms import ArmSummary
from arbiter.evaluation.summary.judges import JudgesAgreement, Preferences
from arbiter.evaluation.summary.native import NativeScores
from arbiter.evaluation.summary.routing import AutoSummary


class TagScores(TypedDict):
    """The scores of an arm on the cases of a tag."""

    n: int
    mean: float | None
    interval: Bounds | None


class TagSummary(TypedDict):
    """The cases of one tag."""

    tag: str
    cases: int
    arms: dict[str, TagScores]
    comparisons: list[Comparison]


class RunCost(TypedDict):
    """US dollars of the whole run; `None` as soon as one price is unknown."""

    answers_usd: float | None
    judging_usd: float | None
    total_usd: float | None
    estimate_usd: float | None


class Leakage(TypedDict):
    """Questions whose answer a model may have seen: by training run, and those that stand in a document."""

    training: dict[str, int]
    documents: int | None


class Summary(TypedDict):
    """The whole document."""

    run: str
    local: bool
    """Whether stand-ins answered and judged."""
    cases: int
    clusters: NotRequired[int]
    """The documents that they are about, and those about none; former versions did not count them."""
    judges: list[str]
    arms: list[ArmSummary]
    comparisons: list[Comparison]
    judges_agreement: JudgesAgreement
    pairwise: list[Preferences]
    tags: list[TagSummary]
    cost: RunCost
    leakage: Leakage
    native: NotRequired[list[NativeScores]]
    """Only of a run with such jobs."""
    auto: NotRequired[AutoSummary]
    """Only of a run that compares the choices of `auto`."""
    complete: bool
    caveats: list[str]
    """Sentences without which the conclusion is misread."""
    conclusion: list[str]
    doubts: list[str]
    """Every reason to be careful with the conclusion."""


def summary_key(run: str) -> str:
    return f"evaluations/{run}/summary.json"


def load(document: Mapping[str, Any]) -> Summary:
    """A summary that was read: what a former version did not write is empty, and `None` where that means unknown."""
    known = {name: part for name, part in document.items() if part is not None}
    # The first versions counted no leaks, had no batch inference, and kept no name of a price and no reasons.
    former: dict[str, Any] = {"leaked": None, "in_batch": 0, "priced_as": None, "reasons": {}}
    # Later ones named no model behind an arm, and counted answers that do not know among the answers.
    former |= {"base_model": None, "tuned_run": None, "retrieval": None, "knowledge_base": None, "abstained": 0}
    # Nor did they record what attempts cost that failed.
    former |= {"failed_usd": 0.0, "unsettled": None}
    missing = _missing()
    agreement = {**missing["judges_agreement"], **known.get("judges_agreement", {})}
    arms = [{**former, **arm} for arm in known.get("arms", ())]
    return cast("Summary", {**missing, **known, "judges_agreement": agreement, "arms": arms})


def _missing() -> dict[str, Any]:
    lists = {
        name: list[Any]() for name in ("judges", "arms", "comparisons", "pairwise", "tags", "caveats", "conclusion")
    }
    agreement: JudgesAgreement = {"pairs": [], "severity": [], "noise": [], "failures": {}, "reasons": {}}
    cost: RunCost = {"answers_usd": None, "judging_usd": None, "total_usd": None, "estimate_usd": None}
    leakage: Leakage = {"training": {}, "documents": None}
    # Former versions told the doubts among the conclusion.
    later = {"cost": cost, "leakage": leakage, "complete": True, "doubts": [], "local": False}
    return {"cases": 0, **lists, "judges_agreement": agreement, **later}
