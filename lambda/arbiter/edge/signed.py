"""Callers whose signature API Gateway has checked, and who may do what IAM let them come here for."""

from datetime import datetime

from arbiter.edge.budgets import Budget, Spent
from arbiter.edge.callers import Caller
from arbiter.edge.errors import NotAuthenticated
from arbiter.edge.http import Call


class SignedCallers:
    """Callers by the ARN that signed."""

    def of(self, call: Call, now: datetime) -> Caller:
        """The caller.

        Raises:
            NotAuthenticated: API Gateway names nobody.
        """
        if not call.principal:
            raise NotAuthenticated("Sign the request with AWS credentials that may call execute-api:Invoke.")
        return Caller(call.principal.rsplit(":", 1)[-1])


class NoLedger:
    """The ledger of callers whose spending nobody counts."""

    def reserve(self, account: str, day: str, most: Spent, budget: Budget) -> Spent | None:
        """Let everything pass."""
        return None

    def settle(self, account: str, day: str, difference: Spent) -> None:
        """Keep nothing."""
