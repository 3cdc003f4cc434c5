"""The data sources of knowledge bases and their documents, as they are kept."""

import json
from dataclasses import dataclass, field
from typing import Any

from local.emulator.knowledge.reading.chunking import Chunking


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
