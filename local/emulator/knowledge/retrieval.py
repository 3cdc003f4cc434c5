"""Retrieve: a question's nearest chunks, found under the knowledge base's role."""

import json
from typing import Any, NamedTuple

from local.emulator.base.http import Reply, Request, ServiceError, reply, serve
from local.emulator.base.identity import RoleSession, client, require
from local.emulator.embedding.model import embedder
from local.emulator.knowledge import managed, opensearch
from local.emulator.knowledge.knowledge_bases import KnowledgeBase, find
from local.emulator.knowledge.reranking import check_model, in_order, rerank
from local.emulator.knowledge.searching import Found, by_both, by_meaning
from local.emulator.knowledge.vectors import arns
from local.emulator.knowledge.vectors.filters import FilterError, translate

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
    search = _search_settings(request.body.get("retrievalConfiguration") or {}, knowledge_base.store)
    reranking = _reranking(request)
    role = knowledge_base.as_role()
    require(role, "bedrock:InvokeModel", model)
    hits = (_elsewhere if knowledge_base.elsewhere else _in_s3_vectors)(knowledge_base, role, question, search)
    results = [_result(metadata, score) for metadata, score in hits]
    # Of small chunks in one large one, which is given in their place, the best stands for all.
    best = {(each["location"]["s3Location"]["uri"], each["content"]["text"]): each for each in reversed(results)}
    ranked = sorted(best.values(), key=lambda each: -each["score"])
    return reply({"retrievalResults": in_order(question, ranked, reranking) if reranking else ranked})


class _Search(NamedTuple):
    """A search as the request asks for it, its filter in the language of S3 Vectors."""

    results: int
    condition: dict[str, Any] | None
    hybrid: bool


def _in_s3_vectors(knowledge_base: KnowledgeBase, role: RoleSession, question: str, search: _Search) -> Found:
    vector = embedder()[1]([question], knowledge_base.dimensions, passages=False)[0]
    bucket, index = arns.names(knowledge_base.index_arn)
    hits = client("s3vectors", role).query_vectors(
        vectorBucketName=bucket,
        indexName=index,
        topK=search.results,
        queryVector={"float32": vector},
        returnMetadata=True,
        returnDistance=True,
        **({"filter": search.condition} if search.condition else {}),
    )["vectors"]
    return [(hit["metadata"], 1 - hit["distance"]) for hit in hits]


def _elsewhere(knowledge_base: KnowledgeBase, role: RoleSession, question: str, search: _Search) -> Found:
    opensearch.check_access(role, knowledge_base.description["storageConfiguration"])
    searched = by_both if search.hybrid else by_meaning
    return searched(knowledge_base, question, search.results, search.condition)


def _reranking(request: Request) -> dict[str, Any] | None:
    search = (request.body.get("retrievalConfiguration") or {}).get("vectorSearchConfiguration") or {}
    configuration: dict[str, Any] | None = search.get("rerankingConfiguration")
    if configuration:
        check_model(request, configuration)
    return configuration


def _search_settings(configuration: dict[str, Any], store: str) -> _Search:
    if "managedSearchConfiguration" in configuration:
        raise ServiceError(
            "ValidationException",
            "Incompatible configuration: managedSearchConfiguration is only supported for managed knowledge bases.",
        )
    settings = configuration.get("vectorSearchConfiguration") or {}
    hybrid = settings.get("overrideSearchType") == "HYBRID"
    if hybrid and store == "S3_VECTORS":
        raise ServiceError(
            "ValidationException",
            "HYBRID search type is not supported for search operation on index of type S3_VECTORS",
        )
    count = settings.get("numberOfResults", 5)
    if not 1 <= count <= 100:
        raise ServiceError("ValidationException", f"numberOfResults is {count}; allowed: 1 to 100")
    try:
        return _Search(count, translate(settings.get("filter"), store), hybrid)
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
