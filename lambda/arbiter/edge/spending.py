"""The spending of one request: reserved before it is asked, counted while it is answered, settled afterwards."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from arbiter.answering.answer import Answer
from arbiter.answering.prompts import Passage
from arbiter.answering.request import Request
from arbiter.answering.retrieval import Query, Retriever
from arbiter.edge.bounds import broken_usd, most_of, screened_usd, searches_usd, used_usd, within
from arbiter.edge.budgets import Ledger, Reservation, Spent, pico, reserve
from arbiter.edge.callers import Caller
from arbiter.edge.errors import StoreUnavailable
from arbiter.edge.metering import MeteredModel
from arbiter.log import entry
from arbiter.settings.answering import RouterSettings


class Spending:
    """The account of one request.

    Args:
        write: takes the line of the log about a settlement that failed.
    """

    def __init__(self, ledger: Ledger, settings: RouterSettings, write: Callable[[str], None]) -> None:
        self._ledger, self._settings, self._write = ledger, settings, write
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
        self._account, self._day = caller.account, now.astimezone(UTC).date().isoformat()
        if self._account is None or not caller.budget.limited:
            return request
        most = most_of(request, self._settings, caller.budget)
        self._reservation = reserve(self._ledger, self._account, caller.budget, most, now)
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
        if self._account is None or (unknown and self._reservation is not None):
            return  # A call that did not say what it took may have taken all that is reserved.
        difference = took if self._reservation is None else took.minus(self._reservation.most)
        try:
            self._ledger.settle(self._account, self._day, difference)
        except StoreUnavailable as error:
            # Kept as reserved: a second try could count it twice.
            self._write(entry("spending not settled", level="WARN", error=error.code, reason=str(error)))


class _Noting:
    """A knowledge base that tells when it is searched."""

    def __init__(self, retriever: Retriever, note: Callable[[], None]) -> None:
        self._retriever, self._note = retriever, note

    def retrieve(self, query: Query, timeout: float) -> Sequence[Passage]:
        """Passages for a query, within so many seconds."""
        self._note()
        return self._retriever.retrieve(query, timeout)
