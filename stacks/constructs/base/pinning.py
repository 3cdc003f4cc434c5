"""Logical ids that stay: a renamed construct would otherwise replace its resource and leave the data behind."""

from aws_cdk import CfnResource
from constructs import IConstruct


def pin(construct: IConstruct, logical_id: str) -> None:
    """Hold the logical id of the resource that `construct` is made of."""
    resource = construct.node.default_child
    if not isinstance(resource, CfnResource):
        raise TypeError(f"{construct.node.path} is not made of one resource")
    resource.override_logical_id(logical_id)
