"""The functions that put tuned models into service: one for people, one for the gate; no other role may."""

from aws_cdk import Duration
from constructs import Construct

from arbiter.settings.tuning import PublishSettings
from stacks.constructs.base.bucket import Bucket
from stacks.constructs.base.function import Function
from stacks.constructs.base.pointer import TunedModelPointer
from stacks.constructs.training.retirement import own

RECORDS = "promotions/"
DECISIONS = "evaluations/*/gate.json"


class Publication(Function):
    """Promotes and rolls back, and writes down each move; gated, it promotes what the gate's record lets through."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        results: Bucket,
        pointer: TunedModelPointer,
        log_retention_days: int,
        gated: bool = False,
    ) -> None:
        super().__init__(
            scope,
            construct_id,
            module="publish",
            description=(
                "Puts a model into service that the gate let through"
                if gated
                else "Puts the nominated model into service, and takes it out again"
            ),
            settings=PublishSettings(
                candidate_parameter=pointer.candidate.parameter_name,
                in_service_parameter=pointer.in_service.parameter_name,
                results_bucket=results.name,
                gated=gated or None,
            ),
            timeout=Duration.minutes(1),
            log_retention_days=log_retention_days,
        )
        pointer.grant_publish(self.role)
        results.grant_write(self.role, prefix=RECORDS)
        if gated:
            results.grant_read(self.role, prefix=DECISIONS)
        # A model that nothing hosts, or whose time there is over, is not put into service.
        self.allow(["bedrock:GetCustomModelDeployment"], [own(self, "custom-model-deployment")])
        self.allow(
            ["bedrock:GetProvisionedModelThroughput", "bedrock:ListTagsForResource"], [own(self, "provisioned-model")]
        )
