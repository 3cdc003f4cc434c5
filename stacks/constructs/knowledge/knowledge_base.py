"""The knowledge base: documents cut into passages, embedded, and searched by meaning."""

import hashlib
import json

from aws_cdk import RemovalPolicy
from aws_cdk import aws_bedrock as bedrock
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from constructs import Construct

from stacks.constructs.base import models, trust
from stacks.constructs.base.bucket import Bucket
from stacks.constructs.knowledge.own import OwnKnowledgeBase
from stacks.constructs.knowledge.reading import VectorIngestion, edition_of, grant_reading, vector_ingestion
from stacks.constructs.knowledge.vector_store import VectorStore
from stacks.settings.documents import Chunking, Parsing
from stacks.settings.environment import Models
from stacks.settings.model_catalogue import EMBEDDING_DIMENSIONS


class KnowledgeBase(OwnKnowledgeBase):
    """A vector store, the knowledge base over it, its one data source and the role that acts for them."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        environment: str,
        embedding: Models,
        chunking: Chunking,
        parsing: Parsing,
        language: str | None,
        documents: Bucket,
        results: Bucket,
        key: kms.IKey | None,
    ) -> None:
        super().__init__(scope, construct_id)
        self.edition = _edition(embedding, chunking, parsing, language)
        self.store = VectorStore(
            self,
            "Vectors",
            dimensions=embedding.embedding_dimensions,
            edition=self.edition,
            language=language,
            key=key,
        )
        self._by_words = language is not None
        self.role = iam.Role(self, "Role", assumed_by=trust.service(self, "bedrock", resources="knowledge-base/*"))
        models.grant_invoke(self.role, embedding.embedding)
        self.store.grant_use(self.role)
        documents.grant_list(self.role)
        documents.grant_read(self.role)
        grant_reading(self.role, chunking, parsing, results)
        if key:
            # Bedrock guide, *encryption-kb*: what ingestion keeps meanwhile is encrypted under this role.
            transient = iam.PolicyStatement(actions=["kms:GenerateDataKey", "kms:Decrypt"], resources=[key.key_arn])
            self.role.add_to_principal_policy(transient)
        self._made(self._over(embedding, name=f"arbiter-{environment}-{self.edition}"), self.role)
        source = self._reading(documents, vector_ingestion(self, chunking, parsing, results), key)
        self.data_source_id = source.attr_data_source_id

    @property
    def vector_index(self) -> str | None:
        """ARN of the index that is searched by words; `None` where none is."""
        return self.store.future_index_arn if self._by_words else None

    def grant_search(self, role: iam.IRole) -> None:
        """Let `role` search the documents by meaning, and by words where that is possible."""
        self.grant_retrieve(role)
        if self._by_words:
            self.store.grant_search_by_words(role)

    def _over(self, embedding: Models, *, name: str) -> bedrock.CfnKnowledgeBase:
        kb = bedrock.CfnKnowledgeBase
        return kb(
            self,
            "KnowledgeBase",
            # Everything below is create-only: a replacement exists beside its predecessor for a while, so the name
            # must change with the configuration.
            name=name,
            role_arn=self.role.role_arn,
            knowledge_base_configuration=kb.KnowledgeBaseConfigurationProperty(
                type="VECTOR",
                vector_knowledge_base_configuration=kb.VectorKnowledgeBaseConfigurationProperty(
                    embedding_model_arn=models.foundation_model_arn(self, embedding.embedding),
                    embedding_model_configuration=_dimensions(embedding),
                ),
            ),
            storage_configuration=kb.StorageConfigurationProperty(
                type="S3_VECTORS",
                s3_vectors_configuration=kb.S3VectorsConfigurationProperty(index_arn=self.store.index_arn),
            ),
        )

    def _reading(
        self,
        documents: Bucket,
        ingestion: VectorIngestion,
        key: kms.IKey | None,
    ) -> bedrock.CfnDataSource:
        source = bedrock.CfnDataSource
        data_source = source(
            self,
            "Documents",
            name="documents",
            knowledge_base_id=self.id,
            # RETAIN: the vectors go with their index, which is part of this stack and of this edition. DELETE would
            # call the store during deletion, and a store or role that is gone by then leaves the stack undeletable.
            data_deletion_policy="RETAIN",
            data_source_configuration=source.DataSourceConfigurationProperty(
                type="S3",
                s3_configuration=source.S3DataSourceConfigurationProperty(bucket_arn=documents.bucket.bucket_arn),
            ),
            server_side_encryption_configuration=source.ServerSideEncryptionConfigurationProperty(
                kms_key_arn=key.key_arn
            )
            if key
            else None,
            vector_ingestion_configuration=ingestion,
        )
        data_source.apply_removal_policy(RemovalPolicy.DESTROY)
        return data_source


def _edition(embedding: Models, chunking: Chunking, parsing: Parsing, language: str | None) -> str:
    """A short digest of all that cannot change in place: a new edition is a new index, ingested afresh."""
    fixed = [embedding.embedding, embedding.embedding_dimensions, chunking.max_tokens, chunking.overlap_percentage]
    fixed += [language] if language else []
    return hashlib.sha256(json.dumps([*fixed, *edition_of(chunking, parsing)]).encode()).hexdigest()[:8]


def _dimensions(embedding: Models) -> bedrock.CfnKnowledgeBase.EmbeddingModelConfigurationProperty | None:
    only_one = len(EMBEDDING_DIMENSIONS.get(embedding.embedding, ())) == 1
    if only_one:  # Such a model takes no configuration of them.
        return None
    kb = bedrock.CfnKnowledgeBase
    return kb.EmbeddingModelConfigurationProperty(
        bedrock_embedding_model_configuration=kb.BedrockEmbeddingModelConfigurationProperty(
            dimensions=embedding.embedding_dimensions, embedding_data_type="FLOAT32"
        )
    )
