"""The refusals of the edge, beside those of a request (`arbiter.errors`)."""
# ruff: noqa: N818 - the names say what is the matter, as those of arbiter.errors do

from arbiter.costs.tokens import Usage
from arbiter.errors import ArbiterError


class NotAuthenticated(ArbiterError):
    """A caller that has not shown who it is."""

    code = "invalid_api_key"
    status = 401


class NotAllowed(ArbiterError):
    """A caller that asks for what it was not given."""

    code = "not_allowed"
    status = 403


class NoRoute(ArbiterError):
    """A path that the API does not have."""

    code = "not_found"
    status = 404


class NoSuchAnswer(ArbiterError):
    """An answer that a caller has not asked for."""

    code = "no_such_answer"
    status = 404


class BudgetSpent(ArbiterError):
    """A budget that does not hold what the request may cost."""

    code = "insufficient_quota"
    status = 429

    def __init__(self, message: str, seconds: int) -> None:
        super().__init__(message)
        self.seconds = seconds
        """Seconds until the budget renews."""


class StoreUnavailable(ArbiterError):
    """Keys and budgets that cannot be looked up: nobody is let in, and nothing is spent."""

    code = "store_unavailable"
    status = 503
    retryable = True


class IssuerUnavailable(ArbiterError):
    """An issuer whose keys cannot be fetched: nobody is let in, for no token can be verified."""

    code = "issuer_unavailable"
    status = 503
    retryable = True


class ClientGone(ArbiterError):
    """A caller that does not listen any more; nobody reads this."""

    code = "client_gone"
    status = 499


class BrokenOff(ArbiterError):
    """A reply of a model that ended in the middle: nothing may stand in for it once a part of it was sent."""

    code = "broken_off"
    usage: Usage
    """The most tokens until then."""

    def __init__(self, error: Exception, usage: Usage) -> None:
        super().__init__(str(error))
        self.error = error
        """The reason."""
        self.usage = usage

    def billed(self) -> Exception:
        """The reason, with what was paid until then."""
        if isinstance(self.error, ArbiterError):
            self.error.paid = self.paid
        return self.error
