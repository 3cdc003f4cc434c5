"""An ingestion run: objects read, cut, embedded and stored under the knowledge base's role, document by document."""

import hashlib
import json
import logging
from collections.abc import Iterator
from typing import Any

from local.emulator.base import faults
from local.emulator.base.http import ServiceError
from local.emulator.base.identity import RoleSession, client, require
from local.emulator.embedding.model import embedder
from local.emulator.knowledge import documents, opensearch
from local.emulator.knowledge.data_sources import DataSource, Document
from local.emulator.knowledge.knowledge_bases import KnowledgeBase, now
from local.emulator.knowledge.reading.chunking import Chunk, paged
from local.emulator.knowledge.reading.parsed import DocumentError
from local.emulator.knowledge.reading.parsers import parse
from local.emulator.knowledge.reading.transformation import Transformation
from local.emulator.knowledge.vectors import store as vector_store

log = logging.getLogger("arbiter.local")

_DOCUMENTS_A_BATCH = 32
_BYTES_A_BATCH = 1 << 19


def run(knowledge_base: KnowledgeBase, source: DataSource, job: dict[str, Any]) -> None:
    """Run a job to its end, and note how it ended."""
    job["status"] = "IN_PROGRESS"
    try:
        _Ingestion(knowledge_base, source, job).synchronise()
        if fault := faults.strike("ingestion", knowledge_base=knowledge_base.id):
            raise ServiceError("InternalServerException", fault["message"], 500)
        job["status"] = "STOPPED" if job["status"] == "STOPPING" else "COMPLETE"
    except Exception as error:  # a job ends with its reason, whatever it is
        if not isinstance(error, ServiceError):
            log.info("ingestion job failed", exc_info=error)
        job["failureReasons"].append(str(error)[:2000])
        job["status"] = "FAILED"
    job["updatedAt"] = now()


class _Ingestion:
    """One run over one data source."""

    def __init__(self, knowledge_base: KnowledgeBase, source: DataSource, job: dict[str, Any]) -> None:
        self._base = knowledge_base
        self._source = source
        self._job = job
        self._statistics: dict[str, int] = job["statistics"]
        self._role: RoleSession = knowledge_base.as_role()
        self._objects = client("s3", self._role)
        self._index = knowledge_base.index
        if knowledge_base.store == opensearch.STORE:
            opensearch.check_access(self._role, knowledge_base.description["storageConfiguration"])
        for action in () if knowledge_base.elsewhere else ("PutVectors", "DeleteVectors"):
            # A change may need either; a missing permission fails the job before any work is done.
            require(self._role, f"s3vectors:{action}", knowledge_base.index_arn)
        for model in filter(None, (knowledge_base.embedding_model, source.parsing_model)):
            require(self._role, "bedrock:InvokeModel", model)
        self._transformation = self._transforming()

    def synchronise(self) -> None:
        """Bring the index in line with the bucket."""
        listed = self._listed()
        for key in [key for key in self._source.documents if key not in listed]:
            gone = self._source.documents.pop(key)
            self._index.vectors.delete(gone.keys)
            self._statistics["numberOfDocumentsDeleted"] += 1
        changed = [key for key in listed if self._is_changed(key, listed)]
        for batch in _batches(changed, [listed[key][0]["Size"] for key in changed]):
            if self._job["status"] == "STOPPING":
                return
            self._ingest(batch, listed)
            self._job["updatedAt"] = now()

    def _listed(self) -> dict[str, tuple[dict[str, Any], str | None]]:
        """Every document's listing entry and its metadata file's version, by key."""
        entries: dict[str, dict[str, Any]] = {}
        for prefix in self._source.prefixes:
            pages = self._objects.get_paginator("list_objects_v2").paginate(Bucket=self._source.bucket, Prefix=prefix)
            for page in pages:
                entries.update({entry["Key"]: entry for entry in page.get("Contents", [])})
        metadata = {key: entry["ETag"] for key, entry in entries.items() if key.endswith(documents.METADATA_SUFFIX)}
        contents = {key: entry for key, entry in entries.items() if key not in metadata and not key.endswith("/")}
        self._statistics["numberOfMetadataDocumentsScanned"] = len(metadata)
        self._statistics["numberOfDocumentsScanned"] = len(contents)
        return {key: (entry, metadata.get(key + documents.METADATA_SUFFIX)) for key, entry in contents.items()}

    def _is_changed(self, key: str, listed: dict[str, tuple[dict[str, Any], str | None]]) -> bool:
        known = self._source.documents.get(key)
        entry, metadata = listed[key]
        return known is None or known.status != "INDEXED" or known.version != (entry["ETag"], metadata)

    def _ingest(self, keys: list[str], listed: dict[str, tuple[dict[str, Any], str | None]]) -> None:
        """Embed the chunks of some documents at once, and store each document's."""
        read: list[tuple[str, list[Chunk], dict[str, Any]]] = []
        for key in keys:
            entry, metadata = listed[key]
            version = (entry["ETag"], metadata)
            try:
                read.append((key, *self._read(key, entry, metadata)))
            except DocumentError as error:
                self._fail(key, version, str(error))
        embed = embedder()[1]
        vectors = iter(
            embed([chunk.text for _, chunks, _ in read for chunk in chunks], self._base.dimensions, passages=True)
        )
        for key, chunks, attributes in read:
            self._store(
                key, (listed[key][0]["ETag"], listed[key][1]), chunks, [next(vectors) for _ in chunks], attributes
            )

    def _read(self, key: str, entry: dict[str, Any], metadata: str | None) -> tuple[list[Chunk], dict[str, Any]]:
        if entry["Size"] > documents.MAX_BYTES:
            limit = documents.MAX_BYTES // 1024**2
            raise DocumentError(f"the file has {entry['Size']} bytes; at most {limit} MB are allowed")
        parsed = parse(key, self._body(key), self._source.parsing_strategy)
        attributes = documents.metadata_of(self._body(key + documents.METADATA_SUFFIX)) if metadata else {}
        chunks = paged(self._source.chunking.cut(parsed.text), parsed)
        if self._transformation:
            chunks = self._transformation.applied(f"s3://{self._source.bucket}/{key}", chunks, attributes)
        return chunks, attributes

    def _transforming(self) -> Transformation | None:
        """The owner's function of the data source, with what it needs to be called."""
        configured = self._source.transformation
        if configured is None:
            return None
        bucket, _, prefix = configured.location.removeprefix("s3://").partition("/")
        ids = {name: self._job[name] for name in ("knowledgeBaseId", "dataSourceId", "ingestionJobId")}
        return Transformation(configured.function, bucket, prefix, self._objects, client("lambda", self._role), ids)

    def _body(self, key: str) -> bytes:
        try:
            content: bytes = self._objects.get_object(Bucket=self._source.bucket, Key=key)["Body"].read()
        except self._objects.exceptions.NoSuchKey:
            raise DocumentError("the object is no longer in the bucket") from None
        return content

    def _store(
        self,
        key: str,
        version: tuple[str, str | None],
        chunks: list[Chunk],
        vectors: list[list[float]],
        attributes: dict[str, Any],
    ) -> None:
        uri = f"s3://{self._source.bucket}/{key}"
        records = [
            {
                "key": hashlib.sha256(f"{uri}#{number}".encode()).hexdigest(),
                "data": {"float32": vector},
                "metadata": {
                    **attributes,
                    **chunk.attributes,
                    "AMAZON_BEDROCK_TEXT": chunk.text,
                    "AMAZON_BEDROCK_METADATA": json.dumps(
                        {"source": {"sourceLocation": uri}, "chunk": number, "parentText": chunk.parent}
                    ),
                    "x-amz-bedrock-kb-source-uri": uri,
                    "x-amz-bedrock-kb-data-source-id": self._source.description["dataSourceId"],
                },
            }
            for number, (chunk, vector) in enumerate(zip(chunks, vectors, strict=True))
        ]
        known = self._source.documents.get(key)
        if known:
            self._index.vectors.delete(known.keys)
        try:
            vector_store.put(self._index, records)
        except ServiceError as error:
            self._fail(key, version, error.message)
            return
        was_indexed = known is not None and known.status == "INDEXED"
        self._statistics["numberOfModifiedDocumentsIndexed" if was_indexed else "numberOfNewDocumentsIndexed"] += 1
        keys = [str(record["key"]) for record in records]
        self._source.documents[key] = Document(version, "INDEXED", keys=keys, updated=now())

    def _fail(self, key: str, version: tuple[str, str | None], reason: str) -> None:
        self._statistics["numberOfDocumentsFailed"] += 1
        self._job["failureReasons"].append(f"s3://{self._source.bucket}/{key}: {reason}")
        self._source.documents[key] = Document(version, "FAILED", reason, updated=now())


def _batches(keys: list[str], sizes: list[int]) -> Iterator[list[str]]:
    """Documents that are read and embedded at once: some small ones, or one large."""
    batch: list[str] = []
    total = 0
    for key, size in zip(keys, sizes, strict=True):
        if batch and (len(batch) == _DOCUMENTS_A_BATCH or total + size > _BYTES_A_BATCH):
            yield batch
            batch, total = [], 0
        batch.append(key)
        total += size
    if batch:
        yield batch
