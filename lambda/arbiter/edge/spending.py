"""The spending of one request: reserved before it is asked, counted while it is answered, settled afterwards."""

import secrets
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from typing import NamedTuple, TypeVar

from arbiter.answering.answer import Answer
from arbiter.answering.prompts import Passage
from arbiter.answering.request import Request
from arbiter.answering.retrieval import Query, Retriever
from arbiter.answering.retry import SHORTEST_CALL, Attempts, Backoff, Clock, Deadline
from arbiter.edge.bounds import broken_usd, most_of, screened_usd, searches_usd, used_usd, within
from arbiter.edge.budgets import Ledger, Reservation, Spent, pico, refusal_of
from arbiter.edge.callers import Caller
from arbiter.edge.errors import StoreUnavailable
from arbiter.edge.metering import MeteredModel
from arbiter.errors import DeadlineExceeded
from arbiter.log import entry
from arbiter.settings.answering import RouterSettings

T = TypeVar("T")

RESERVING, SETTLING = 2, 3
"""Attempts at a write that was slow or lost, as the time of the request allows them."""


class Retries(NamedTuple):
    """The time in which a write may be tried again."""

    deadline: Deadline
    backoff: Backoff
    clock: Clock

    def run(self, write: Callable[[], T], allowed: int) -> T:
        """Write, once in any case."""
        enough = 2 * SHORTEST_CALL
        deadline = self.deadline if self.deadline.allows(enough) else Deadline(enough, self.clock)
        return Attempts(deadline, self.backoff, self.clock, allowed).run(lambda _: write())


class Spending:
    """The account of one request.

    Args:
        tries: of reservation and settlement.
        write: takes the line of the log about a settlement that failed.
    """

    def __init__(self, ledger: Ledger, settings: RouterSettings, tries: Retries, write: Callable[[str], None]) -> None:
        self._ledger, self._settings, self._tries, self._write = ledger, settings, tries, write
        self._reservation: Reservation | None = None
        self._account: str | None = None
        self._day, self._searched = "", False

    def start(self, caller: Caller, request: Request, now: datetime) -> Request:
        """Reserve what a request may take; gives the request that cannot take more.

        Raises:
            BudgetSpent: the caller has less left.
            CostLimitExceeded: money is limited, and a price is not known.
            StoreUnavailable: nobody knows what is left.
        """
        account, day = self._account, self._day = caller.account, now.astimezone(UTC).date().isoformat()
        if account is None or not caller.budget.limited:
            return request
        most, name = most_of(request, self._settings, caller.budget), secrets.token_hex(8)
        try:
            before = self._tries.run(
                lambda: self._ledger.reserve(account, day, most, caller.budget, name), allowed=RESERVING
            )
        except (StoreUnavailable, DeadlineExceeded):
            # One of the writes may have been made, and nothing will be bought for it.
            with suppress(StoreUnavailable, DeadlineExceeded):
                self._tries.run(lambda: self._ledger.settle(account, day, Spent().minus(most), name), allowed=1)
            raise
        if before is not None:
            raise refusal_of(caller.budget, before, most, now)
        self._reservation = Reservation(most, name)
        return request if caller.budget.usd is None else within(request, most)

    def most_tokens(self, caller: Caller) -> int | None:
        """Tokens that the calls of the model may take together; `None` where the caller's are not limited."""
        return self._reservation.most.tokens if self._reservation and caller.budget.tokens is not None else None

    def counted(self, retriever: Retriever) -> Retriever:
        """The knowledge base, whose searches are noted."""
        return _Noting(retriever, self._note)

    def _note(self) -> None:
        self._searched = True

    def answered(self, meter: MeteredModel, request: Request, answer: Answer) -> None:
        """Settle an answered request by what it took."""
        broken = broken_usd(meter.broken, request, self._settings)
        cost = None if answer.cost_usd is None else pico(answer.cost_usd + broken)
        if cost is None and self._reservation is not None:
            cost = self._reservation.most.pico
        self._settle(meter, Spent(cost or 0, meter.tokens))

    def failed(self, meter: MeteredModel, request: Request) -> None:
        """Settle a request that was not answered by what it took until then, at the dearer model's price."""
        settings = self._settings
        usd = used_usd(meter.used, settings) + screened_usd(meter.assessed, settings)
        usd += broken_usd(meter.broken, request, settings)
        usd += searches_usd(request, settings) if self._searched else 0.0
        self._settle(meter, Spent(pico(usd), meter.tokens))

    def _settle(self, meter: MeteredModel, took: Spent) -> None:
        unknown = meter.unsettled or (meter.unscreened and self._settings.guardrail is not None)
        account, day, kept = self._account, self._day, self._reservation
        if account is None or (unknown and kept is not None):
            return  # A call that did not say what it took may have taken all that is reserved.
        difference, name = (took, None) if kept is None else (took.minus(kept.most), kept.name)
        try:
            # Without a name a second try could count it twice.
            allowed = SETTLING if name else 1
            self._tries.run(lambda: self._ledger.settle(account, day, difference, name), allowed)
        except (StoreUnavailable, DeadlineExceeded) as error:  # Kept as reserved.
            self._write(entry("spending not settled", level="WARN", error=error.code, reason=str(error)))


class _Noting:
    """A knowledge base that tells when it is searched."""

    def __init__(self, retriever: Retriever, note: Callable[[], None]) -> None:
        self._retriever, self._note = retriever, note

    def retrieve(self, query: Query, timeout: float) -> Sequence[Passage]:
        """Passages for a query, within so many seconds."""
        self._note()
        return self._retriever.retrieve(query, timeout)
