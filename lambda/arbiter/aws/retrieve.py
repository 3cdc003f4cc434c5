"""The knowledge base behind Bedrock's Retrieve."""

from collections.abc import Mapping
from typing import Any

from arbiter.answering.prompts import Passage
from arbiter.answering.retrieval import Query
from arbiter.aws.clients import Client
from arbiter.aws.errors import Callee
from arbiter.errors import KnowledgeBaseUnavailable

RERANKED_FROM = 4
"""Passages read for each one that a reranker keeps."""
MOST_RESULTS = 100
"""botocore: numberOfResults."""

_PLACES = {
    "s3Location": "uri",
    "webLocation": "url",
    "confluenceLocation": "url",
    "salesforceLocation": "url",
    "sharePointLocation": "url",
    "kendraDocumentLocation": "uri",
    "customDocumentLocation": "id",
    "sqlLocation": "query",
}
_SOURCE = "x-amz-bedrock-kb-source-uri"


class KnowledgeBase:
    """One knowledge base, and the reranking model it may use."""

    def __init__(self, client: Client, knowledge_base_id: str, rerank_model: str | None) -> None:
        self._client, self._id, self._rerank_model = client, knowledge_base_id, rerank_model
        self._callee = Callee(
            f"the knowledge base {knowledge_base_id}",
            missing=KnowledgeBaseUnavailable,
            failed=KnowledgeBaseUnavailable,
            field="retrieval",
        )

    def retrieve(self, query: Query, timeout: float) -> list[Passage]:
        """Passages for a query, within so many seconds."""
        response = self._client.call(
            "retrieve",
            self._callee,
            timeout,
            knowledgeBaseId=self._id,
            retrievalQuery={"text": query.text},
            retrievalConfiguration={"vectorSearchConfiguration": self._search(query)},
        )
        results = response.get("retrievalResults")
        if results is None:  # What botocore makes of a body that was cut or was no JSON.
            raise KnowledgeBaseUnavailable("The knowledge base's response is empty or cut.", retryable=True)
        return [_passage(result) for result in results if result.get("content", {}).get("text")]

    def _search(self, query: Query) -> dict[str, Any]:
        options = query.options
        search: dict[str, Any] = {"numberOfResults": query.results}
        if options.search is not None:
            search["overrideSearchType"] = options.search.upper()
        if options.filter is not None:
            search["filter"] = options.filter
        if options.rerank:
            search["numberOfResults"] = min(MOST_RESULTS, query.results * RERANKED_FROM)
            search["rerankingConfiguration"] = {
                "type": "BEDROCK_RERANKING_MODEL",
                "bedrockRerankingConfiguration": {
                    "modelConfiguration": {"modelArn": self._rerank_model},
                    "numberOfRerankedResults": query.results,
                },
            }
        return search


def _passage(result: Mapping[str, Any]) -> Passage:
    return Passage(result["content"]["text"], _uri(result), result.get("score"))


def _uri(result: Mapping[str, Any]) -> str:
    location = result.get("location", {})
    for place, name in _PLACES.items():
        if place in location:
            return str(location[place].get(name, ""))
    return str(result.get("metadata", {}).get(_SOURCE, ""))
