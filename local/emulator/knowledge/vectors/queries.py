"""Vectors of an index by key, by similarity, and by the words of their metadata."""

from typing import Any

from local.emulator.base.http import Reply, Request, ServiceError, reply
from local.emulator.base.identity import require_caller
from local.emulator.knowledge.vectors.search import Hit
from local.emulator.knowledge.vectors.store import Index
from local.emulator.refusals.calls.vectors import check_filter, check_vector

TOP_K = 100  # docs: S3 Vectors limitations
MOST_TEXTS, LONGEST_TEXT = 10, 1_024  # botocore: QueryTextList, QueryTextString


def described(index: Index, key: str, request: Request) -> dict[str, Any]:
    """A vector as the API answers it: its key, and what the request asks to be returned."""
    vector: dict[str, Any] = {"key": key}
    if request.body.get("returnData"):
        vector["data"] = {"float32": index.vectors.vector(key)}
    if request.body.get("returnMetadata"):
        vector["metadata"] = index.vectors.metadata[key]
    return vector


def get(index: Index, request: Request) -> Reply:
    """GetVectors: those of the keys that are there."""
    known = [key for key in request.body["keys"] if key in index.vectors.metadata]
    return reply({"vectors": [described(index, key, request) for key in known]})


def query(index: Index, request: Request) -> Reply:
    """QueryVectors: the nearest to a vector, or the best fitting to texts.

    Raises:
        ServiceError: a request that AWS refuses, or one for both at once, which is not emulated.
    """
    body = request.body
    if body.get("returnMetadata") or body.get("filter") or body.get("queryTexts"):
        # botocore, QueryVectors: with texts, a filter or metadata it needs GetVectors too.
        require_caller(request, "s3vectors:GetVectors", index.description["indexArn"])
    if not 1 <= body["topK"] <= TOP_K:
        raise ServiceError("ValidationException", f"topK is {body['topK']}; allowed: 1 to {TOP_K}")
    if not body.get("queryTexts") and not body.get("queryVector"):
        raise ServiceError("ValidationException", "A request must include queryVector, queryTexts, or both")
    if body.get("queryTexts") and body.get("queryVector"):
        raise ServiceError("ValidationException", "the local AWS answers queryVector or queryTexts, not both at once")
    check_filter(body.get("filter") or {})
    hits = _containing(index, body) if body.get("queryTexts") else _nearest(index, body)
    vectors = [described(index, key, request) for _, key in hits]
    if body.get("returnDistance") and body.get("queryVector"):
        vectors = [{**vector, "distance": distance} for vector, (distance, _) in zip(vectors, hits, strict=True)]
    return reply({"vectors": vectors, "distanceMetric": index.vectors.metric})


def _nearest(index: Index, body: dict[str, Any]) -> list[Hit]:
    wanted = body["queryVector"]["float32"]
    if len(wanted) != index.vectors.dimension:
        raise ServiceError(
            "ValidationException", f"Query vector has length {len(wanted)}, the index {index.vectors.dimension}"
        )
    check_vector(wanted, index.vectors.metric)
    return index.vectors.nearest(wanted, body["topK"], body.get("filter"))


def _containing(index: Index, body: dict[str, Any]) -> list[Hit]:
    texts = {each["metadataKey"]: each["text"] for each in body["queryTexts"]}
    if len(body["queryTexts"]) > MOST_TEXTS or len(texts) < len(body["queryTexts"]):
        raise ServiceError("ValidationException", f"queryTexts has at most {MOST_TEXTS} texts, each for another key")
    if len(texts) > 1:
        raise ServiceError("ValidationException", "the local AWS searches one metadata key at a time by words")
    [(name, text)] = texts.items()
    if name not in index.vectors.texts:
        raise ServiceError("ValidationException", f"The metadata key {name} is not configured for full-text search")
    if not 1 <= len(text) <= LONGEST_TEXT:
        raise ServiceError("ValidationException", f"text has {len(text)} characters; allowed: 1 to {LONGEST_TEXT:,}")
    return index.vectors.containing(name, text, body["topK"], body.get("filter"))
