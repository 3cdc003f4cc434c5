"""Who may assume a role: a service, on behalf of this account's resources only."""

from aws_cdk import Stack
from aws_cdk import aws_iam as iam
from constructs import Construct


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
