"""The vector store: one S3 Vectors bucket with one index."""

from aws_cdk import CrossStackReferences, ReferenceStrength, RemovalPolicy, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3vectors as s3vectors
from constructs import Construct

# Without these two the text of a passage counts against the 2 KB of filterable metadata and ingestion fails.
NON_FILTERABLE_KEYS = ["AMAZON_BEDROCK_TEXT", "AMAZON_BEDROCK_METADATA"]


class VectorStore(Construct):
    """Rebuilt from the documents at any time, therefore never retained."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        dimensions: int,
        edition: str,
        language: str | None,
        key: kms.IKey | None,
    ) -> None:
        """`edition` names the index: another edition is another, empty index.

        With a language the passages are searched by words, too.
        """
        super().__init__(scope, construct_id)
        self._key, name = key, f"passages-{edition}"
        bucket = s3vectors.CfnVectorBucket(
            self,
            "Bucket",
            encryption_configuration=s3vectors.CfnVectorBucket.EncryptionConfigurationProperty(
                sse_type="aws:kms" if key else "AES256", kms_key_arn=key.key_arn if key else None
            ),
        )
        index = s3vectors.CfnIndex(
            self,
            "Index",
            vector_bucket_arn=bucket.attr_vector_bucket_arn,
            index_name=name,
            data_type="float32",
            dimension=dimensions,
            distance_metric="cosine",
            metadata_configuration=s3vectors.CfnIndex.MetadataConfigurationProperty(
                non_filterable_metadata_keys=NON_FILTERABLE_KEYS
            ),
        )
        if language:
            # The L1 construct of this version of the CDK lacks the property.
            searchable = [{"MetadataKey": "AMAZON_BEDROCK_TEXT", "Language": language}]
            index.add_property_override("MetadataConfiguration.TextSearchConfigurations", searchable)
        # The index's ARN, which others name, begins with the bucket's; an export could not change while it is imported.
        CrossStackReferences.of(bucket).produce(ReferenceStrength.WEAK)
        for resource in (bucket, index):
            resource.apply_removal_policy(RemovalPolicy.DESTROY)
        self.index_arn = index.attr_index_arn
        self.future_index_arn = f"{bucket.attr_vector_bucket_arn}/index/{name}"

    def grant_search_by_words(self, role: iam.IRole) -> None:
        """Let `role` search the index by words and read what it finds."""
        self._allow(role, ["QueryVectors", "GetVectors"], ["kms:Decrypt"])

    def grant_use(self, role: iam.IRole) -> None:
        """Let `role` keep and search vectors in the index, which need not exist yet.

        A policy that waited for the index would be as young as the knowledge base that needs it, and IAM takes seconds
        to spread.
        """
        actions = ["GetIndex", "PutVectors", "GetVectors", "DeleteVectors", "QueryVectors"]
        self._allow(role, actions, ["kms:Decrypt", "kms:GenerateDataKey"])

    def _allow(self, role: iam.IRole, actions: list[str], key_actions: list[str]) -> None:
        role.add_to_principal_policy(
            iam.PolicyStatement(
                actions=[f"s3vectors:{action}" for action in actions], resources=[self.future_index_arn]
            )
        )
        if self._key:
            via = f"s3vectors.{Stack.of(self).region}.amazonaws.com"
            role.add_to_principal_policy(
                iam.PolicyStatement(
                    actions=key_actions,
                    resources=[self._key.key_arn],
                    conditions={"StringEquals": {"kms:ViaService": via}},
                )
            )
