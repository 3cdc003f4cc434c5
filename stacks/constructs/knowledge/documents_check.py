"""The look at the documents that starts by itself: a function on a schedule, whose metric has an alarm."""

from aws_cdk import Duration
from constructs import Construct

from arbiter.settings.answering import CheckDocumentsSettings
from stacks.constructs.base.bucket import Bucket
from stacks.constructs.base.function import Function
from stacks.constructs.knowledge.own import OwnKnowledgeBase


class DocumentsCheck(Function):
    """Counts the documents of the bucket that are missing, failed or stale in the knowledge base."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        environment: str,
        documents: Bucket,
        knowledge_base: OwnKnowledgeBase,
        schedule: str,
        log_retention_days: int,
    ) -> None:
        super().__init__(
            scope,
            construct_id,
            module="check_documents",
            description="Counts documents that are missing, failed or stale in the knowledge base",
            settings=CheckDocumentsSettings(
                environment=environment,
                knowledge_base_id=knowledge_base.id,
                data_source_id=knowledge_base.data_source_id,
                documents_bucket=documents.name,
            ),
            timeout=Duration.minutes(5),
            # A hundred thousand documents are kept by their names.
            memory_mb=512,
            log_retention_days=log_retention_days,
        )
        documents.grant_list(self.role)
        knowledge_base.grant_look(self.role)
        self.run_on(schedule, "Looks whether each document is in the knowledge base")
