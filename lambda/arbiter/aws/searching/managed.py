"""The form in which AWS's managed knowledge bases are searched: always by meaning and by words, and reranked by AWS."""

import re
from typing import Any
from urllib.parse import unquote

from arbiter.answering.prompts import Passage
from arbiter.answering.retrieval import Query

LONGEST_QUERY = 10_000
"""Characters: Bedrock user guide, *kb-managed-quotas*; other knowledge bases take twice as many."""
_HOST = r"https://(?:(?P<bucket>[a-z0-9][a-z0-9.-]+)\.)?s3(?:[.-][a-z0-9-]+)?\.amazonaws\.com(?:\.cn)?/(?P<path>.+)"


def managed_search(query: Query, rerank_model: str | None) -> dict[str, Any]:
    """`retrievalConfiguration` of one search.

    AWS's own reranking is part of the price; a request that asks for reranking gets the configured model's instead.
    """
    search: dict[str, Any] = {"numberOfResults": query.read, "rerankingModelType": "MANAGED"}
    if query.options.filter is not None:
        search["filter"] = query.options.filter
    if query.options.rerank:
        search["rerankingModelType"] = "CUSTOM"
        search["rerankingConfiguration"] = {
            "type": "BEDROCK_RERANKING_MODEL",
            "bedrockRerankingConfiguration": {
                "modelConfiguration": {"modelArn": rerank_model},
                "numberOfRerankedResults": query.results,
            },
        }
    return {"managedSearchConfiguration": search}


def addressed(passage: Passage) -> Passage:
    """The passage with the address of its object as `s3://`: managed knowledge bases give that of a web page."""
    match = re.fullmatch(_HOST, passage.uri)
    if not match:
        return passage
    path = unquote(match["path"])
    return passage._replace(uri=f"s3://{match['bucket']}/{path}" if match["bucket"] else f"s3://{path}")
