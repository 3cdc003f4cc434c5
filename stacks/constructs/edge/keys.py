"""The table of API keys, of what was spent with them, and of the secret that binds answers to who asked."""

from aws_cdk import RemovalPolicy, Stack
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_kms as kms
from constructs import Construct

from stacks.constructs.base.function import Function


class KeyTable(Construct):
    """Hashes of keys, and spending by key and day; paid for by use."""

    def __init__(self, scope: Construct, construct_id: str, *, key: kms.IKey | None) -> None:
        super().__init__(scope, construct_id)
        encryption = dynamodb.TableEncryption
        self._key = key
        self.table = dynamodb.Table(
            self,
            "Table",
            partition_key=dynamodb.Attribute(name="id", type=dynamodb.AttributeType.STRING),
            billing_mode=dynamodb.BillingMode.PAY_PER_REQUEST,
            time_to_live_attribute="gone_after",
            point_in_time_recovery_specification=dynamodb.PointInTimeRecoverySpecification(
                point_in_time_recovery_enabled=True
            ),
            encryption=encryption.CUSTOMER_MANAGED if key else encryption.DEFAULT,
            encryption_key=key,
            # Keys are worth nothing without their API, whose stack is protected where data is.
            removal_policy=RemovalPolicy.DESTROY,
        )

    def grant_check(self, function: Function, *, asks: bool) -> None:
        """Let a function look keys and the secret up.

        Args:
            asks: it reserves and settles, and makes the secret, too.
        """
        calls = ["dynamodb:GetItem", *(["dynamodb:UpdateItem"] if asks else [])]
        function.allow(calls, [self.table.table_arn])
        if self._key:
            through = {"StringEquals": {"kms:ViaService": f"dynamodb.{Stack.of(self).region}.amazonaws.com"}}
            # As the CDK's own grants, without their wildcards.
            used = ["kms:Decrypt", "kms:DescribeKey", *(["kms:Encrypt", "kms:GenerateDataKey"] if asks else [])]
            function.allow(used, [self._key.key_arn], through)
