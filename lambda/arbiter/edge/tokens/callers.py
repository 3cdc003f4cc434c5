"""Callers by the token that they bear."""

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from arbiter.edge.budgets import UNLIMITED, Budget
from arbiter.edge.callers import ALL_MODES, Caller, bound_filter
from arbiter.edge.errors import NotAllowed
from arbiter.edge.http import Call, bearer
from arbiter.edge.tokens.issuer import Issuer
from arbiter.edge.tokens.token import check, read
from arbiter.errors import InvalidRequest

_NO_TOKEN = "Send a token of the issuer {}: `Authorization: Bearer eyJ…`."  # noqa: S105 - a sentence


class Admission(NamedTuple):
    """The tokens that are let in, and what for."""

    audiences: tuple[str, ...]
    filters: Mapping[str, str]
    """Claim -> metadata of the documents that must have its value, or one of its values."""
    modes: frozenset[str] = ALL_MODES
    budget: Budget = UNLIMITED
    """Of each subject."""

    @classmethod
    def of(cls, settings: Mapping[str, Any]) -> "Admission":
        """Admission as the function's settings describe it (`EdgeSettings.tokens`)."""
        modes = frozenset(settings["modes"]) if settings.get("modes") else ALL_MODES
        budget = Budget(settings.get("budget_usd"), settings.get("budget_tokens"))
        return cls(tuple(settings["audiences"]), settings.get("filters", {}), modes, budget)


def account_of(issuer: str, subject: str) -> str:
    """The name under which a subject's spending is counted: a hash, for subjects are people."""
    return hashlib.sha256(json.dumps([issuer, subject]).encode()).hexdigest()


class TokenCallers:
    """Callers by their tokens."""

    def __init__(self, issuer: Issuer, admission: Admission) -> None:
        self._issuer, self._admission = issuer, admission

    def of(self, call: Call, now: datetime) -> Caller:
        """The subject of the token in the headers, bound by its claims.

        Raises:
            NotAuthenticated: there is none, or it is not the issuer's, or not for here and now.
            NotAllowed: a claim that binds is missing.
            IssuerUnavailable: nobody can tell.
        """
        admitted, issuer = self._admission, self._issuer
        token = read(bearer(call.headers, _NO_TOKEN.format(issuer.url)))
        # Before the keys are fetched: a token of somebody else costs the issuer nothing.
        check(token.claims, issuer.url, admitted.audiences, now)
        issuer.verify(token)
        subject = str(token.claims["sub"])
        account = account_of(issuer.url, subject)
        counted = account if admitted.budget.limited else None
        bound, alias = self._filter(token.claims), f"sha256:{account}"
        return Caller(subject, admitted.modes, bound, admitted.budget, counted, alias=alias, identity=account)

    def _filter(self, claims: Mapping[str, Any]) -> Mapping[str, Any] | None:
        wanted = self._admission.filters
        if missing := [claim for claim in wanted if claims.get(claim) in (None, "", [], {})]:
            raise NotAllowed(f"The token has no {', '.join(missing)}, which binds what is searched.")
        try:
            return bound_filter({key: claims[claim] for claim, key in wanted.items()})
        except InvalidRequest as error:
            raise NotAllowed(f"The token's {', '.join(wanted)} cannot be searched by: {error}") from error
