"""The documents' vectors, knowledge base and ingestion on change. Rebuilt from Storage at any time."""

from aws_cdk import CfnOutput
from aws_cdk import aws_kms as kms

from stacks.constructs.base.bucket import Bucket
from stacks.constructs.knowledge.documents_check import DocumentsCheck
from stacks.constructs.knowledge.ingestion import Ingestion
from stacks.constructs.knowledge.knowledge_base import KnowledgeBase
from stacks.constructs.knowledge.managed import ManagedKnowledgeBase
from stacks.stack import ArbiterStack, Target


class KnowledgeBaseStack(ArbiterStack):
    """The knowledge base over Storage's documents."""

    def __init__(self, target: Target, *, documents: Bucket, results: Bucket, key: kms.IKey | None) -> None:
        super().__init__(
            target,
            "KnowledgeBase",
            description="vectors, knowledge base, ingestion",
            protected=not target.settings.disposable,
        )
        self.knowledge_base = (
            ManagedKnowledgeBase(self, "Managed", environment=target.environment, documents=documents, key=key)
            if self.settings.knowledge_base.managed
            else self._over_vectors(target.environment, documents, results, key)
        )
        self.ingestion = Ingestion(
            self,
            "Ingestion",
            environment=target.environment,
            documents=documents,
            results=results,
            knowledge_base=self.knowledge_base,
            log_retention_days=self.settings.router.log_retention_days,
        )
        if schedule := self.settings.documents.check_schedule:
            check = DocumentsCheck(
                self,
                "Check",
                environment=target.environment,
                documents=documents,
                knowledge_base=self.knowledge_base,
                schedule=schedule,
                log_retention_days=self.settings.router.log_retention_days,
            )
            CfnOutput(self, "CheckDocumentsFunctionArn", value=check.function.function_arn)
        CfnOutput(self, "KnowledgeBaseId", value=self.knowledge_base.id)
        CfnOutput(self, "DataSourceId", value=self.knowledge_base.data_source_id)

    def _over_vectors(
        self, environment: str, documents: Bucket, results: Bucket, key: kms.IKey | None
    ) -> KnowledgeBase:
        knowledge_base = KnowledgeBase(
            self,
            "Documents",
            environment=environment,
            embedding=self.settings.models,
            chunking=self.settings.chunking,
            parsing=self.settings.parsing,
            language=self.settings.knowledge_base.language,
            documents=documents,
            results=results,
            key=key,
        )
        CfnOutput(self, "VectorIndexArn", value=knowledge_base.store.future_index_arn)
        return knowledge_base
