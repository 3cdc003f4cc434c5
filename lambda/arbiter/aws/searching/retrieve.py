"""The knowledge base behind Bedrock's Retrieve."""

import math
from collections.abc import Mapping
from threading import Lock
from typing import TYPE_CHECKING, Any, Self

from botocore.session import Session

from arbiter.answering.prompts import Passage
from arbiter.answering.retrieval import Query, ranked
from arbiter.aws.calls.text import object_of, text_of
from arbiter.aws.clients import Client
from arbiter.aws.errors import Callee
from arbiter.errors import KnowledgeBaseUnavailable
from arbiter.fields import is_number
from arbiter.settings.answering import RouterSettings

if TYPE_CHECKING:  # Rare: other requests start without it.
    from arbiter.aws.searching.hybrid import HybridSearch

_ADDRESSES = ("uri", "url", "id", "query")
"""What a location is told by, whichever of a dozen kinds it is (botocore, `RetrievalResultLocation`)."""
_SOURCES = ("x-amz-bedrock-kb-source-uri", "_source_uri")
"""The same as metadata, the latter of managed knowledge bases."""
_PAGE, _MOST_PAGES = "x-amz-bedrock-kb-document-page-number", 1_000_000


class KnowledgeBase:
    """One knowledge base, the reranking model it may use, and the index that is searched by words beside it."""

    def __init__(
        self,
        client: Client,
        knowledge_base_id: str,
        rerank_model: str | None = None,
        words: tuple[Client, str] | None = None,
        *,
        managed: bool = False,
        large_passages: bool = False,
    ) -> None:
        """`words` names an index of S3 Vectors; without it a hybrid search is left to the knowledge base.

        One of AWS's `managed` knowledge bases is asked in another form. With `large_passages` what words find is given
        with what stands around it, as `Retrieve` gives what it finds.
        """
        self._client, self._id, self._rerank_model = client, knowledge_base_id, rerank_model
        self._words, self._making = words, Lock()
        self._hybrid: HybridSearch | None = None
        self._managed, self._large_passages = managed, large_passages
        if managed:
            from arbiter.aws.searching import newer

            newer.allow(client, "bedrock-agent-runtime.Retrieve", "retrievalConfiguration")
        self._callee = Callee(
            f"the knowledge base {knowledge_base_id}",
            missing=KnowledgeBaseUnavailable,
            failed=KnowledgeBaseUnavailable,
            unreadable=KnowledgeBaseUnavailable,
            field="retrieval",
        )

    @classmethod
    def of(cls, settings: RouterSettings, session: Session, client: Client) -> Self:
        """The knowledge base of a deployment, with a client that was made before."""
        words = (Client(session, "s3vectors"), settings.vector_index) if settings.vector_index else None
        managed, large = bool(settings.managed_search), bool(settings.large_passages)
        return cls(
            client, settings.knowledge_base_id, settings.rerank_model, words, managed=managed, large_passages=large
        )

    def retrieve(self, query: Query, timeout: float) -> list[Passage]:
        """Passages for a query, best first, within so many seconds."""
        if self._words and query.options.search == "hybrid":
            with self._making:  # Several threads that are the first to ask would make a client each.
                self._hybrid = self._hybrid or self._searching_both(self._words)
            return self._hybrid.retrieve(query, timeout)
        return self._retrieve(query, timeout)

    def _searching_both(self, words: tuple[Client, str]) -> "HybridSearch":
        from arbiter.aws.searching.hybrid import HybridSearch

        large = self._large_passages
        return HybridSearch(self._retrieve, passage_of, words, self._client, self._rerank_model, large_passages=large)

    def _retrieve(self, query: Query, timeout: float) -> list[Passage]:
        if self._managed:
            return self._retrieve_managed(query, timeout)
        return self._found(query, timeout, {"vectorSearchConfiguration": self._search(query)})

    def _retrieve_managed(self, query: Query, timeout: float) -> list[Passage]:
        from arbiter.aws.searching import managed

        query = query._replace(text=query.text[-managed.LONGEST_QUERY :])  # A conversation ends with the question.
        passages = self._found(query, timeout, managed.managed_search(query, self._rerank_model))
        return [managed.addressed(passage) for passage in passages]

    def _found(self, query: Query, timeout: float, configuration: dict[str, Any]) -> list[Passage]:
        response = self._client.call(
            "retrieve",
            self._callee,
            timeout,
            knowledgeBaseId=self._id,
            retrievalQuery={"text": query.text},
            retrievalConfiguration=configuration,
        )
        results = response.get("retrievalResults")
        if not isinstance(results, list):  # So botocore reads a body that was cut or was no JSON.
            raise _unreadable("is empty or cut")
        return ranked(passage for passage in map(passage_of, results) if passage.text)

    def _search(self, query: Query) -> dict[str, Any]:
        options = query.options
        search: dict[str, Any] = {"numberOfResults": query.read}
        if options.search is not None:
            search["overrideSearchType"] = options.search.upper()
        if options.filter is not None:
            search["filter"] = options.filter
        if options.rerank:
            search["rerankingConfiguration"] = {
                "type": "BEDROCK_RERANKING_MODEL",
                "bedrockRerankingConfiguration": {
                    "modelConfiguration": {"modelArn": self._rerank_model},
                    "numberOfRerankedResults": query.results,
                },
            }
        return search


def passage_of(result: Any) -> Passage:
    """A result as a passage, without text when it holds an image, a row or the like."""
    if not isinstance(result, dict):
        raise _unreadable("holds a result that is no object")
    score = result.get("score")
    if score is not None and not (type(score) in (int, float) and math.isfinite(score)):
        raise _unreadable("holds a score that is no number")
    return Passage(text_of(object_of(result.get("content")).get("text")), _uri(result), score, _page(result))


def _uri(result: Mapping[str, Any]) -> str:
    locations = [object_of(one) for one in object_of(result.get("location")).values()]
    metadata = object_of(result.get("metadata"))
    addresses = [location.get(name) for location in locations for name in _ADDRESSES]
    return next(filter(None, map(text_of, [*addresses, *(metadata.get(name) for name in _SOURCES)])), "")


def _page(result: Mapping[str, Any]) -> int | None:
    page: Any = object_of(result.get("metadata")).get(_PAGE)
    known = is_number(page) and 0 <= page < _MOST_PAGES
    return int(page) if known else None


def _unreadable(flaw: str) -> KnowledgeBaseUnavailable:
    return KnowledgeBaseUnavailable(f"The knowledge base's response {flaw}.", retryable=True)
