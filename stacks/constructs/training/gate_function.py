"""The function that decides whether a candidate model is published; it publishes nothing itself."""

from aws_cdk import Duration
from constructs import Construct

from arbiter.settings.tuning import GateSettings
from stacks.constructs.base.bucket import Bucket
from stacks.constructs.base.function import Function
from stacks.settings.evaluation import Gate as Rules

SUMMARIES = "evaluations/*/summary.json"
PLANS = "evaluations/*/run.json"
DECISIONS = "evaluations/*/gate.json"


class Gate(Function):
    """Reads plan and summary of a gate's evaluation, and keeps the decision beside them."""

    def __init__(
        self, scope: Construct, construct_id: str, *, results: Bucket, rules: Rules, log_retention_days: int
    ) -> None:
        super().__init__(
            scope,
            construct_id,
            module="gate",
            description="Decides whether a candidate model is published",
            settings=GateSettings(
                results_bucket=results.name,
                margin=rules.margin,
                minimum_cases=rules.minimum_cases,
                max_latency_ratio=rules.max_latency_ratio,
                max_cost_ratio=rules.max_cost_ratio,
                max_failure_rate=rules.max_failure_rate,
            ),
            timeout=Duration.minutes(1),
            log_retention_days=log_retention_days,
        )
        for read in (SUMMARIES, PLANS):
            results.grant_read(self.role, prefix=read)
        results.grant_write(self.role, prefix=DECISIONS)
