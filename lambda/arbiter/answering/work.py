"""One request being answered: its deadline, and what it has had to give up."""

from typing import NamedTuple

from arbiter.answering.request import Request
from arbiter.answering.retry import ATTEMPTS, Attempts, Backoff, Clock, Deadline
from arbiter.costs.tokens import Usage
from arbiter.errors import ArbiterError


class Rewritten(NamedTuple):
    """A question as the base model has rewritten it to be searched for, and what that took."""

    question: str
    usage: Usage
    cost_usd: float | None


class Work:
    """A request on its way to an answer."""

    def __init__(self, request: Request, deadline: Deadline, *, clock: Clock, backoff: Backoff) -> None:
        self.request, self.deadline = request, deadline
        self.degraded: list[str] = []
        """Each part that was asked for and not delivered, with what was done instead."""
        self.rewritten: Rewritten | None = None
        self._clock, self._backoff = clock, backoff

    def attempts(self, allowed: int = ATTEMPTS, *, until: Deadline | None = None) -> Attempts:
        """Attempts for one purpose, by the deadline of the request or an earlier one."""
        return Attempts(until or self.deadline, self._backoff, self._clock, allowed)

    @property
    def cost_limit(self) -> float | None:
        """US dollars that the limit of the request leaves for the answer."""
        limit = self.request.limits.max_cost_usd
        spent = self.rewritten.cost_usd if self.rewritten else None
        return limit if limit is None or spent is None else limit - spent

    def share(self, fraction: float) -> Deadline:
        """The deadline of a step that the request may do without: that part of the time left; all of it otherwise."""
        return self.deadline.share(fraction) if self.request.may_degrade else self.deadline

    def do_without(self, error: ArbiterError, instead: str) -> None:
        """Go on after a failure when the request allows less than it asked for.

        Raises:
            ArbiterError: the failure, when it does not.
        """
        if not self.request.may_degrade:
            raise error
        self.degraded.append(f"{error.code}: {instead}")
