"""The customer-managed key of Arbiter's data."""

from aws_cdk import RemovalPolicy, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from constructs import Construct

from stacks.constructs.base.pinning import pin


class DataKey(Construct):
    """Encrypts buckets and vectors. Roles get the key in their own policies, so that no stack refers backwards."""

    def __init__(self, scope: Construct, construct_id: str, *, removal_policy: RemovalPolicy) -> None:
        super().__init__(scope, construct_id)
        self.key = kms.Key(
            self,
            "Key",
            description="Arbiter's documents, training sets, results and vectors",
            enable_key_rotation=True,
            removal_policy=removal_policy,
        )
        pin(self.key, "DataKey")
        self._admit_vector_indexing()

    def _admit_vector_indexing(self) -> None:
        """S3 Vectors maintains its indexes in the background under its own principal."""
        stack = Stack.of(self)
        vectors = f"arn:{stack.partition}:s3vectors:{stack.region}:{stack.account}:bucket/*"
        principal = iam.ServicePrincipal("indexing.s3vectors.amazonaws.com").with_conditions(
            {"StringEquals": {"aws:SourceAccount": stack.account}, "ArnLike": {"aws:SourceArn": vectors}}
        )
        self.key.add_to_resource_policy(
            iam.PolicyStatement(actions=["kms:Decrypt"], principals=[principal], resources=["*"])
        )
