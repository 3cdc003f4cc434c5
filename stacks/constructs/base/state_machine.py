"""A pipeline: a Standard state machine with its own role, logged and traced in full."""

from collections.abc import Mapping
from typing import Any, cast

from aws_cdk import Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

from stacks.constructs.base import trust
from stacks.constructs.base.log_group import LogGroup

LOG_DELIVERY = (
    "CreateLogDelivery",
    "GetLogDelivery",
    "UpdateLogDelivery",
    "DeleteLogDelivery",
    "ListLogDeliveries",
    "PutResourcePolicy",
    "DescribeResourcePolicies",
    "DescribeLogGroups",
)
TRACING = ("PutTraceSegments", "PutTelemetryRecords", "GetSamplingRules", "GetSamplingTargets")


class StateMachine(Construct):
    """Runs one definition; what the role may do is granted where the definition is made."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        role: iam.Role,
        definition: Mapping[str, Any],
        log_retention_days: int,
    ) -> None:
        super().__init__(scope, construct_id)
        logs = LogGroup(self, "Logs", retention_days=log_retention_days)
        self.state_machine = sfn.StateMachine(
            self,
            "StateMachine",
            state_machine_type=sfn.StateMachineType.STANDARD,
            definition_body=sfn.DefinitionBody.from_string(Stack.of(self).to_json_string(dict(definition))),
            role=role,
        )
        self._observe(logs)
        self.state_machine.node.add_dependency(self._delivery(role))

    @property
    def arn(self) -> str:
        return self.state_machine.state_machine_arn

    def _observe(self, logs: LogGroup) -> None:
        # The L2's switches would put `*` into the role's own policy, among what is held to resources.
        machine = sfn.CfnStateMachine
        resource = cast("sfn.CfnStateMachine", self.state_machine.node.default_child)
        resource.tracing_configuration = machine.TracingConfigurationProperty(enabled=True)
        group = machine.CloudWatchLogsLogGroupProperty(log_group_arn=logs.log_group.log_group_arn)
        resource.logging_configuration = machine.LoggingConfigurationProperty(
            destinations=[machine.LogDestinationProperty(cloud_watch_logs_log_group=group)],
            level="ALL",
            # It holds questions and answers.
            include_execution_data=False,
        )

    def _delivery(self, role: iam.Role) -> iam.Policy:
        """Step Functions guide, *cw-logs* and *concepts-xray-tracing*: actions that know no resources."""
        actions = [*(f"logs:{action}" for action in LOG_DELIVERY), *(f"xray:{action}" for action in TRACING)]
        statement = iam.PolicyStatement(actions=actions, resources=["*"])
        return iam.Policy(self, "Delivery", roles=[role], statements=[statement])


def pipeline_role(scope: Construct, construct_id: str) -> iam.Role:
    """A role for one of this account's state machines."""
    return iam.Role(scope, construct_id, assumed_by=trust.service(scope, "states", resources="stateMachine:*"))


def allow_invoke(role: iam.Role, function_arn: str) -> None:
    """Let a pipeline call a function."""
    role.add_to_principal_policy(iam.PolicyStatement(actions=["lambda:InvokeFunction"], resources=[function_arn]))


def allow_map_runs(scope: Construct, role: iam.Role, pipeline: StateMachine) -> None:
    """A distributed map starts executions of its own state machine. A policy apart, for it names the machine."""
    machine, stack = pipeline.state_machine, Stack.of(scope)
    executions = f"arn:{stack.partition}:states:{stack.region}:{stack.account}:execution:{machine.state_machine_name}"
    policy = iam.Policy(scope, "MapRuns", roles=[role])
    policy.add_statements(
        iam.PolicyStatement(actions=["states:StartExecution"], resources=[machine.state_machine_arn]),
        iam.PolicyStatement(
            actions=["states:DescribeExecution", "states:StopExecution"], resources=[f"{executions}:*"]
        ),
    )
