"""Retrieve: a question's nearest chunks, found under the knowledge base's role."""

import json
from typing import Any

from local.emulator.base.http import Reply, Request, ServiceError, reply, serve
from local.emulator.base.identity import client, require
from local.emulator.embedding.model import embedder
from local.emulator.knowledge import managed, vector_arns
from local.emulator.knowledge.knowledge_bases import find
from local.emulator.knowledge.reranking import check_model, in_order, rerank
from local.emulator.knowledge.vector_filters import FilterError, translate

MAX_QUESTION_CHARACTERS = 20_000  # the API's own model


def install() -> None:
    """Serve the API."""
    serve(
        "bedrock-agent-runtime",
        [
            ("POST", r"^/knowledgebases/([^/]+)/retrieve$", _retrieve),
            ("POST", r"^/rerank/?$", rerank),
            ("POST", r"^/retrieveAndGenerate(?:Stream)?$", _refuse),
        ],
    )


def _retrieve(request: Request, identifier: str) -> Reply:
    knowledge_base = find(identifier)
    question = (request.body.get("retrievalQuery") or {}).get("text") or ""
    if not question.strip():
        raise ServiceError("ValidationException", "retrievalQuery.text must not be empty")
    if len(question) > MAX_QUESTION_CHARACTERS:
        raise ServiceError(
            "ValidationException", f"retrievalQuery.text has {len(question)} characters; at most 20000 are allowed"
        )
    if (model := knowledge_base.embedding_model) is None:
        return reply({"retrievalResults": managed.retrieve(request, knowledge_base, question)})
    count, condition = _search_settings(request.body.get("retrievalConfiguration") or {})
    reranking = _reranking(request)
    role = knowledge_base.as_role()
    require(role, "bedrock:InvokeModel", model)
    vector = embedder()[1]([question], knowledge_base.dimensions, passages=False)[0]
    bucket, index = vector_arns.names(knowledge_base.index_arn)
    hits = client("s3vectors", role).query_vectors(
        vectorBucketName=bucket,
        indexName=index,
        topK=count,
        queryVector={"float32": vector},
        returnMetadata=True,
        returnDistance=True,
        **({"filter": condition} if condition else {}),
    )["vectors"]
    results = [_result(hit["metadata"], 1 - hit["distance"]) for hit in hits]
    # Of small chunks in one large one, which is given in their place, the best stands for all.
    best = {(each["location"]["s3Location"]["uri"], each["content"]["text"]): each for each in reversed(results)}
    found = sorted(best.values(), key=lambda each: -each["score"])
    return reply({"retrievalResults": in_order(question, found, reranking) if reranking else found})


def _reranking(request: Request) -> dict[str, Any] | None:
    search = (request.body.get("retrievalConfiguration") or {}).get("vectorSearchConfiguration") or {}
    configuration: dict[str, Any] | None = search.get("rerankingConfiguration")
    if configuration:
        check_model(request, configuration)
    return configuration


def _search_settings(configuration: dict[str, Any]) -> tuple[int, dict[str, Any] | None]:
    if "managedSearchConfiguration" in configuration:
        raise ServiceError(
            "ValidationException",
            "Incompatible configuration: managedSearchConfiguration is only supported for managed knowledge bases.",
        )
    settings = configuration.get("vectorSearchConfiguration") or {}
    if settings.get("overrideSearchType") == "HYBRID":
        raise ServiceError(
            "ValidationException",
            "HYBRID search type is not supported for search operation on index of type S3_VECTORS",
        )
    count = settings.get("numberOfResults", 5)
    if not 1 <= count <= 100:
        raise ServiceError("ValidationException", f"numberOfResults is {count}; allowed: 1 to 100")
    try:
        return count, translate(settings.get("filter"))
    except FilterError as error:
        raise ServiceError("ValidationException", str(error)) from error


def _result(metadata: dict[str, Any], score: float) -> dict[str, Any]:
    return {
        "content": {"type": "TEXT", "text": _parent(metadata) or metadata["AMAZON_BEDROCK_TEXT"]},
        "location": {"type": "S3", "s3Location": {"uri": metadata["x-amz-bedrock-kb-source-uri"]}},
        "score": score,
        "metadata": {key: value for key, value in metadata.items() if not key.startswith("AMAZON_BEDROCK")},
    }


def _parent(metadata: dict[str, Any]) -> str | None:
    """The large chunk that a small one stands in, under hierarchical chunking."""
    parent: str | None = json.loads(metadata["AMAZON_BEDROCK_METADATA"]).get("parentText")
    return parent


def _refuse(_: Request) -> Reply:
    raise ServiceError(
        "ValidationException", "the local AWS has no RetrieveAndGenerate; Arbiter composes Retrieve and Converse"
    )
