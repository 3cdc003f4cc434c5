"""The facts that the plan of a run is made from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from arbiter.answering.request import Features
from arbiter.evaluation.planning.answering import Sizes
from arbiter.evaluation.run.plan import Plan


@dataclass(frozen=True, kw_only=True)
class Facts:
    """The facts that a plan is made from: the deployment's settings, and the run's earlier start."""

    base_model: str
    knowledge_base: str
    """The id of the deployment's own."""
    models: Sequence[str]
    """Further models that may answer."""
    judges: Sequence[str]
    tuned_base_model: str | None
    """`None` where nothing is tuned."""
    features: Features
    prices: Mapping[str, Any]
    prices_as_of: str
    max_cost_usd: float | None
    sizes: Sizes
    started_at: str
    start: str
    """A token that tells this start of the run from every other."""
    earlier: Plan | None
    local: bool = False
    """Whether stand-ins answer and judge."""
    native_jobs: bool = False
    """Whether the deployment has Bedrock's own evaluation jobs."""
    batch_answers: bool = False
    """Whether the deployment has batch inference for answers."""
    knowledge_bases: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """Further ones that may be searched, as the settings of the function that answers have them."""
