"""A managed knowledge base: AWS keeps, cuts, embeds, searches and reranks the documents, without a store of ours."""

import hashlib

from aws_cdk import RemovalPolicy, Stack
from aws_cdk import aws_bedrock as bedrock
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from constructs import Construct

from stacks.constructs.base import trust
from stacks.constructs.base.bucket import Bucket
from stacks.constructs.knowledge.own import OwnKnowledgeBase


class ManagedKnowledgeBase(OwnKnowledgeBase):
    """The knowledge base, its one connector to the bucket of the documents, and the role that reads them."""

    managed = True

    def __init__(
        self, scope: Construct, construct_id: str, *, environment: str, documents: Bucket, key: kms.IKey | None
    ) -> None:
        super().__init__(scope, construct_id)
        # All of its configuration is create-only, the key included: the name must change with it.
        self.edition = hashlib.sha256(f"managed {key is not None}".encode()).hexdigest()[:8]
        role = iam.Role(self, "Role", assumed_by=trust.service(self, "bedrock", resources="knowledge-base/*"))
        documents.grant_list(role)
        documents.grant_read(role)
        if key:
            # Bedrock guide, *kb-managed-ds-s3*: DescribeKey beside Decrypt; *encryption-kb*: what ingestion keeps.
            actions = ["kms:Decrypt", "kms:DescribeKey", "kms:GenerateDataKey"]
            role.add_to_principal_policy(iam.PolicyStatement(actions=actions, resources=[key.key_arn]))
        self._made(self._knowledge_base(f"arbiter-{environment}-{self.edition}", role, key), role)
        self.data_source_id = self._connector(documents).attr_data_source_id

    def _knowledge_base(self, name: str, role: iam.Role, key: kms.IKey | None) -> bedrock.CfnKnowledgeBase:
        kb = bedrock.CfnKnowledgeBase
        encrypted = (
            kb.ManagedKnowledgeBaseServerSideEncryptionConfigurationProperty(kms_key_arn=key.key_arn) if key else None
        )
        return kb(
            self,
            "KnowledgeBase",
            name=name,
            role_arn=role.role_arn,
            knowledge_base_configuration=kb.KnowledgeBaseConfigurationProperty(
                type="MANAGED",
                managed_knowledge_base_configuration=kb.ManagedKnowledgeBaseConfigurationProperty(
                    embedding_model_type="MANAGED", server_side_encryption_configuration=encrypted
                ),
            ),
        )

    def _connector(self, documents: Bucket) -> bedrock.CfnDataSource:
        source = bedrock.CfnDataSource
        connector = source(
            self,
            "Documents",
            name="documents",
            knowledge_base_id=self.id,
            # The store is AWS's and bills by what it holds: nothing of it is to stay behind.
            data_deletion_policy="DELETE",
            data_source_configuration=source.DataSourceConfigurationProperty(
                type="MANAGED_KNOWLEDGE_BASE_CONNECTOR",
                managed_knowledge_base_connector_configuration=source.ManagedKnowledgeBaseConnectorConfigurationProperty(
                    connector_parameters={
                        "type": "S3",
                        "version": "1",
                        "connectionConfiguration": {
                            "bucketName": documents.name,
                            "bucketOwnerAccountId": Stack.of(self).account,
                        },
                    },
                    # Else a sync that deletes many documents, as `arbiter sync --delete` may, would keep them.
                    deletion_protection_configuration=source.DeletionProtectionConfigurationProperty(
                        deletion_protection_status="DISABLED"
                    ),
                ),
            ),
        )
        connector.apply_removal_policy(RemovalPolicy.DESTROY)
        return connector
