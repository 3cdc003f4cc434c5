"""The searches of a request: what they cost, how long they may take, and what becomes of the answer without them."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, cast

from arbiter.answering.decision import Decision
from arbiter.answering.passages import room_for
from arbiter.answering.prompts import Passage, build_rewriting
from arbiter.answering.request import Request, Search
from arbiter.answering.retrieval import Query, Retriever, find_passages, in_conversation, rewrites
from arbiter.answering.retry import Deadline
from arbiter.answering.work import Work
from arbiter.answering.writer import STEP_TOKENS, Step, Writer
from arbiter.costs.prices import Prices
from arbiter.costs.tokens import estimated_tokens
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

if TYPE_CHECKING:  # Rare: other requests start without it.
    from concurrent.futures import Executor

    from arbiter.answering.strategies import Begun

RETRIEVAL_SHARE = 0.4
"""Part of the time left that the searches may take together, where an answer without documents is allowed."""

STEPS_SHARE = 0.6
"""Part of the time left that a search in several steps may take, where only an answer from documents is allowed."""


def with_defaults(request: Request, settings: RouterSettings) -> Request:
    """A request that says how to search where it left that to the deployment."""
    options = request.retrieval
    return request._replace(
        retrieval=options._replace(
            search=options.search or cast("Search | None", settings.search),
            minimum_score=settings.minimum_score if options.minimum_score is None else options.minimum_score,
        )
    )


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
            # Text says that they do not say it; JSON of a schema cannot.
            work.silent = not passages and work.found and work.request.format.type == "text"
            if not passages and not work.silent:
                raise KnowledgeBaseEmpty(_no_passages(work.request, below=work.found))
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
        if rewrites(work.request):
            self._rewrite(work, until)
        rewritten = work.rewritten.text if work.rewritten else None
        if work.request.retrieval.strategy != "basic":
            return self._find_in_steps(work, until, rewritten)
        return find_passages(
            work.request,
            results=self._settings.results,
            search=lambda query: self._search(work, query, until),
            rewritten=rewritten,
        )

    def _find_in_steps(self, work: Work, until: Deadline, rewritten: str | None) -> list[Passage]:
        from arbiter.answering.strategies import STRATEGIES, Steps  # Rare: other requests start without it.

        until = until if work.request.may_degrade else work.deadline.share(STEPS_SHARE)
        steps = Steps(
            work,
            results=self._settings.results,
            minimum_score=work.request.retrieval.minimum_score or 0.0,
            room=room_for(work.request, [self._settings.base_model], STEP_TOKENS),
            search=lambda queries, pool: self._begin(work, queries, until, pool),
            ask=lambda prompt, step: self._writer.ask(work, prompt, step, until),
        )
        return STRATEGIES[work.request.retrieval.strategy](steps, rewritten or in_conversation(work.request), until)

    def _rewrite(self, work: Work, until: Deadline) -> None:
        try:
            work.rewritten = self._writer.ask(work, build_rewriting(work.request), Step.REWRITE, until)
        except (BadModelOutput, CostLimitExceeded, DeadlineExceeded, ModelError, Throttled) as error:
            work.do_without(error, "searched for the question as it was asked")

    def _search(self, work: Work, query: Query, until: Deadline) -> Sequence[Passage]:
        size = self._settings.passage_tokens
        # No token is shorter than a byte.
        work.require(query.cost(self._price, len(query.text.encode()), size), "a search")
        passages = self._retrieve(work, query, until)
        work.pay(self._cost(query))
        return passages

    def _retrieve(self, work: Work, query: Query, until: Deadline) -> Sequence[Passage]:
        try:
            passages = work.attempts(until=until).run(lambda timeout: self._retriever.retrieve(query, timeout))
        except (KnowledgeBaseUnavailable, Throttled) as error:
            if query.options.search != "hybrid":
                raise
            work.do_without(error, "searched by meaning alone")
            return self._retrieve(work, query._replace(options=query.options._replace(search=None)), until)
        work.found = work.found or bool(passages)
        return passages

    def _begin(self, work: Work, queries: Sequence[Query], until: Deadline, pool: "Executor") -> "list[Begun]":
        """Searches that go on side by side, paid for as they begin: one that fails may have been billed."""
        from arbiter.answering.strategies import Begun

        size = self._settings.passage_tokens
        costs = [query.cost(self._price, len(query.text.encode()), size) for query in queries]
        known = [cost for cost in costs if cost is not None]
        work.require(sum(known) if len(known) == len(costs) else None, f"a search for {len(queries)} questions")
        begun = []
        for query in queries:
            cost = self._cost(query)
            work.pay(cost)
            begun.append(Begun(query.text, pool.submit(self._timed, work, query, until), cost))
        return begun

    def _timed(self, work: Work, query: Query, until: Deadline) -> tuple[Sequence[Passage], float]:
        """The passages of a search, and the seconds that it took."""
        started = work.clock()
        return self._retrieve(work, query, until), work.clock() - started

    def _cost(self, query: Query) -> float | None:
        return query.cost(self._price, estimated_tokens(query.text), self._settings.passage_tokens)


def _no_passages(request: Request, *, below: bool) -> str:
    if below:
        return (
            f"No passage scores {request.retrieval.minimum_score:g} or more for this question. Lower "
            "retrieval.minimum_score, ask for a mode without retrieval, or allow degradation."
        )
    if request.retrieval.filter is not None:
        return (
            "The knowledge base holds no passages that pass the filter of the request for this question. Compare its "
            "names and values with the metadata of the documents, leave it out, or allow degradation."
        )
    return (
        "The knowledge base holds no passages for this question. Upload documents and wait until they are indexed, ask "
        "for a mode without retrieval, or allow degradation."
    )
