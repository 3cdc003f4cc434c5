"""The end of hosting by the hour: a function that looks every few minutes."""

from collections.abc import Mapping

from aws_cdk import Duration
from aws_cdk import aws_iam as iam
from aws_cdk import aws_scheduler as scheduler
from constructs import Construct

from arbiter.settings.tuning import ExpireHostingSettings
from stacks.constructs.base import trust
from stacks.constructs.base.function import Function
from stacks.constructs.base.pointer import TunedModelPointer
from stacks.constructs.training.retirement import allow_tagged, own

EVERY_MINUTES = 5


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
        self._schedule()

    def _schedule(self) -> None:
        # EventBridge Scheduler names the group, not the schedule, as the source: so does the CDK's own target.
        trusted = trust.service(self, "scheduler", resources="schedule-group/default")
        role = iam.Role(self, "ScheduleRole", assumed_by=trusted)
        role.add_to_principal_policy(
            iam.PolicyStatement(actions=["lambda:InvokeFunction"], resources=[self.function.function_arn])
        )
        scheduler.CfnSchedule(
            self,
            "Schedule",
            description="Looks for provisioned throughput whose time is over",
            schedule_expression=f"rate({EVERY_MINUTES} minutes)",
            flexible_time_window=scheduler.CfnSchedule.FlexibleTimeWindowProperty(mode="OFF"),
            target=scheduler.CfnSchedule.TargetProperty(
                arn=self.function.function_arn,
                role_arn=role.role_arn,
                input="{}",
                # The next look comes in five minutes: an old one is worth nothing.
                retry_policy=scheduler.CfnSchedule.RetryPolicyProperty(
                    maximum_event_age_in_seconds=60 * EVERY_MINUTES, maximum_retry_attempts=2
                ),
            ),
        )
