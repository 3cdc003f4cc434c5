"""The function that decides whether a candidate model is published: on its evaluation, against the set limits."""

import os
from collections.abc import Mapping
from functools import cache

from arbiter.aws.objects import Objects
from arbiter.evaluation.summary.gate import Limits
from arbiter.evaluation.summary.gatekeeper import Gate
from arbiter.settings.tuning import GateSettings
from arbiter.tuned_models.training.decision import Decision


def handler(event: Mapping[str, str], context: object) -> Decision:
    """Judge one candidate: `{"evaluation": "<run>-gate", "run": "<run>"}`; returns the decision with every condition.

    Raises:
        NotComparable: the evaluation is not one of a candidate against one other arm.
        ObjectMissingError: the evaluation has no summary.
    """
    return _gate().judge(event["evaluation"], event["run"])


@cache
def _gate() -> Gate:
    settings = GateSettings.from_environment(os.environ)
    limits = Limits(
        margin=settings.margin,
        minimum_cases=settings.minimum_cases,
        max_latency_ratio=settings.max_latency_ratio,
        max_cost_ratio=settings.max_cost_ratio,
        max_failure_rate=settings.max_failure_rate,
    )
    return Gate(Objects.connect(settings.results_bucket), limits)
