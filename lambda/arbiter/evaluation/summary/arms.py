"""One arm of an evaluation run in numbers: quality, latency, tokens, cost, citations, failures."""

import json
from collections.abc import Mapping
from typing import Any, TypedDict

from arbiter.evaluation.numbers.comparison import Bounds

SCORED = 0.8
"""Share of the questions that an arm needs a score of to be held against others by its mean."""


class Quality(TypedDict):
    """The scores of an arm, of 10, over the cases that every judge gave a verdict on."""

    n: int
    mean: float
    median: float
    interval: Bounds | None
    bands: dict[str, float]
    """The share of the scores in each band of the scale."""
    criteria: dict[str, float | None]


class Spread(TypedDict):
    """Milliseconds of one step of the answers."""

    mean: float
    median: float
    p95: float


class Latencies(TypedDict):
    """The steps of the answers that somebody waited for; `None` where there are none."""

    retrieve: Spread | None
    generate: Spread | None
    total: Spread | None
    per_output_token: Spread | None


class Tokens(TypedDict):
    """Tokens of all answers of an arm, and of one."""

    input: int
    output: int
    mean_input: float | None
    mean_output: float | None


class ArmCost(TypedDict):
    """US dollars; `None` as soon as one price is unknown."""

    total_usd: float | None
    """Of the answers, and of every attempt that failed."""
    per_answer_usd: float | None
    per_1000_usd: float | None


class Citations(TypedDict):
    """Answers to cases with a document, and those of them that cite it."""

    citable: int
    cited: int
    share: float | None


class ArmSummary(TypedDict):
    """One arm in numbers."""

    name: str
    mode: str
    model: str | None
    base_model: str | None
    """The foundation model that answered, or that the tuned model was made from; `None`: not known."""
    tuned_run: str | None
    """The training run of the tuned model that answered."""
    prompting: str | None
    retrieval: Mapping[str, Any] | None
    knowledge_base: str | None
    """The name of the further one that it searched; `None`: the deployment's own."""
    cases: int
    answered: int
    """Answers that say something."""
    abstained: int
    """Answers that say they do not know."""
    failed: dict[str, int]
    """Answers that failed, by code."""
    reasons: dict[str, str]
    """The first message of each."""
    missing: int
    unjudged: int
    degraded: int
    throttles: int
    failed_usd: float | None
    """The part of the cost that attempts took which failed: it is in no answer's."""
    unsettled: int | None
    """Calls of a model that told no tokens and may have been billed; `None`: what failed was not recorded."""
    leaked: int | None
    in_batch: int
    quality: Quality | None
    latency_ms: Latencies
    tokens: Tokens
    cost: ArmCost
    citations: Citations
    score_given_length: float | None
    priced_as: str | None
    """The name that its price stands under."""


def received(arm: ArmSummary) -> int:
    """Answers that came, whether they say something or that they do not know."""
    return arm["answered"] + arm["abstained"]


def sparse(arm: ArmSummary) -> bool:
    """Whether an arm lacks the score of so many questions that its mean is not that of the others."""
    return arm["quality"] is None or arm["quality"]["n"] < SCORED * arm["cases"]


def technique_of(arm: ArmSummary) -> tuple[str, str, str, str]:
    """An arm apart from the models that answered in it."""
    retrieval = {name: value for name, value in (arm["retrieval"] or {}).items() if value is not None}
    options = json.dumps(retrieval, sort_keys=True)
    return arm["mode"], arm["prompting"] or "zero_shot", options, arm["knowledge_base"] or ""
