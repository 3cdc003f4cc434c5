"""Callers: the modes that each may ask for, and the documents that it may see."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from arbiter.answering.asked.filters import read_filter
from arbiter.answering.prompts import Passage
from arbiter.answering.request import Request
from arbiter.answering.retrieval import Query, Retriever
from arbiter.edge.budgets import UNLIMITED, Budget
from arbiter.edge.errors import NotAllowed
from arbiter.errors import InvalidRequest, Problem
from arbiter.modes import AUTO, Mode

ALL_MODES = frozenset({AUTO, *(mode.value for mode in Mode)})
MOST_CONDITIONS = 4
"""Of the five members that a group of a filter may have, one is the request's own."""


class Caller(NamedTuple):
    """A caller, and what it may ask for."""

    name: str
    modes: frozenset[str] = ALL_MODES
    filter: Mapping[str, Any] | None = None
    """The filter that every search of the caller passes, whatever the request says."""
    budget: Budget = UNLIMITED
    account: str | None = None
    """The name under which spending is counted; `None` where nobody counts."""
    alias: str | None = None
    """The name in the log, where another one is a person's."""
    identity: str = ""
    """Tells who asked from everybody else, for as long as answers are rated."""

    def refused(self, why: str) -> NotAllowed:
        """The refusal of what a caller may not ask for."""
        return NotAllowed(f"{self.alias or self.name!r} {why}", for_callers=f"{self.name!r} {why}")


def bound_filter(conditions: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Metadata that documents must have, as a filter: equal to a value, or one of several.

    Raises:
        InvalidRequest: the store cannot apply it.
    """
    parts: list[Mapping[str, Any]] = [
        {"in" if isinstance(value, list) else "equals": {"key": key, "value": value}}
        for key, value in conditions.items()
    ]
    if not parts:
        return None
    problems: list[Problem] = []
    if len(parts) > MOST_CONDITIONS:
        problems.append(Problem("filter", f"has {len(parts)} conditions", f"at most {MOST_CONDITIONS}"))
    else:
        read_filter(parts[0] if len(parts) == 1 else {"andAll": parts}, "filter", problems)
    if problems:
        raise InvalidRequest(problems)
    return parts[0] if len(parts) == 1 else {"andAll": parts}


def narrowed(bound: Mapping[str, Any], asked: Mapping[str, Any] | None) -> Mapping[str, Any]:
    """The filter that passes what both pass: one AND over the bound conditions and the request's, as flat as can be.

    Raises:
        InvalidRequest: both together are more than the store can apply.
    """
    if asked is None:
        return bound
    # An AND inside an AND says the same as one, and a store takes a group in a group only once.
    both = {"andAll": [*bound.get("andAll", [bound]), *asked.get("andAll", [asked])]}
    problems: list[Problem] = []
    read_filter(both, "retrieval.filter", problems)
    if problems:
        path, problem = problems[0].path, f"{problems[0].problem}, with the filter that the caller is bound to"
        raise InvalidRequest([Problem(path, problem, problems[0].allowed)])
    return both


def check(caller: Caller, request: Request) -> None:
    """Refuse what a caller may not ask for, before anything is paid.

    Raises:
        NotAllowed: another mode.
        InvalidRequest: a filter that cannot be applied beside the one that binds the caller.
    """
    allowed = ", ".join(sorted(caller.modes))
    if request.requested_mode not in caller.modes:
        raise caller.refused(f"may not ask for {request.requested_mode}, but for {allowed}.")
    if request.degrade and request.mode is not None and not set(_instead(request.mode)) <= caller.modes:
        lesser = ", ".join(_instead(request.mode))
        raise caller.refused(f"may ask for {allowed} only, and degrade may end in {lesser}: leave it out.")
    if caller.filter is not None:
        narrowed(caller.filter, request.retrieval.filter)


def bound_payload(caller: Caller, payload: Mapping[str, Any], request: Request) -> Mapping[str, Any]:
    """The JSON of a caller's request with the filter that binds the caller, for a function that knows no callers."""
    if caller.filter is None:
        return payload
    retrieval = payload.get("retrieval") or {}
    return {**payload, "retrieval": {**retrieval, "filter": narrowed(caller.filter, request.retrieval.filter)}}


class BoundRetriever:
    """A knowledge base of which a caller sees a part: every search passes its filter, whichever step makes it."""

    def __init__(self, retriever: Retriever, bound: Mapping[str, Any]) -> None:
        self._retriever, self._bound = retriever, bound

    def retrieve(self, query: Query, timeout: float) -> Sequence[Passage]:
        """Passages for a query, within so many seconds."""
        options = query.options._replace(filter=narrowed(self._bound, query.options.filter))
        return self._retriever.retrieve(query._replace(options=options), timeout)


def _instead(mode: Mode) -> list[str]:
    """The modes in which a request may be answered that allows less than a mode."""
    lesser = [one for one in Mode if one.grounded <= mode.grounded and one.specialised <= mode.specialised]
    return [one.value for one in lesser if one is not mode]
