"""Permission to invoke Bedrock models."""

from collections.abc import Sequence

from aws_cdk import Stack
from aws_cdk import aws_iam as iam
from constructs import Construct

from stacks.constructs.base.function import Function
from stacks.constructs.base.trust import Conditions, unless_of_another
from stacks.settings.model_catalogue import foundation_model, profile_prefix


def foundation_model_arn(scope: Construct, model: str) -> str:
    """The ARN of a foundation model in the stack's region."""
    stack = Stack.of(scope)
    return f"arn:{stack.partition}:bedrock:{stack.region}::foundation-model/{model}"


INVOKE = ["bedrock:InvokeModel"]
HEAR = [*INVOKE, "bedrock:InvokeModelWithResponseStream"]
"""Actions of who hears an answer while it is written, and has others in one piece."""


def grant_invoke(
    role: iam.Role, model: str, required: Conditions | None = None, actions: Sequence[str] = INVOKE
) -> None:
    """Let `role` invoke a foundation model, or an inference profile and, through it only, its regional models.

    Args:
        required: conditions on every call, as that a guardrail is named.
    """
    if not profile_prefix(model):
        _allow(role, actions, [foundation_model_arn(role, model)], required)
        return
    stack = Stack.of(role)
    profile = f"arn:{stack.partition}:bedrock:{stack.region}:{stack.account}:inference-profile/{model}"
    _allow(role, actions, [profile], required)
    # AWS chooses the region, and may add regions to a profile: the condition, not a list of regions, is the limit.
    regional = f"arn:{stack.partition}:bedrock:*::foundation-model/{foundation_model(model)}"
    through_profile = {"StringEquals": {"bedrock:InferenceProfileArn": profile}}
    _allow(role, actions, [regional], _both(through_profile, required))


def grant_invoke_tuned(
    role: iam.Role, *, environment: str, required: Conditions | None = None, actions: Sequence[str] = INVOKE
) -> None:
    """Let `role` invoke this account's tuned models: their ARNs are born in the training pipeline, after synth.

    Not another environment's, by the tag of what hosts them: the service authorization reference names
    `aws:ResourceTag` for InvokeModel on deployments and provisioned models. What is deleted has no tags any more, and
    must be found missing, not forbidden.
    """
    stack = Stack.of(role)
    own = f"arn:{stack.partition}:bedrock:{stack.region}:{stack.account}"
    _allow(role, actions, [f"{own}:custom-model/*"], required)
    hosts = [f"{own}:custom-model-deployment/*", f"{own}:provisioned-model/*"]
    _allow(role, actions, hosts, _both(unless_of_another(environment), required))


def grant_invoke_made_elsewhere(
    role: iam.Role, model: str, required: Conditions | None = None, actions: Sequence[str] = INVOKE
) -> None:
    """Let `role` invoke one model that was provisioned, deployed or imported elsewhere.

    The Bedrock guide (*Prerequisites for running model inference*) lists a Get action for two of the kinds; the service
    authorization reference asks for InvokeModel alone.
    """
    also = {"provisioned-model": "bedrock:GetProvisionedModelThroughput", "imported-model": "bedrock:GetImportedModel"}
    kind = model.rsplit(":", 1)[-1].partition("/")[0]
    looked_up = [also[kind]] if kind in also else []
    if required is None:
        _allow(role, [*actions, *looked_up], [model])
        return
    _allow(role, actions, [model], required)
    if looked_up:
        _allow(role, looked_up, [model])


def grant_rerank(function: Function, model: str) -> None:
    """Let a function have retrieved passages reranked."""
    _allow(function.role, INVOKE, [foundation_model_arn(function, model)])
    function.allow_unscoped(["bedrock:Rerank"])


def _both(one: Conditions, other: Conditions | None) -> Conditions:
    """The conditions of both, those of one operator together."""
    return {
        operator: {**one.get(operator, {}), **(other or {}).get(operator, {})} for operator in {**one, **(other or {})}
    }


def _allow(
    role: iam.Role, actions: Sequence[str], resources: list[str], conditions: dict[str, dict[str, str]] | None = None
) -> None:
    role.add_to_principal_policy(
        iam.PolicyStatement(
            actions=list(actions), resources=resources, conditions=dict(conditions) if conditions else None
        )
    )
