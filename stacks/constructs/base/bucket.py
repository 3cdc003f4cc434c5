"""A private bucket: TLS only, encrypted, versioned, access-logged, swept by lifecycle rules."""

from typing import cast

from aws_cdk import Duration, RemovalPolicy, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from constructs import Construct

from stacks.constructs.base.pinning import pin

OLD_VERSIONS_KEPT = Duration.days(30)
UNFINISHED_UPLOADS_KEPT = Duration.days(7)
ACCESS_LOGS_KEPT = Duration.days(90)


class AccessLogBucket(Construct):
    """Where the other buckets' access logs go. Always SSE-S3: log delivery does not write under every key policy."""

    def __init__(self, scope: Construct, construct_id: str, *, logical_id: str, removal_policy: RemovalPolicy) -> None:
        super().__init__(scope, construct_id)
        self.bucket = s3.Bucket(
            self,
            "Bucket",
            encryption=s3.BucketEncryption.S3_MANAGED,
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            object_ownership=s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
            enforce_ssl=True,
            minimum_tls_version=1.2,
            versioned=True,
            lifecycle_rules=[_sweep(expiration=ACCESS_LOGS_KEPT)],
            removal_policy=removal_policy,
        )
        pin(self.bucket, logical_id)


class Bucket(Construct):
    """One of Arbiter's data buckets."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        logical_id: str,
        access_logs: AccessLogBucket,
        key: kms.IKey | None,
        removal_policy: RemovalPolicy,
        sends_events: bool = False,
    ) -> None:
        super().__init__(scope, construct_id)
        self._key = key
        self.bucket = s3.Bucket(
            self,
            "Bucket",
            encryption=s3.BucketEncryption.KMS if key else s3.BucketEncryption.S3_MANAGED,
            encryption_key=key,
            bucket_key_enabled=True if key else None,
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            object_ownership=s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
            enforce_ssl=True,
            minimum_tls_version=1.2,
            versioned=True,
            server_access_logs_bucket=access_logs.bucket,
            server_access_logs_prefix=f"{construct_id.lower()}/",
            lifecycle_rules=[_sweep()],
            removal_policy=removal_policy,
        )
        pin(self.bucket, logical_id)
        if sends_events:
            self._send_events()

    @property
    def name(self) -> str:
        return self.bucket.bucket_name

    def forget(self, prefix: str, days: int) -> None:
        """Delete what lies below a prefix for so many days, and its old versions a day later.

        Of two rules that match an object the shorter one counts (S3 user guide, *lifecycle-conflicts*).
        """
        one_day = Duration.days(1)
        self.bucket.add_lifecycle_rule(
            prefix=prefix, expiration=Duration.days(days), noncurrent_version_expiration=one_day
        )

    def grant_list(self, role: iam.IRole, *, prefix: str = "") -> None:
        """Let `role` list the keys below `prefix`."""
        conditions = self._own_account()
        if prefix:
            conditions["StringLike"] = {"s3:prefix": f"{prefix}*"}
        self._allow(role, ["s3:ListBucket"], self.bucket.bucket_arn, conditions)

    def grant_read(self, role: iam.IRole, *, prefix: str = "") -> None:
        """Let `role` read the objects below `prefix`."""
        self._allow(role, ["s3:GetObject"], self.bucket.arn_for_objects(f"{prefix}*"), self._own_account())
        self._allow_key(role, ["kms:Decrypt"])

    def grant_write(self, role: iam.IRole, *, prefix: str = "") -> None:
        """Let `role` write objects below `prefix`."""
        self._allow(role, ["s3:PutObject"], self.bucket.arn_for_objects(f"{prefix}*"), self._own_account())
        # Multipart uploads under a key also decrypt.
        self._allow_key(role, ["kms:Decrypt", "kms:GenerateDataKey"])

    def grant_read_objects(self, role: iam.IRole, *keys: str) -> None:
        """Let `role` read these objects and no others."""
        for key in keys:
            self._allow(role, ["s3:GetObject"], self.bucket.arn_for_objects(key), self._own_account())
        self._allow_key(role, ["kms:Decrypt"])

    def grant_write_objects(self, role: iam.IRole, *keys: str) -> None:
        """Let `role` write these objects and no others."""
        for key in keys:
            self._allow(role, ["s3:PutObject"], self.bucket.arn_for_objects(key), self._own_account())
        self._allow_key(role, ["kms:Decrypt", "kms:GenerateDataKey"])

    def _send_events(self) -> None:
        # The L2 switch adds a function with a managed policy and a wildcard; the property does the same without.
        resource = cast("s3.CfnBucket", self.bucket.node.default_child)
        configuration = s3.CfnBucket.EventBridgeConfigurationProperty(event_bridge_enabled=True)
        resource.notification_configuration = s3.CfnBucket.NotificationConfigurationProperty(
            event_bridge_configuration=configuration
        )

    def _own_account(self) -> dict[str, dict[str, str]]:
        return {"StringEquals": {"aws:ResourceAccount": Stack.of(self).account}}

    def _allow_key(self, role: iam.IRole, actions: list[str]) -> None:
        if self._key:
            via = {"StringEquals": {"kms:ViaService": f"s3.{Stack.of(self).region}.amazonaws.com"}}
            self._allow(role, actions, self._key.key_arn, via)

    @staticmethod
    def _allow(role: iam.IRole, actions: list[str], resource: str, conditions: dict[str, dict[str, str]]) -> None:
        role.add_to_principal_policy(
            iam.PolicyStatement(actions=actions, resources=[resource], conditions=dict(conditions))
        )


def _sweep(*, expiration: Duration | None = None) -> s3.LifecycleRule:
    return s3.LifecycleRule(
        expiration=expiration,
        noncurrent_version_expiration=OLD_VERSIONS_KEPT,
        abort_incomplete_multipart_upload_after=UNFINISHED_UPLOADS_KEPT,
    )
