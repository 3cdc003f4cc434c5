"""The end of hosting by the hour: a function that looks every few minutes."""

from collections.abc import Mapping

from aws_cdk import Duration
from constructs import Construct

from arbiter.costs.idle import LOOK_EVERY, LOOK_MINUTES
from arbiter.settings.tuning import ExpireHostingSettings
from stacks.constructs.base.function import Function
from stacks.constructs.base.pointer import TunedModelPointer
from stacks.constructs.training.retirement import allow_tagged, own


class HostingExpiry(Function):
    """Deletes this environment's provisioned throughput when its time is over."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        environment: str,
        pointer: TunedModelPointer,
        usd_per_unit_hour: Mapping[str, float],
        log_retention_days: int,
    ) -> None:
        super().__init__(
            scope,
            construct_id,
            module="expire_hosting",
            description="Deletes provisioned throughput when its time is over",
            settings=ExpireHostingSettings(
                environment=environment,
                in_service_parameter=pointer.in_service.parameter_name,
                usd_per_unit_hour=dict(usd_per_unit_hour),
            ),
            timeout=Duration.minutes(2),
            log_retention_days=log_retention_days,
        )
        pointer.grant_read_in_service(self.role)
        self.allow_unscoped(["bedrock:ListProvisionedModelThroughputs"])
        self.allow(["bedrock:ListTagsForResource"], [own(self, "provisioned-model")])
        allow_tagged(self, "bedrock:DeleteProvisionedModelThroughput", "provisioned-model", environment)
        # The next look comes in five minutes: an old one is worth nothing.
        about = "Looks for provisioned throughput whose time is over"
        self.run_on(LOOK_EVERY, about, retry_seconds=60 * LOOK_MINUTES)
