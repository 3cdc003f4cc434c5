"""The bill of each technique as a straight line: what a month costs without a request, and what a request adds."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from arbiter.costs.amount import NOTHING, Amount, total
from arbiter.costs.technique import TechniqueCost, Use

HOURS_OF_MONTH = 730
SYNCS_A_MONTH = {"never": 0.0, "yearly": 1 / 12, "monthly": 1.0, "weekly": 52 / 12, "daily": 365 / 12}
"""How often all documents are embedded anew, at the most: a sync embeds what changed."""


class Figures(NamedTuple):
    """The prices that a bill is made of: each of one token, month or hour."""

    input: Amount
    output: Amount
    tuned_input: Amount
    tuned_output: Amount
    training: Amount
    storage_month: Amount
    hosting_hour: Amount
    embedding: Amount
    """Of a question."""
    search: Amount
    """Of one query to the vectors."""
    teacher_output: Amount
    running: Amount = NOTHING
    """Of one request: the router's call, run time and log."""
    resident: Amount = NOTHING
    """A month of Arbiter itself: alarms, dashboard, queue, key, and the metrics of the mode that answers."""
    stored_month: Amount = NOTHING
    """A month of one token of the documents, in S3 and among the vectors."""
    indexed: Amount = NOTHING
    """One token of the documents brought in: embedded, with its overlap, and written."""
    read: Amount = NOTHING
    """The vectors of one token of the documents, read by one query."""


class Tokens(NamedTuple):
    """Tokens of one request and its answer."""

    input: float
    output: float


@dataclass(frozen=True, kw_only=True)
class Volumes:
    """Everything that is counted: by the owner, by a run, or by an assumption that is stated."""

    requests: float
    input_tokens: float
    output_tokens: float
    passage_tokens: float = 1_500
    corpus_tokens: float = 0
    syncs: float = 0
    examples: float = 100
    """Trained on; where there are none yet, the hundred from which tuning begins."""
    example_tokens: float = 0
    """Of one example; none: as long as a request with its answer."""
    epochs: float = 2
    life_months: float = 6
    """Months that a tuned model is used before it is trained anew."""
    calls: float = 4
    """Calls to a model for one request, where several parts work on it."""
    measured: Mapping[str, Tokens] = field(default_factory=dict)
    """By technique, as a run counted them."""

    def tokens(self, technique: str) -> Tokens:
        """The tokens of a request: as measured, else the owner's, with the passages where they are retrieved.

        A distilled model answers as a tuned one does.
        """
        technique = technique.replace("distilled_rag", "combined").replace("distilled", "fine_tuned")
        if technique in self.measured:
            return self.measured[technique]
        passages = self.passage_tokens if _SINGLE[technique][1] else 0
        return Tokens(self.input_tokens + passages, self.output_tokens)

    @property
    def use(self) -> Use:
        return Use(
            requests=self.requests,
            syncs=self.syncs,
            trainings=1 / self.life_months,
            hosted_hours=HOURS_OF_MONTH,
        )


_SINGLE = {
    "base": ("base", False, "prompting alone"),
    "rag": ("base", True, "retrieval"),
    "fine_tuned": ("tuned", False, "a tuned model"),
    "combined": ("tuned", True, "a tuned model with retrieval"),
    "distilled": ("distilled", False, "a distilled model"),
    "distilled_rag": ("distilled", True, "a distilled model with retrieval"),
    "own_model": ("own", False, "a model of your own"),
    "own_model_rag": ("own", True, "a model of your own with retrieval"),
}
"""The model that answers, whether passages are retrieved, and the name in words; the first four are measured."""
HOSTED, ORCHESTRATED = "hosted", "orchestrated_"
_OF_PARTS = {(model, retrieval): technique for technique, (model, retrieval, _) in _SINGLE.items()}
NAMES = {
    **{technique: words for technique, (_, _, words) in _SINGLE.items()},
    HOSTED: "a tuned model hosted by the hour",
    **{ORCHESTRATED + technique: f"orchestration of {words}" for technique, (_, _, words) in _SINGLE.items()},
    ORCHESTRATED + "base": "orchestration",
    ORCHESTRATED + "rag": "orchestration with retrieval",
}
"""Every technique that has a bill."""


def bills(volumes: Volumes, figures: Figures) -> dict[str, TechniqueCost]:
    """The parts of each technique's cost; a price that is not known makes them a lower bound that names it."""
    return {technique: bill(technique, volumes, figures) for technique in NAMES}


def bill(technique: str, volumes: Volumes, figures: Figures) -> TechniqueCost:
    """The parts of one technique's cost."""
    if technique == HOSTED:
        tuned = _bill("fine_tuned", volumes, figures)
        return replace(tuned, request=figures.running, hosting_hour=figures.hosting_hour)
    calls = volumes.calls if technique.startswith(ORCHESTRATED) else 1
    return _bill(technique.removeprefix(ORCHESTRATED), volumes, figures, calls)


def _bill(technique: str, volumes: Volumes, figures: Figures, calls: float = 1) -> TechniqueCost:
    """The bill of a technique in which one request takes so many calls to a model."""
    model, retrieval, _ = _SINGLE[technique]
    request = (_answer(technique, model, volumes, figures) + figures.running).times(calls)
    idle, sync = figures.resident, NOTHING
    if model == "own":
        idle += Amount.of_unknown("training and hosting of a model of your own")
    if retrieval:
        tokens = volumes.corpus_tokens
        request += figures.embedding.times(volumes.input_tokens) + figures.search + figures.read.times(tokens)
        idle += figures.stored_month.times(tokens)
        sync = figures.indexed.times(tokens)
    if model not in ("tuned", "distilled"):
        return TechniqueCost(idle_month=idle, request=request, sync=sync)
    examples = volumes.examples * (volumes.example_tokens or volumes.input_tokens + volumes.output_tokens)
    training = figures.training.times(examples * volumes.epochs)
    if model == "distilled":
        training += figures.teacher_output.times(volumes.examples * volumes.output_tokens)
    return TechniqueCost(
        idle_month=idle, request=request, sync=sync, training=training, storage_month=figures.storage_month
    )


def _answer(technique: str, model: str, volumes: Volumes, figures: Figures) -> Amount:
    """The tokens of one call; a model of one's own is paid by its hosting."""
    if model == "own":
        return NOTHING
    used = volumes.tokens(technique)
    tuned = model != "base"
    prices = (figures.tuned_input, figures.tuned_output) if tuned else (figures.input, figures.output)
    return total((prices[0].times(used.input), prices[1].times(used.output)))


def bill_of(layers: frozenset[str], *, own: bool = False) -> str:
    """The technique whose bill is that of some layers together; `own`: its custom model is not distilled."""
    model = "tuned" if "fine_tuning" in layers else "base"
    if "custom_model" in layers:
        model = "own" if own else "distilled"
    technique = _OF_PARTS[model, "retrieval" in layers]
    return ORCHESTRATED + technique if "orchestration" in layers else technique
