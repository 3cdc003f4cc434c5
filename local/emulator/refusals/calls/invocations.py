"""Bodies of InvokeModel that embedding models and rerankers refuse (Bedrock user guide, *model-parameters-titan-embed*
and *rerank-supported*; the sentences as they were seen)."""

from typing import Any

from local.emulator.base.http import ServiceError

Record = dict[str, Any]
_TITAN = ("inputText", "dimensions", "normalize", "embeddingTypes")
_MOST_CHARACTERS, _MOST_TOKENS = 50_000, 8_192
_MOST_DOCUMENTS = 1_000


def check_embedding(body: Record, dimensions: tuple[int, ...], tokens: int) -> None:
    """Refuse what Titan Text Embeddings V2 does not embed.

    Args:
        body: of the request.
        dimensions: that the model offers.
        tokens: of the text.

    Raises:
        ServiceError: ValidationException.
    """
    text = body.get("inputText")
    for name in body.keys() - {*_TITAN}:
        raise _malformed(f"#: extraneous key [{name}] is not permitted")
    if not isinstance(text, str) or not text:
        raise _malformed("inputText must be a text with characters")
    if len(text) > _MOST_CHARACTERS:
        raise _malformed(f"expected maxLength: {_MOST_CHARACTERS}, actual: {len(text)}")
    if tokens > _MOST_TOKENS:
        limit = f"Max input tokens: {_MOST_TOKENS}, request input token count: {tokens}"
        raise ServiceError("ValidationException", f"400 Bad Request: Too many input tokens. {limit}")
    if body.get("dimensions", dimensions[-1]) not in dimensions:
        raise _malformed(f"dimensions must be one of {dimensions}")


def check_reranking(body: Record, *, versioned: bool) -> None:
    """Refuse a query or documents that cannot be put in order; Cohere's models need the version of their API.

    Raises:
        ServiceError: ValidationException.
    """
    required = ("query", "documents", *(["api_version"] if versioned else []))
    for name in required:
        if name not in body:
            raise _malformed(f"#: required key [{name}] not found")
    documents = len(body["documents"])
    if not str(body["query"]):
        raise _malformed("#/query: expected minLength: 1, actual: 0")
    if not 1 <= documents <= _MOST_DOCUMENTS:
        raise _malformed(f"#/documents: expected 1 to {_MOST_DOCUMENTS} items, found: {documents}")
    if int(body.get("top_n", 1)) < 1:
        raise _malformed(f"#/top_n: {body['top_n']} is not greater or equal to 1")


def _malformed(reason: str) -> ServiceError:
    text = f"Malformed input request: {reason}, please reformat your input and try again."
    return ServiceError("ValidationException", text)
