"""Buckets that are emptied when their stack is destroyed."""

from collections.abc import Iterable, Mapping

from aws_cdk import CustomResource, Duration
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from constructs import Construct

from stacks.constructs.base.function import Function


class EmptiedBuckets(Construct):
    """Deletes every version in its buckets before CloudFormation deletes the buckets themselves."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        buckets: Mapping[str, s3.Bucket],
        log_retention_days: int,
    ) -> None:
        super().__init__(scope, construct_id)
        self._function = Function(
            self,
            "Emptier",
            module="empty_bucket",
            description="Empties a bucket that is about to be deleted",
            timeout=Duration.minutes(15),
            log_retention_days=log_retention_days,
        )
        self._emptied = {name: self._empty(name, bucket) for name, bucket in buckets.items()}

    def empty_last(self, name: str, writers: Iterable[s3.Bucket]) -> None:
        """Empty one bucket only after `writers` are deleted, because they still write into it."""
        for writer in writers:
            writer.node.add_dependency(self._emptied[name])

    def _empty(self, name: str, bucket: s3.Bucket) -> CustomResource:
        # One policy a bucket, apart from the role's own: the order of deletion below would otherwise be circular.
        policy = iam.Policy(self, f"{name}Policy", roles=[self._function.role])
        policy.add_statements(
            iam.PolicyStatement(actions=["s3:ListBucketVersions"], resources=[bucket.bucket_arn]),
            iam.PolicyStatement(
                actions=["s3:DeleteObject", "s3:DeleteObjectVersion"], resources=[bucket.arn_for_objects("*")]
            ),
        )
        emptied = CustomResource(
            self,
            name,
            resource_type="Custom::EmptiedBucket",
            service_token=self._function.function.function_arn,
            service_timeout=Duration.minutes(16),
            properties={"BucketName": bucket.bucket_name},
        )
        # Permissions and log group must outlive the emptying; the references alone cover function and bucket only.
        emptied.node.add_dependency(self._function, policy)
        return emptied
