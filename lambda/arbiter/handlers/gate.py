"""The function that decides whether a candidate model is published: on its evaluation, against the set limits."""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from arbiter.aws.objects import Objects
from arbiter.evaluation.summary.gate import Limits, decide
from arbiter.log import entry
from arbiter.settings.tuning import GateSettings


def handler(event: Mapping[str, Any], context: object) -> dict[str, Any]:
    """Judge one candidate: `{"evaluation": "<run>-gate", "run": "<run>"}`; returns the decision with every condition.

    Raises:
        NotComparable: the evaluation is not one of a candidate against one other arm.
        ObjectMissingError: the evaluation has no summary.
    """
    return _gate().judge(str(event["evaluation"]), str(event["run"]))


@cache
def _gate() -> "Gate":
    settings = GateSettings.from_environment(os.environ)
    limits = Limits(
        margin=settings.margin,
        minimum_cases=settings.minimum_cases,
        max_latency_ratio=settings.max_latency_ratio,
        max_cost_ratio=settings.max_cost_ratio,
        max_failure_rate=settings.max_failure_rate,
    )
    return Gate(Objects.connect(settings.results_bucket), limits)


@dataclass(frozen=True)
class Gate:
    """Reads the summary of an evaluation, and keeps the decision beside it."""

    objects: Objects
    limits: Limits

    def judge(self, evaluation: str, run: str) -> dict[str, Any]:
        """The decision on a training run's model, as `gate.json` keeps it."""
        summary = json.loads(self.objects.read(f"evaluations/{evaluation}/summary.json"))
        decision = decide(summary, self.limits).dump()
        kept = json.dumps({"evaluation": evaluation, "run": run, **decision}, indent=2).encode()
        self.objects.write(f"evaluations/{evaluation}/gate.json", kept, content_type="application/json")
        failed = [condition["name"] for condition in decision["conditions"] if not condition["passed"]]
        print(entry("candidate judged", run=run, publish=decision["publish"], failed=failed))
        return decision
