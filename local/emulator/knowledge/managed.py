"""Managed knowledge bases: what AWS refuses of them, and their search by meaning and by words at once.

Messages: those that AWS was seen to answer, in public records of 2026.
"""

import json
from typing import Any
from urllib.parse import quote

from local.emulator.base.http import Request, ServiceError
from local.emulator.knowledge.knowledge_bases import KnowledgeBase
from local.emulator.knowledge.reranking import check_model, in_order
from local.emulator.knowledge.searching import by_both
from local.emulator.knowledge.vectors.filters import FilterError, translate
from local.emulator.knowledge.words.reranking import reranked

CONNECTOR = "MANAGED_KNOWLEDGE_BASE_CONNECTOR"
MAX_QUESTION_CHARACTERS = 10_000  # docs: kb-managed-quotas


def check(body: dict[str, Any]) -> dict[str, Any]:
    """The configuration of a new knowledge base as it is kept, with AWS's defaults.

    Raises:
        ServiceError: a store of one's own, or what is not emulated.
    """
    if body.get("storageConfiguration"):
        raise _invalid("storageConfiguration cannot be specified for a knowledge base of type MANAGED")
    managed = body["knowledgeBaseConfiguration"].get("managedKnowledgeBaseConfiguration") or {}
    kind = managed.get("embeddingModelType", "MANAGED")
    if kind != "MANAGED":
        raise _invalid("the local AWS emulates managed knowledge bases with embeddingModelType MANAGED only")
    if {"embeddingModelArn", "embeddingModelConfiguration"} & managed.keys():
        raise _invalid("embeddingModelArn and embeddingModelConfiguration cannot be specified with MANAGED embedding")
    return {"type": "MANAGED", "managedKnowledgeBaseConfiguration": {**managed, "embeddingModelType": kind}}


def connector(body: dict[str, Any]) -> dict[str, Any]:
    """The configuration of a new data source as it is given back: its parameters a text, with AWS's defaults.

    Raises:
        ServiceError: a data source that a managed knowledge base does not take, or one that is not emulated.
    """
    configuration = body["dataSourceConfiguration"]
    if configuration["type"] != CONNECTOR:
        raise _invalid("Unsupported data source type for MANAGED knowledge base type.")
    _check_reading(body.get("vectorIngestionConfiguration") or {})
    settings = configuration.get("managedKnowledgeBaseConnectorConfiguration") or {}
    if (settings.get("deletionProtectionConfiguration") or {}).get("deletionProtectionStatus") == "ENABLED":
        raise _invalid("the local AWS emulates no deletion protection")
    parameters = settings.get("connectorParameters") or {}
    _check_parameters(parameters)
    limit = {"maxFileSizeInMegaBytes": "500", **(parameters.get("filterConfiguration") or {})}
    kept = json.dumps({**parameters, "filterConfiguration": limit, "aclEnabled": False})
    return {"type": CONNECTOR, "managedKnowledgeBaseConnectorConfiguration": {**settings, "connectorParameters": kept}}


def _check_reading(reading: dict[str, Any]) -> None:
    if "chunkingConfiguration" in reading:
        raise _invalid(
            "A chunking strategy cannot be specified with a managed embedding model. "
            "Omit chunkingConfiguration to use the default."
        )
    parsing = (reading.get("parsingConfiguration") or {}).get("parsingStrategy", "SMART_PARSING")
    if parsing != "SMART_PARSING":
        raise _invalid(f"The parsing strategy {parsing} is not supported for managed knowledge bases.")


def _check_parameters(parameters: dict[str, Any]) -> None:
    if "type" not in parameters:
        raise _invalid("Connector type is required in connector parameters")
    if "version" not in parameters:
        raise _invalid("The 'version' field is required in connector parameters.")
    if parameters["version"] != "1":
        raise _invalid(f"Invalid connector version '{parameters['version']}'. Supported versions are: 1.")
    if parameters["type"] != "S3" or not (parameters.get("connectionConfiguration") or {}).get("bucketName"):
        raise _invalid("the local AWS emulates connectors to a bucket of S3 only")


def retrieve(request: Request, knowledge_base: KnowledgeBase, question: str) -> list[dict[str, Any]]:
    """The passages that fit best by meaning and by words, reranked as the request asks.

    Raises:
        ServiceError: a request that AWS refuses.
    """
    if len(question) > MAX_QUESTION_CHARACTERS:
        raise _invalid(f"retrievalQuery.text has {len(question)} characters; at most 10000 are allowed")
    configuration = request.body.get("retrievalConfiguration") or {}
    if "vectorSearchConfiguration" in configuration:
        raise _invalid(
            "Incompatible configuration: vectorSearchConfiguration is not supported for managed knowledge bases. "
            "Use managedSearchConfiguration instead."
        )
    search = configuration.get("managedSearchConfiguration") or {}
    count = search.get("numberOfResults", 5)
    if not 1 <= count <= 100:
        raise _invalid(f"numberOfResults is {count}; allowed: 1 to 100")
    try:
        condition = translate(search.get("filter"), "MANAGED")
    except FilterError as error:
        raise _invalid(str(error)) from error
    hits = by_both(knowledge_base, question, count, condition)
    results = [_result(metadata, score) for metadata, score in hits]
    return _reranked(request, search, question, results)


def _result(metadata: dict[str, Any], score: float) -> dict[str, Any]:
    names = {"x-amz-bedrock-kb-source-uri": "_source_uri", "x-amz-bedrock-kb-data-source-id": "_data_source_id"}
    bucket, _, key = str(metadata["x-amz-bedrock-kb-source-uri"]).removeprefix("s3://").partition("/")
    address = f"https://{bucket}.s3.amazonaws.com/{quote(key)}"
    kept = {names.get(name, name): value for name, value in metadata.items() if not name.startswith("AMAZON_BEDROCK")}
    return {
        "content": {"type": "TEXT", "text": metadata["AMAZON_BEDROCK_TEXT"]},
        "location": {"type": "S3", "s3Location": {"uri": address}},
        "score": score,
        "metadata": {**kept, "_source_uri": address},
    }


def _reranked(
    request: Request, search: dict[str, Any], question: str, results: list[dict[str, Any]]
) -> list[dict[str, Any]]:
    kind = search.get("rerankingModelType", "MANAGED")
    if kind == "CUSTOM":
        if not search.get("rerankingConfiguration"):
            raise _invalid("rerankingConfiguration is required when rerankingModelType is CUSTOM")
        check_model(request, search["rerankingConfiguration"])
        return in_order(question, results, search["rerankingConfiguration"])
    if kind == "MANAGED":
        order = reranked(question, [each["content"]["text"] for each in results], len(results))
        return [{**results[index], "score": score} for index, score in order]
    return sorted(results, key=lambda each: -each["score"])


def _invalid(message: str) -> ServiceError:
    return ServiceError("ValidationException", message)
