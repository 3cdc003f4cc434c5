"""Knowledge bases as they are kept."""

import secrets
import string
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

from local.emulator.base.http import ServiceError
from local.emulator.base.identity import RoleSession, assume
from local.emulator.knowledge.data_sources import DataSource
from local.emulator.knowledge.vectors import store as vector_store

SERVICE = "bedrock.amazonaws.com"
MANAGED_DIMENSIONS = 1024
"""Of the stand-in for AWS's own embedding."""


@dataclass
class KnowledgeBase:
    """A knowledge base and its data sources."""

    description: dict[str, Any]
    sources: dict[str, DataSource] = field(default_factory=dict)

    @property
    def id(self) -> str:
        """Its id."""
        return str(self.description["knowledgeBaseId"])

    @property
    def managed(self) -> bool:
        """Whether AWS keeps, embeds and searches it, with nothing that the account sees."""
        return bool(self.description["knowledgeBaseConfiguration"]["type"] == "MANAGED")

    @property
    def store(self) -> str:
        """The type of its store."""
        return "MANAGED" if self.managed else str(self._storage.get("type"))

    @property
    def elsewhere(self) -> bool:
        """Whether its vectors are in a store that is no part of the local AWS, and kept here in its place."""
        return self.store != "S3_VECTORS"

    @property
    def index(self) -> vector_store.Index:
        """The index that holds its vectors.

        Raises:
            ServiceError: when it is not there.
        """
        return self._own if self.elsewhere else vector_store.find_index(self.index_arn)

    @cached_property
    def _own(self) -> vector_store.Index:
        return vector_store.of_aws(self.dimensions)

    @property
    def embedding_model(self) -> str | None:
        """ARN of the model that embeds its chunks; `None` where AWS does."""
        if self.managed:
            return None
        return str(self._vector["embeddingModelArn"])

    @property
    def dimensions(self) -> int:
        """Length of its vectors."""
        if self.managed:
            return MANAGED_DIMENSIONS
        return int(self._embedding.get("dimensions") or 1024)

    @property
    def embeddings(self) -> str:
        """Type of the numbers of its vectors."""
        return str(self._embedding.get("embeddingDataType") or "FLOAT32")

    @property
    def _embedding(self) -> dict[str, Any]:
        settings = self._vector.get("embeddingModelConfiguration") or {}
        return settings.get("bedrockEmbeddingModelConfiguration") or {}

    @property
    def index_arn(self) -> str:
        """ARN of the index that holds its vectors."""
        store = self._storage["s3VectorsConfiguration"]
        return store.get("indexArn") or f"{store['vectorBucketArn']}/index/{store['indexName']}"

    @property
    def _storage(self) -> dict[str, Any]:
        return self.description.get("storageConfiguration") or {}

    @property
    def _vector(self) -> dict[str, Any]:
        configuration: dict[str, Any] = self.description["knowledgeBaseConfiguration"][
            "vectorKnowledgeBaseConfiguration"
        ]
        return configuration

    def as_role(self) -> RoleSession:
        """A session of its service role."""
        return assume(
            self.description["roleArn"],
            SERVICE,
            f"BedrockKnowledgeBase-{self.id}",
            self.description["knowledgeBaseArn"],
        )


KNOWLEDGE_BASES: dict[str, KnowledgeBase] = {}


def find(identifier: str) -> KnowledgeBase:
    """The knowledge base with this id or ARN.

    Raises:
        ServiceError: when it is not there.
    """
    record = KNOWLEDGE_BASES.get(identifier.rsplit("/", 1)[-1])
    if record is None:
        raise ServiceError("ResourceNotFoundException", f"Knowledge Base with id {identifier} does not exist", 404)
    return record


def find_source(knowledge_base: KnowledgeBase, identifier: str) -> DataSource:
    """The data source with this id.

    Raises:
        ServiceError: when it is not there.
    """
    record = knowledge_base.sources.get(identifier)
    if record is None:
        raise ServiceError("ResourceNotFoundException", f"DataSource with id {identifier} does not exist", 404)
    return record


def now() -> str:
    """The time as the API writes it."""
    return datetime.now(UTC).isoformat()


def new_id() -> str:
    """Ten upper-case letters and digits."""
    return "".join(secrets.choice(string.ascii_uppercase + string.digits) for _ in range(10))
