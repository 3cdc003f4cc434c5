"""Budgets of a day: the most that a request may take is reserved before it is asked, and settled by what it took."""

import math
from datetime import UTC, datetime, timedelta
from typing import NamedTuple, Protocol

from arbiter.edge.errors import BudgetSpent

PICO = 10**12
"""Parts of a US dollar in which money is counted: sums of whole numbers are exact, and a token costs many."""
DAY = timedelta(days=1)


class Spent(NamedTuple):
    """Money and tokens."""

    pico: int = 0
    tokens: int = 0

    def minus(self, other: "Spent") -> "Spent":
        """The difference."""
        return Spent(self.pico - other.pico, self.tokens - other.tokens)


class Budget(NamedTuple):
    """The most that may be spent between two midnights, UTC."""

    usd: float | None = None
    tokens: int | None = None

    @property
    def limited(self) -> bool:
        """True where anything is limited."""
        return self.usd is not None or self.tokens is not None

    @property
    def pico(self) -> int | None:
        return None if self.usd is None else math.floor(self.usd * PICO)


UNLIMITED = Budget()


class Ledger(Protocol):
    """The spending by account and day, in one place for all who spend."""

    def reserve(self, account: str, day: str, most: Spent, budget: Budget, name: str) -> Spent | None:
        """Add to what is spent if the budget then still holds, in one write; else the amount that was spent before.

        Raises:
            StoreUnavailable: nobody knows whether it was added; tried again by its name, it is added once.
        """

    def settle(self, account: str, day: str, difference: Spent, name: str | None) -> None:
        """Correct the reservation of that name, which is none afterwards; without one, add to what is spent.

        Raises:
            StoreUnavailable: nobody knows whether it was. Tried again, a reservation is corrected once; without one it
                must not be.
        """


class Reservation(NamedTuple):
    """The most that a request may take, and the name under which it is kept until it is settled."""

    most: Spent
    name: str


def pico(usd: float) -> int:
    """US dollars, rounded up to the next part that is counted."""
    return math.ceil(usd * PICO)


def refusal_of(budget: Budget, before: Spent, most: Spent, now: datetime) -> BudgetSpent:
    """The refusal of a request that may take more than is left of a day."""
    midnight = datetime.combine(now.astimezone(UTC).date(), datetime.min.time(), UTC) + DAY
    left, may = [], []
    if budget.pico is not None:
        left.append(f"{max(0, budget.pico - before.pico) / PICO:.6f} of {budget.usd:g} US dollars")
        may.append(f"{most.pico / PICO:.6f} US dollars")
    if budget.tokens is not None:
        left.append(f"{max(0, budget.tokens - before.tokens):,} of {budget.tokens:,} tokens")
        may.append(f"{most.tokens:,} tokens")
    return BudgetSpent(
        f"The budget of this day has {' and '.join(left)} left, and this request may take {' and '.join(may)}. It "
        f"renews at {midnight:%Y-%m-%d %H:%M} UTC. Ask for a shorter answer or fewer passages, or wait.",
        math.ceil((midnight - now).total_seconds()),
    )
