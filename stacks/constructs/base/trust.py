"""Conditions of trust and of ownership: services act for this account's resources, roles on their environment's."""

from aws_cdk import Stack
from aws_cdk import aws_iam as iam
from constructs import Construct

Conditions = dict[str, dict[str, str]]
"""Operator -> key -> value, as in a statement of a policy."""


def of_environment(environment: str) -> Conditions:
    """Only what bears the environment's tag."""
    return {"StringEquals": {"aws:ResourceTag/arbiter:environment": environment}}


def unless_of_another(environment: str) -> Conditions:
    """Only what bears the environment's tag, or none: what is deleted has no tags any more."""
    return {"StringEqualsIfExists": {"aws:ResourceTag/arbiter:environment": environment}}


def tagging(environment: str) -> Conditions:
    """The environment's tag, on what is made or bears it already: nothing of another environment is tagged or used.

    The service authorization reference names both keys for TagResource and for every Create that Arbiter calls.
    """
    return {
        "StringEquals": {"aws:RequestTag/arbiter:environment": environment},
        "StringEqualsIfExists": {"aws:ResourceTag/arbiter:environment": environment},
    }


def service(scope: Construct, name: str, *, resources: str | None = None) -> iam.PrincipalBase:
    """The principal of AWS service `name`, held to this account, and to its resources of one kind.

    Args:
        scope: Where the role stands: names account and region.
        name: Service, for example `bedrock`.
        resources: Resource part of the ARNs it may act for, for example `knowledge-base/*`. `None` for Lambda,
            which is documented to send the account only.
    """
    stack = Stack.of(scope)
    conditions: dict[str, object] = {"StringEquals": {"aws:SourceAccount": stack.account}}
    if resources:
        arn = f"arn:{stack.partition}:{name}:{stack.region}:{stack.account}:{resources}"
        conditions["ArnLike"] = {"aws:SourceArn": arn}
    return iam.ServicePrincipal(f"{name}.amazonaws.com").with_conditions(conditions)
