"""A Lambda function of Arbiter: one handler module, its settings, its own role and its own log group."""

import json
import re
from collections.abc import Mapping, Sequence
from typing import cast

from aws_cdk import CfnResource, Duration, Reference, Stack, Tokenization
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_scheduler as scheduler
from constructs import Construct

from arbiter.settings import FunctionSettings
from stacks.constructs.base import trust
from stacks.constructs.base.log_group import LogGroup
from stacks.constructs.base.source import functions_code
from stacks.settings.problems import SettingsError

ENVIRONMENT_BYTES = 4_096
"""Of all variables as JSON: Lambda refuses to make a function with more (Lambda guide, quotas)."""
LONGEST_ANY = 255
LONGEST = {
    ("AWS::S3::Bucket", "Ref"): 63,  # S3 guide, bucket naming rules
    ("AWS::SQS::Queue", "Ref"): 138,  # its URL: a name of 80 (SQS guide, quotas) in the longest region and domain
    ("AWS::DynamoDB::Table", "Ref"): LONGEST_ANY,  # botocore, TableName
    ("AWS::SSM::Parameter", "Ref"): 100,  # unnamed: a logical id of ours and a suffix (CloudFormation guide, Ref)
    ("AWS::Bedrock::KnowledgeBase", "KnowledgeBaseId"): 10,  # botocore, Id
    ("AWS::Bedrock::DataSource", "DataSourceId"): 10,
    ("AWS::Bedrock::Guardrail", "GuardrailArn"): 131,  # botocore, GuardrailArn with a GuardrailId of 64
    ("AWS::Bedrock::GuardrailVersion", "Version"): 8,  # botocore, GuardrailNumericalVersion
    ("AWS::S3Vectors::VectorBucket", "VectorBucketArn"): 124,  # botocore, VectorBucketArn
    ("AWS::IAM::Role", "Arn"): 102,  # botocore, roleNameType
    ("AWS::Lambda::Function", "Arn"): 124,  # Lambda's API, FunctionName: 64
}
"""Characters of what is known when it is deployed, at most: ARNs in a partition of 10 and a region of 15 characters,
the longest that botocore knows. What is not listed is taken for as long as any of these."""
ADDED_LATER = 128
"""Bytes of what is put into an environment that is made."""
_TOKEN = re.compile(r"\$\{Token\[[^\]]+\]\}")


class Function(Construct):
    """One function; what it may do beyond logging and tracing is granted where it is used."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        module: str,
        description: str,
        settings: FunctionSettings | None = None,
        timeout: Duration,
        memory_mb: int = 256,
        log_retention_days: int,
        sends_to_itself: bool = False,
        layers: Sequence[lambda_.ILayerVersion] = (),
        handler: str | None = None,
    ) -> None:
        """`handler`: a script that is run in place of the module's function, by what a layer starts."""
        super().__init__(scope, construct_id)
        self.logs = LogGroup(self, "Logs", retention_days=log_retention_days)
        self.role = iam.Role(self, "Role", assumed_by=trust.service(self, "lambda"))
        self.logs.grant_write(self.role)
        code, environment = functions_code(), settings.to_environment() if settings else None
        require_room(description, environment or {})
        self.function = lambda_.Function(
            self,
            "Function",
            description=description,
            code=lambda_.Code.from_asset(str(code.folder), asset_hash=code.digest),
            handler=handler or f"arbiter.handlers.{module}.handler",
            runtime=lambda_.Runtime.PYTHON_3_13,
            architecture=lambda_.Architecture.ARM_64,
            environment=environment,
            timeout=timeout,
            memory_size=memory_mb,
            layers=list(layers) or None,
            role=self.role,
            log_group=self.logs.log_group,
            logging_format=lambda_.LoggingFormat.JSON,
            # By default Lambda ends a chain of about 16 invocations through a queue as an endless loop.
            recursive_loop=lambda_.RecursiveLoop.ALLOW if sends_to_itself else None,
        )
        self._trace()

    def allow_unscoped(self, actions: Sequence[str]) -> None:
        """Let the function call actions that know no resources: in a policy of their own, where `*` hides no others."""
        statement = iam.PolicyStatement(actions=list(actions), resources=["*"])
        self.function.node.add_dependency(iam.Policy(self, "Lists", roles=[self.role], statements=[statement]))

    def allow(
        self, actions: Sequence[str], resources: Sequence[str], conditions: trust.Conditions | None = None
    ) -> None:
        """Let the function call `actions` on `resources`."""
        self.role.add_to_principal_policy(
            iam.PolicyStatement(
                actions=list(actions), resources=list(resources), conditions=dict(conditions) if conditions else None
            )
        )

    def run_on(self, expression: str, description: str, *, retry_seconds: int | None = None) -> None:
        """Run the function on a schedule, as a role that can do nothing else.

        Args:
            retry_seconds: how old an event may be that is tried again, twice; by default as Scheduler has it.
        """
        # EventBridge Scheduler names the group, not the schedule, as the source: so does the CDK's own target.
        trusted = trust.service(self, "scheduler", resources="schedule-group/default")
        role = iam.Role(self, "ScheduleRole", assumed_by=trusted)
        invoke = iam.PolicyStatement(actions=["lambda:InvokeFunction"], resources=[self.function.function_arn])
        role.add_to_principal_policy(invoke)
        policy = scheduler.CfnSchedule.RetryPolicyProperty
        retry = policy(maximum_event_age_in_seconds=retry_seconds, maximum_retry_attempts=2) if retry_seconds else None
        schedule = scheduler.CfnSchedule(
            self,
            "Schedule",
            description=description,
            schedule_expression=expression,
            flexible_time_window=scheduler.CfnSchedule.FlexibleTimeWindowProperty(mode="OFF"),
            target=scheduler.CfnSchedule.TargetProperty(
                arn=self.function.function_arn, role_arn=role.role_arn, input="{}", retry_policy=retry
            ),
        )
        # A rate begins as soon as the schedule exists, and the policy is a resource of its own.
        schedule.node.add_dependency(role)

    def _trace(self) -> None:
        # The L2's switch would put `*` into the role's own policy, among what is held to resources.
        resource = cast("lambda_.CfnFunction", self.function.node.default_child)
        resource.tracing_config = lambda_.CfnFunction.TracingConfigProperty(mode="Active")
        # Lambda tries the role when it is told to trace.
        self.function.node.add_dependency(tracing(self.role))


def require_room(description: str, variables: Mapping[str, str]) -> None:
    """Refuse settings that Lambda would refuse in the middle of a deployment.

    Raises:
        SettingsError: naming the variable that takes the most.
    """
    resolved = {name: _TOKEN.sub("x" * LONGEST_ANY, value) for name, value in variables.items()}
    if _bytes(resolved) > ENVIRONMENT_BYTES:  # Each token by its kind takes milliseconds, so only where it matters.
        resolved = {name: _TOKEN.sub(_longest, value) for name, value in variables.items()}
    if (size := _bytes(resolved)) > ENVIRONMENT_BYTES:
        longest = max(resolved, key=lambda name: len(resolved[name]))
        raise SettingsError(
            f'cdk.json: the environment of the function "{description}" takes up to {size:,} bytes, {longest} the most'
            f" of them; Lambda allows {ENVIRONMENT_BYTES:,}. Name fewer models in evaluation, or less in edge.jwt"
        )


def _bytes(variables: Mapping[str, str]) -> int:
    return len(json.dumps(variables, separators=(",", ":")).encode()) + ADDED_LATER


def _longest(token: re.Match[str]) -> str:
    """The longest text that may stand in place of a token."""
    (token_value,) = Tokenization.reverse_string(token[0]).tokens
    if not isinstance(token_value, Reference):
        return "x" * LONGEST_ANY
    kind = cast("CfnResource", token_value.target).cfn_resource_type, token_value.display_name
    return "x" * LONGEST.get(kind, LONGEST_ANY)


def tracing(role: iam.Role) -> iam.Policy:
    """The one policy of a stack by which its functions are traced, with `role` among them."""
    stack = Stack.of(role)
    policy = cast("iam.Policy | None", stack.node.try_find_child("Tracing"))
    if policy is None:
        actions = ["xray:PutTraceSegments", "xray:PutTelemetryRecords"]
        statement = iam.PolicyStatement(actions=actions, resources=["*"])
        policy = iam.Policy(stack, "Tracing", statements=[statement])
    policy.attach_to_role(role)
    return policy
