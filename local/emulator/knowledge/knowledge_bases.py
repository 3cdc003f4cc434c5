"""Knowledge bases, their data sources and documents, as they are kept."""

import json
import secrets
import string
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from local.emulator.base.http import ServiceError
from local.emulator.base.identity import RoleSession, assume
from local.emulator.knowledge import vector_store
from local.emulator.knowledge.reading.chunking import Chunking

SERVICE = "bedrock.amazonaws.com"


@dataclass
class Document:
    """One object's state after the last ingestion."""

    version: tuple[str, str | None]
    status: str
    reason: str | None = None
    keys: list[str] = field(default_factory=list)
    updated: str = ""


@dataclass(frozen=True)
class Transforming:
    """A function that gets chunks, and the URI below which they are left for it."""

    function: str
    location: str


@dataclass
class DataSource:
    """A data source, the jobs that ran on it, and its documents by object key."""

    description: dict[str, Any]
    jobs: dict[str, dict[str, Any]] = field(default_factory=dict)
    documents: dict[str, Document] = field(default_factory=dict)

    @property
    def bucket(self) -> str:
        """The bucket it reads."""
        if connector := self._connector:
            return str(connector["connectionConfiguration"]["bucketName"])
        return str(self.description["dataSourceConfiguration"]["s3Configuration"]["bucketArn"]).split(":")[-1]

    @property
    def prefixes(self) -> list[str]:
        """Which objects it reads; one empty prefix means all."""
        if connector := self._connector:
            return connector["filterConfiguration"].get("inclusionPrefixes") or [""]
        return self.description["dataSourceConfiguration"]["s3Configuration"].get("inclusionPrefixes") or [""]

    @property
    def _connector(self) -> dict[str, Any]:
        """The parameters of a managed knowledge base's connector; none of another data source."""
        configured = self.description["dataSourceConfiguration"].get("managedKnowledgeBaseConnectorConfiguration")
        return dict(json.loads(configured["connectorParameters"])) if configured else {}

    @property
    def chunking(self) -> Chunking:
        """How it cuts documents."""
        return Chunking.parse(self._reading("chunkingConfiguration"))

    @property
    def parsing_strategy(self) -> str:
        """How it parses documents; empty for Bedrock's default parser."""
        return str(self._reading("parsingConfiguration").get("parsingStrategy") or "")

    @property
    def parsing_model(self) -> str | None:
        """ARN of the model that reads pages."""
        return (self._reading("parsingConfiguration").get("bedrockFoundationModelConfiguration") or {}).get("modelArn")

    @property
    def transformation(self) -> Transforming | None:
        """The function that gets the chunks, and where they are left for it."""
        configured = self._reading("customTransformationConfiguration")
        if not configured:
            return None
        function = configured["transformations"][0]["transformationFunction"]["transformationLambdaConfiguration"]
        return Transforming(function["lambdaArn"], configured["intermediateStorage"]["s3Location"]["uri"])

    def _reading(self, name: str) -> dict[str, Any]:
        configuration = self.description.get("vectorIngestionConfiguration") or {}
        return configuration.get(name) or {}


@dataclass
class KnowledgeBase:
    """A knowledge base and its data sources."""

    description: dict[str, Any]
    sources: dict[str, DataSource] = field(default_factory=dict)
    _own: vector_store.Index = field(default_factory=vector_store.of_aws)

    @property
    def id(self) -> str:
        """Its id."""
        return str(self.description["knowledgeBaseId"])

    @property
    def managed(self) -> bool:
        """Whether AWS keeps, embeds and searches it, with nothing that the account sees."""
        return bool(self.description["knowledgeBaseConfiguration"]["type"] == "MANAGED")

    @property
    def index(self) -> vector_store.Index:
        """The index that holds its vectors.

        Raises:
            ServiceError: when it is not there.
        """
        return self._own if self.managed else vector_store.find_index(self.index_arn)

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
            return self._own.vectors.dimension
        settings = self._vector.get("embeddingModelConfiguration") or {}
        return int((settings.get("bedrockEmbeddingModelConfiguration") or {}).get("dimensions") or 1024)

    @property
    def index_arn(self) -> str:
        """ARN of the index that holds its vectors."""
        store = self.description["storageConfiguration"]["s3VectorsConfiguration"]
        return store.get("indexArn") or f"{store['vectorBucketArn']}/index/{store['indexName']}"

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
