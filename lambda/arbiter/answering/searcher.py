"""The searches of a request: what they cost, how long they may take, and what becomes of the answer without them."""

from collections.abc import Sequence

from arbiter.answering.decision import Decision
from arbiter.answering.prompts import Passage
from arbiter.answering.request import Request
from arbiter.answering.retrieval import Query, Retriever, find_passages
from arbiter.answering.retry import Deadline
from arbiter.answering.work import Work
from arbiter.answering.writer import Writer
from arbiter.costs.tokens import Prices, estimated_tokens
from arbiter.errors import (
    BadModelOutput,
    CostLimitExceeded,
    DeadlineExceeded,
    KnowledgeBaseEmpty,
    KnowledgeBaseUnavailable,
    ModelError,
    Throttled,
)
from arbiter.settings.answering import RouterSettings

RETRIEVAL_SHARE = 0.4
"""Part of the time left that the searches may take together, where an answer without documents is allowed."""


class Searcher:
    """Searches the knowledge base for requests."""

    def __init__(self, settings: RouterSettings, retriever: Retriever, writer: Writer) -> None:
        self._settings, self._retriever, self._writer = settings, retriever, writer
        self._price = Prices(settings.prices).search

    def search(self, work: Work) -> list[Passage]:
        """The passages of a request that is to be grounded; none where it may do without.

        Raises:
            ArbiterError: there are none, and it may not.
        """
        until = work.share(RETRIEVAL_SHARE)
        try:
            passages = self._find(work, until)
            if not passages:
                raise KnowledgeBaseEmpty(_no_passages(work.request))
        except (
            CostLimitExceeded, DeadlineExceeded, KnowledgeBaseEmpty, KnowledgeBaseUnavailable, Throttled,
        ) as error:  # fmt: skip
            work.do_without(error, "answered without documents")
            return []
        return passages

    def look(self, work: Work, decision: Decision) -> tuple[Decision, list[Passage]]:
        """The decision after a look into the documents, and the passages where it is for them."""
        try:
            passages = self._find(work, work.share(RETRIEVAL_SHARE))
        except (CostLimitExceeded, DeadlineExceeded, KnowledgeBaseUnavailable, Throttled) as error:
            work.do_without(error, "answered without a look into the documents")
            return decision, []
        decision = decision.looked(max((p.score for p in passages if p.score is not None), default=None))
        return decision, passages if decision.grounded.value else []

    def _find(self, work: Work, until: Deadline) -> list[Passage]:
        if work.request.retrieval.rewrite and work.request.history:
            self._rewrite(work, until)
        return find_passages(
            work.request,
            results=self._settings.results,
            minimum_score=self._settings.minimum_score,
            search=lambda query: self._search(work, query, until),
            rewritten=work.rewritten.question if work.rewritten else None,
        )

    def _rewrite(self, work: Work, until: Deadline) -> None:
        try:
            work.rewritten = self._writer.rewrite(work, until)
        except (BadModelOutput, CostLimitExceeded, DeadlineExceeded, ModelError, Throttled) as error:
            work.do_without(error, "searched for the question as it was asked")

    def _search(self, work: Work, query: Query, until: Deadline) -> Sequence[Passage]:
        size = self._settings.passage_tokens
        # No token is shorter than a byte.
        work.require(query.cost(self._price, len(query.text.encode()), size), "a search")
        passages = work.attempts(until=until).run(lambda timeout: self._retriever.retrieve(query, timeout))
        work.pay(query.cost(self._price, estimated_tokens(query.text), size))
        return passages


def _no_passages(request: Request) -> str:
    narrowed = " that pass the filter of the request" if request.retrieval.filter is not None else ""
    return (
        f"The knowledge base holds no passages{narrowed} for this question. Upload documents and wait until they are "
        "indexed, ask for a mode without retrieval, or allow degradation."
    )
