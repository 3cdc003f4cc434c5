"""Hybrid search over S3 Vectors: `Retrieve` and a search of the index by words, side by side, fused and reranked."""

import math
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from arbiter.answering.prompts import Passage
from arbiter.answering.retrieval import MOST_RESULTS, Query
from arbiter.answering.searching.grammar import store_filter
from arbiter.answering.searching.hybrid import LEAST_READ, combined, query_text, whole_text
from arbiter.aws.calls.text import object_of
from arbiter.aws.clients import Client
from arbiter.aws.errors import Callee
from arbiter.aws.searching import newer
from arbiter.errors import KnowledgeBaseUnavailable

TEXT = "AMAZON_BEDROCK_TEXT"
"""The metadata key under which a knowledge base stores a passage."""
BESIDE = "AMAZON_BEDROCK_METADATA"
"""... and what it knows about the passage, a larger one around it among it."""
_LONGEST_SOURCE = 32_000
"""botocore: RerankTextDocument."""

Meaning = Callable[[Query, float], list[Passage]]
Read = Callable[[Any], Passage]
"""Makes a passage of a result of `Retrieve`."""


class HybridSearch:
    """A knowledge base's index, searched by meaning and by words."""

    def __init__(
        self, meaning: Meaning, read: Read, words: tuple[Client, str], runtime: Client, rerank_model: str | None,
        *, large_passages: bool,
    ) -> None:  # fmt: skip
        """`words` names the index; `runtime` reranks what is fused, of which `Retrieve` knows its part alone."""
        self._meaning, self._read, (self._vectors, self._index_arn) = meaning, read, words
        self._runtime, self._rerank_model, self._large_passages = runtime, rerank_model, large_passages
        newer.allow(self._vectors, "s3vectors.QueryVectors", "queryTexts")

    def retrieve(self, query: Query, timeout: float) -> list[Passage]:
        """The passages that fit best by meaning and by words, within so many seconds."""
        ends = time.monotonic() + timeout
        by_meaning = query._replace(
            results=min(MOST_RESULTS, max(LEAST_READ, query.read)),
            options=query.options._replace(search=None, rerank=False),
        )
        with ThreadPoolExecutor(1) as pool:
            by_words = pool.submit(self._by_words, by_meaning, timeout)
            meant = self._meaning(by_meaning, timeout)
        # What is reranked is scored anew, whoever found it.
        least = 0.0 if query.options.rerank else query.options.minimum_score or 0.0
        passages = combined(meant, by_words.result(), query.text, least)[: query.read]
        return self._reranked(query, passages, ends - time.monotonic()) if query.options.rerank else passages

    def _by_words(self, query: Query, timeout: float) -> list[Passage]:
        text = query_text(query.text)
        if not text:
            return []
        narrowed = {"filter": store_filter(query.options.filter)} if query.options.filter else {}
        response = self._vectors.call(
            "query_vectors",
            _callee(f"the vector index {self._index_arn.rsplit('/', 1)[-1]}"),
            timeout,
            indexArn=self._index_arn,
            topK=query.results,
            queryTexts=[{"text": text, "metadataKey": TEXT}],
            returnMetadata=True,
            **narrowed,
        )
        vectors = response.get("vectors")
        if not isinstance(vectors, list):
            raise KnowledgeBaseUnavailable("The vector index's response is empty or cut.", retryable=True)
        stored = [object_of(object_of(vector).get("metadata")) for vector in vectors]
        return [
            self._read({"content": {"text": self._text(each)}, "metadata": each}) for each in stored if each.get(TEXT)
        ]

    def _text(self, stored: dict[str, Any]) -> str:
        text = str(stored[TEXT])
        return whole_text(text, stored.get(BESIDE)) if self._large_passages else text

    def _reranked(self, query: Query, passages: Sequence[Passage], timeout: float) -> list[Passage]:
        if not passages:
            return []
        sources = [
            {
                "type": "INLINE",
                "inlineDocumentSource": {"type": "TEXT", "textDocument": {"text": passage.text[:_LONGEST_SOURCE]}},
            }
            for passage in passages
        ]
        response = self._runtime.call(
            "rerank",
            _callee("the reranking model"),
            timeout,
            queries=[{"type": "TEXT", "textQuery": {"text": query.text}}],
            sources=sources,
            rerankingConfiguration={
                "type": "BEDROCK_RERANKING_MODEL",
                "bedrockRerankingConfiguration": {
                    "modelConfiguration": {"modelArn": self._rerank_model},
                    "numberOfResults": min(query.results, len(passages)),
                },
            },
        )
        results = response.get("results")
        reranked = [_scored(passages, object_of(each)) for each in results] if isinstance(results, list) else []
        if not reranked or None in reranked:
            unreadable = "The reranking model's response is empty, cut or names no passage."
            raise KnowledgeBaseUnavailable(unreadable, retryable=True)
        return [passage for passage in reranked if passage]


def _scored(passages: Sequence[Passage], result: dict[str, Any]) -> Passage | None:
    """The passage that a result names, with its score; `None` where it names none, or scores it by no number."""
    index, score = result.get("index"), result.get("relevanceScore")
    if not isinstance(index, int) or isinstance(index, bool) or not 0 <= index < len(passages):
        return None
    # botocore reads every number here as a float, those that JSON has no words for among them.
    return passages[index]._replace(score=score) if isinstance(score, float) and math.isfinite(score) else None


def _callee(name: str) -> Callee:
    unavailable = KnowledgeBaseUnavailable
    return Callee(name, missing=unavailable, failed=unavailable, unreadable=unavailable, field="retrieval")
