"""The function that puts tuned models into service: the only one whose role may."""

from aws_cdk import Duration
from constructs import Construct

from arbiter.settings.tuning import PublishSettings
from stacks.constructs.base.bucket import Bucket
from stacks.constructs.base.function import Function
from stacks.constructs.base.pointer import TunedModelPointer
from stacks.constructs.training.retirement import own

RECORDS = "promotions/"


class Publication(Function):
    """Promotes and rolls back, and writes down each move."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        results: Bucket,
        pointer: TunedModelPointer,
        log_retention_days: int,
    ) -> None:
        super().__init__(
            scope,
            construct_id,
            module="publish",
            description="Puts the nominated model into service, and takes it out again",
            settings=PublishSettings(
                candidate_parameter=pointer.candidate.parameter_name,
                in_service_parameter=pointer.in_service.parameter_name,
                results_bucket=results.name,
            ),
            timeout=Duration.minutes(1),
            log_retention_days=log_retention_days,
        )
        pointer.grant_publish(self.role)
        results.grant_write(self.role, prefix=RECORDS)
        # A model that nothing hosts, or whose time there is over, is not put into service.
        self.allow(["bedrock:GetCustomModelDeployment"], [own(self, "custom-model-deployment")])
        self.allow(
            ["bedrock:GetProvisionedModelThroughput", "bedrock:ListTagsForResource"], [own(self, "provisioned-model")]
        )
