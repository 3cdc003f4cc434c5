"""A knowledge base as those see it who search it: one of Arbiter's own, or one that others made and fill."""

from typing import Protocol

from aws_cdk import Stack
from aws_cdk import aws_iam as iam


class Searched(Protocol):
    """A knowledge base to be searched."""

    id: str
    edition: str
    """What changes with everything that cannot change in place."""
    managed: bool
    """Whether `Retrieve` is asked as AWS's managed knowledge bases want it."""

    @property
    def vector_index(self) -> str | None:
        """ARN of the index that is searched by words beside it; `None` where none is."""

    def grant_retrieve(self, role: iam.IRole) -> None:
        """Let `role` search the documents by meaning."""

    def grant_search(self, role: iam.IRole) -> None:
        """Let `role` search the documents in every way that is possible."""


class ExistingKnowledgeBase:
    """A knowledge base that Arbiter did not make, over whatever store: nothing is created, `Retrieve` is granted."""

    def __init__(self, scope: Stack, knowledge_base_id: str, *, managed: bool) -> None:
        self.id = self.edition = knowledge_base_id
        self.vector_index: str | None = None
        self.managed = managed
        self._arn = scope.format_arn(service="bedrock", resource="knowledge-base", resource_name=knowledge_base_id)

    def grant_retrieve(self, role: iam.IRole) -> None:
        """Let `role` search the documents."""
        role.add_to_principal_policy(iam.PolicyStatement(actions=["bedrock:Retrieve"], resources=[self._arn]))

    grant_search = grant_retrieve
