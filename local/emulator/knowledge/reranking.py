"""Rerank, and the reranking inside Retrieve: who may call which model, and its order by a stand-in."""

from typing import Any

from local.emulator.base.http import Reply, Request, ServiceError, reply
from local.emulator.base.identity import require_caller
from local.emulator.base.internals import scope
from local.emulator.foundation import access, catalogue
from local.emulator.knowledge.words.reranking import reranked

MOST_SOURCES, LONGEST_SOURCE = 1_000, 32_000  # botocore: RerankSourcesList, RerankTextDocument


def check_model(request: Request, configuration: dict[str, Any]) -> None:
    """Refuse a reranking that the caller may not ask for, or of a model that does not rerank.

    Raises:
        ServiceError: with AWS's code.
    """
    arn = configuration["bedrockRerankingConfiguration"]["modelConfiguration"]["modelArn"]
    model = str(arn).rsplit("/", 1)[-1]
    require_caller(request, "bedrock:Rerank", "*")
    require_caller(request, "bedrock:InvokeModel", arn)
    catalogue.check_callable(model, scope()[1])
    if ".rerank-" not in model:
        raise ServiceError("ValidationException", f"The model {model} is not supported for reranking")
    access.check(model, model)


def rerank(request: Request) -> Reply:
    """Rerank texts that the request holds."""
    body = request.body
    configuration = body["rerankingConfiguration"]
    check_model(request, configuration)
    texts = [source["inlineDocumentSource"]["textDocument"]["text"] for source in body["sources"]]
    if not 1 <= len(texts) <= MOST_SOURCES or any(not 1 <= len(text) <= LONGEST_SOURCE for text in texts):
        allowed = f"1 to {MOST_SOURCES:,} sources of 1 to {LONGEST_SOURCE:,} characters"
        raise ServiceError("ValidationException", f"sources has {len(texts)} texts; allowed: {allowed}")
    count = configuration["bedrockRerankingConfiguration"].get("numberOfResults", len(texts))
    order = reranked(body["queries"][0]["textQuery"]["text"], texts, count)
    return reply({"results": [{"index": index, "relevanceScore": score} for index, score in order]})


def in_order(question: str, results: list[dict[str, Any]], configuration: dict[str, Any]) -> list[dict[str, Any]]:
    """Results of Retrieve in the order of the reranking, with its scores."""
    count = configuration["bedrockRerankingConfiguration"].get("numberOfRerankedResults", len(results))
    order = reranked(question, [each["content"]["text"] for each in results], count)
    return [{**results[index], "score": score} for index, score in order]
