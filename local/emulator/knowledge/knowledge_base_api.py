"""The API of knowledge bases and data sources: Bedrock Agent's control plane."""

import re
from typing import Any

from local.emulator.base.http import Reply, Request, ServiceError, reply, serve
from local.emulator.base.identity import client, require, require_caller
from local.emulator.base.internals import scope
from local.emulator.foundation import catalogue
from local.emulator.knowledge import managed, opensearch
from local.emulator.knowledge.data_sources import DataSource
from local.emulator.knowledge.knowledge_bases import (
    KNOWLEDGE_BASES,
    SERVICE,
    KnowledgeBase,
    find,
    find_source,
    new_id,
    now,
)
from local.emulator.knowledge.reading.chunking import ChunkingError
from local.emulator.knowledge.vectors import arns

_NAME = re.compile(r"([0-9a-zA-Z][_-]?){1,100}")
STORES = ("S3_VECTORS", opensearch.STORE)
_CREATE_ONLY = ("knowledgeBaseConfiguration", "storageConfiguration")


def install() -> None:
    """Serve the API."""
    one, sources = r"^/knowledgebases/([^/]+)", r"^/knowledgebases/([^/]+)/datasources"
    serve(
        "bedrock-agent",
        [
            ("PUT", r"^/knowledgebases/?$", _create),
            ("POST", r"^/knowledgebases/?$", _list),
            ("GET", one + r"/?$", lambda _, identifier: reply({"knowledgeBase": find(identifier).description})),
            ("PUT", one + r"/?$", _update),
            ("DELETE", one + r"/?$", _delete),
            ("PUT", sources + r"/?$", _create_source),
            ("POST", sources + r"/?$", _list_sources),
            ("GET", sources + r"/([^/]+)/?$", _get_source),
            ("PUT", sources + r"/([^/]+)/?$", _update_source),
            ("DELETE", sources + r"/([^/]+)/?$", _delete_source),
        ],
    )


def _create(request: Request) -> Reply:
    body = request.body
    require_caller(request, "iam:PassRole", body["roleArn"], context={"iam:PassedToService": SERVICE})
    if not _NAME.fullmatch(body["name"]):
        raise ServiceError("ValidationException", f"name {body['name']!r} must match {_NAME.pattern}")
    if any(kb.description["name"] == body["name"] for kb in KNOWLEDGE_BASES.values()):
        raise ServiceError("ConflictException", f"KnowledgeBase with name {body['name']} already exists", 409)
    kept = {key: body[key] for key in ("name", "roleArn", *_CREATE_ONLY) if key in body}
    if body["knowledgeBaseConfiguration"]["type"] == "MANAGED":
        kept["knowledgeBaseConfiguration"] = managed.check(body)
    elif (store := (body.get("storageConfiguration") or {}).get("type")) not in STORES:
        raise ServiceError("ValidationException", f"the local AWS has no vector stores of type {store}")
    account, region = scope()
    identifier = new_id()
    description = {
        "knowledgeBaseId": identifier,
        "knowledgeBaseArn": f"arn:aws:bedrock:{region}:{account}:knowledge-base/{identifier}",
        **kept,
        "description": body.get("description", ""),
        "status": "ACTIVE",
        "createdAt": now(),
        "updatedAt": now(),
    }
    knowledge_base = KnowledgeBase(description)
    _check_store(knowledge_base)
    KNOWLEDGE_BASES[identifier] = knowledge_base
    return reply({"knowledgeBase": description}, 202)


def _check_store(knowledge_base: KnowledgeBase) -> None:
    """Bedrock refuses a knowledge base whose role cannot reach its model and its store."""
    role, model = knowledge_base.as_role(), knowledge_base.embedding_model
    if model is None:
        return
    if "embed" not in model:
        raise ServiceError("ValidationException", f"The provided model {model} is not supported for embeddings.")
    require(role, "bedrock:InvokeModel", model)
    catalogue.check_callable(model, scope()[1])
    if knowledge_base.store == opensearch.STORE:
        opensearch.check_access(role, knowledge_base.description["storageConfiguration"])
        return
    bucket, index = arns.names(knowledge_base.index_arn)
    existing = client("s3vectors", role).get_index(vectorBucketName=bucket, indexName=index)["index"]
    if existing["dimension"] != knowledge_base.dimensions:
        raise ServiceError(
            "ValidationException",
            f"The embedding model's vectors have {knowledge_base.dimensions} dimensions, the index {index} has "
            f"{existing['dimension']}",
        )
    if knowledge_base.embeddings != "FLOAT32":
        raise ServiceError("ValidationException", f"The index {index} takes embeddings of FLOAT32 alone")
    unfilterable = (existing.get("metadataConfiguration") or {}).get("nonFilterableMetadataKeys") or []
    missing = {"AMAZON_BEDROCK_TEXT", "AMAZON_BEDROCK_METADATA"} - set(unfilterable)
    if missing:
        raise ServiceError(
            "ValidationException", f"The index {index} lacks the non-filterable metadata keys {sorted(missing)}"
        )


def _list(_: Request) -> Reply:
    fields = ("knowledgeBaseId", "name", "description", "status", "updatedAt")
    return reply({"knowledgeBaseSummaries": [_only(kb.description, fields) for kb in KNOWLEDGE_BASES.values()]})


def _update(request: Request, identifier: str) -> Reply:
    knowledge_base = find(identifier)
    kept = knowledge_base.description
    changed = [key for key in _CREATE_ONLY if request.body.get(key) not in (None, kept.get(key))]
    if changed:
        raise ServiceError("ValidationException", f"{', '.join(changed)} cannot be changed after creation")
    updates: dict[str, Any] = {
        key: request.body[key] for key in ("name", "roleArn", "description") if key in request.body
    }
    knowledge_base.description.update(updates, updatedAt=now())
    return reply({"knowledgeBase": knowledge_base.description}, 202)


def _delete(_: Request, identifier: str) -> Reply:
    KNOWLEDGE_BASES.pop(find(identifier).id)
    return reply({"knowledgeBaseId": identifier, "status": "DELETING"}, 202)


def _create_source(request: Request, identifier: str) -> Reply:
    knowledge_base, body = find(identifier), request.body
    if knowledge_base.managed:
        body = {**body, "dataSourceConfiguration": managed.connector(body)}
    elif body["dataSourceConfiguration"]["type"] != "S3":
        raise ServiceError("ValidationException", "the local AWS emulates data sources of type S3 only")
    source = DataSource(
        {
            "knowledgeBaseId": knowledge_base.id,
            "dataSourceId": new_id(),
            "status": "AVAILABLE",
            "createdAt": now(),
            "updatedAt": now(),
            "dataDeletionPolicy": "DELETE",
            **{key: value for key, value in body.items() if key != "clientToken"},
        }
    )
    try:
        _ = source.chunking
    except ChunkingError as error:
        raise ServiceError("ValidationException", str(error)) from error
    knowledge_base.sources[source.description["dataSourceId"]] = source
    return reply({"dataSource": source.description})


def _list_sources(_: Request, identifier: str) -> Reply:
    fields = ("knowledgeBaseId", "dataSourceId", "name", "status", "description", "updatedAt")
    sources = find(identifier).sources.values()
    return reply({"dataSourceSummaries": [_only(source.description, fields) for source in sources]})


def _get_source(_: Request, identifier: str, source: str) -> Reply:
    return reply({"dataSource": find_source(find(identifier), source).description})


def _update_source(request: Request, identifier: str, source: str) -> Reply:
    existing = find_source(find(identifier), source)
    new = request.body.get("vectorIngestionConfiguration")
    if new is not None and new != existing.description.get("vectorIngestionConfiguration"):
        raise ServiceError("ValidationException", "vectorIngestionConfiguration cannot be changed after creation")
    body = request.body
    if find(identifier).managed:
        body = {**body, "dataSourceConfiguration": managed.connector(body)}
    existing.description.update(body, updatedAt=now())
    return reply({"dataSource": existing.description})


def _delete_source(_: Request, identifier: str, source: str) -> Reply:
    knowledge_base = find(identifier)
    existing = find_source(knowledge_base, source)
    keys = [key for document in existing.documents.values() for key in document.keys]
    if keys and existing.description["dataDeletionPolicy"] == "DELETE":
        _forget(knowledge_base, keys)
    del knowledge_base.sources[source]
    return reply({"knowledgeBaseId": identifier, "dataSourceId": source, "status": "DELETING"}, 202)


def _forget(knowledge_base: KnowledgeBase, keys: list[str]) -> None:
    if knowledge_base.elsewhere:
        knowledge_base.index.vectors.delete(keys)
        return
    vectors = client("s3vectors", knowledge_base.as_role())
    for start in range(0, len(keys), 500):
        vectors.delete_vectors(indexArn=knowledge_base.index_arn, keys=keys[start : start + 500])


def _only(record: dict[str, Any], fields: tuple[str, ...]) -> dict[str, Any]:
    return {name: record[name] for name in fields if name in record}
