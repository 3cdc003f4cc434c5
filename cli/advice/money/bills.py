"""The bill of each technique as a straight line: what a month costs without a request, and what a request adds."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from arbiter.costs.amount import Amount, total
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
    search: Amount
    """Of one query to the vectors."""
    teacher_output: Amount


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
        """The tokens of a request: as measured, else the owner's, with the passages where they are retrieved."""
        if technique in self.measured:
            return self.measured[technique]
        passages = self.passage_tokens if technique in ("rag", "combined") else 0
        return Tokens(self.input_tokens + passages, self.output_tokens)

    @property
    def use(self) -> Use:
        return Use(
            requests=self.requests,
            syncs=self.syncs,
            trainings=1 / self.life_months,
            hosted_hours=HOURS_OF_MONTH,
        )


NAMES = {
    "base": "prompting alone",
    "rag": "retrieval",
    "fine_tuned": "a tuned model",
    "combined": "a tuned model with retrieval",
    "hosted": "a tuned model hosted by the hour",
    "distilled": "a distilled model",
    "orchestrated": "orchestration with retrieval",
    "orchestrated_tuned": "orchestration of tuned models with retrieval",
}
"""Every technique that has a bill; the first four are what Arbiter answers in and measures."""


def bills(volumes: Volumes, figures: Figures) -> dict[str, TechniqueCost]:
    """The parts of each technique's cost; a price that is not known makes them a lower bound that names it."""
    examples = volumes.examples * (volumes.example_tokens or volumes.input_tokens + volumes.output_tokens)
    training = figures.training.times(examples * volumes.epochs)
    sync = figures.embedding.times(volumes.corpus_tokens)
    question = figures.embedding.times(volumes.input_tokens) + figures.search

    def answer(technique: str, *, tuned: bool) -> Amount:
        used = volumes.tokens(technique)
        prices = (figures.tuned_input, figures.tuned_output) if tuned else (figures.input, figures.output)
        return total((prices[0].times(used.input), prices[1].times(used.output)))

    tuned = {"training": training, "storage_month": figures.storage_month}
    taught = figures.teacher_output.times(volumes.examples * volumes.output_tokens)
    return {
        "base": TechniqueCost(request=answer("base", tuned=False)),
        "rag": TechniqueCost(request=answer("rag", tuned=False) + question, sync=sync),
        "fine_tuned": TechniqueCost(request=answer("fine_tuned", tuned=True), **tuned),
        "combined": TechniqueCost(request=answer("combined", tuned=True) + question, sync=sync, **tuned),
        "hosted": TechniqueCost(hosting_hour=figures.hosting_hour, **tuned),
        "distilled": TechniqueCost(
            request=answer("fine_tuned", tuned=True),
            training=training + taught,
            storage_month=figures.storage_month,
        ),
        "orchestrated": TechniqueCost(request=answer("rag", tuned=False).times(volumes.calls) + question, sync=sync),
        "orchestrated_tuned": TechniqueCost(
            request=answer("combined", tuned=True).times(volumes.calls) + question, sync=sync, **tuned
        ),
    }


def bill_of(approaches: frozenset[str]) -> str:
    """The technique whose bill is that of some approaches together."""
    retrieval, tuning = "retrieval" in approaches, "fine_tuning" in approaches
    if "orchestration" in approaches:
        return "orchestrated_tuned" if tuning else "orchestrated"
    return {(True, True): "combined", (True, False): "rag", (False, True): "fine_tuned", (False, False): "base"}[
        retrieval, tuning
    ]
