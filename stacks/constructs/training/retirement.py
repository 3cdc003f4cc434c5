"""The function that deletes tuned models with what hosts them."""

from aws_cdk import Duration, Stack
from aws_cdk import aws_iam as iam
from constructs import Construct

from arbiter.settings.tuning import RetireModelSettings
from stacks.constructs.base.bucket import Bucket
from stacks.constructs.base.function import Function
from stacks.constructs.base.pointer import TunedModelPointer
from stacks.constructs.base.trust import of_environment

RECORDS = "training/"
KINDS = {
    "custom-model-deployment": "CustomModelDeployment",
    "provisioned-model": "ProvisionedModelThroughput",
    "custom-model": "CustomModel",
}


class Retirement(Function):
    """Deletes models of this environment that no pointer names; may clear the candidate, never what is in service."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        environment: str,
        results: Bucket,
        pointer: TunedModelPointer,
        log_retention_days: int,
    ) -> None:
        super().__init__(
            scope,
            construct_id,
            module="retire_model",
            description="Deletes a tuned model with what hosts it",
            settings=RetireModelSettings(
                environment=environment,
                candidate_parameter=pointer.candidate.parameter_name,
                in_service_parameter=pointer.in_service.parameter_name,
                results_bucket=results.name,
            ),
            timeout=Duration.minutes(5),
            log_retention_days=log_retention_days,
        )
        pointer.grant_read(self.role)
        pointer.grant_nominate(self.role)
        results.grant_read(self.role, prefix=RECORDS)
        self.allow_unscoped(["bedrock:ListCustomModelDeployments", "bedrock:ListProvisionedModelThroughputs"])
        self.allow(["bedrock:ListTagsForResource"], [own(self, "custom-model")])
        for kind, name in KINDS.items():
            self.allow([f"bedrock:Get{name}"], [own(self, kind)])
            allow_tagged(self, f"bedrock:Delete{name}", kind, environment)


def own(scope: Construct, kind: str) -> str:
    """This account's resources of one kind: their ids are given by Bedrock, after synth."""
    stack = Stack.of(scope)
    return f"arn:{stack.partition}:bedrock:{stack.region}:{stack.account}:{kind}/*"


def allow_tagged(function: Function, action: str, kind: str, environment: str) -> None:
    """Let a function do something to this environment's resources of one kind."""
    function.role.add_to_principal_policy(
        iam.PolicyStatement(
            actions=[action],
            resources=[own(function, kind)],
            conditions=dict(of_environment(environment)),
        )
    )
