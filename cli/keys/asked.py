"""The options of a new key, read with everything that is wrong with them."""

import json
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, TypeVar

from arbiter.edge.budgets import Budget
from arbiter.edge.callers import ALL_MODES, bound_filter
from arbiter.edge.keys import Key
from arbiter.errors import InvalidRequest
from cli.core.errors import CliError

T = TypeVar("T")

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
NEVER, PERIOD = "never", "day"
LEAST_USD, MOST_USD, MOST_TOKENS = 1e-6, 10**6, 10**12
"""The outermost budgets of a day."""
_TERM = re.compile(r"([1-9]\d{0,3})([dh])")
_UNITS = {"d": "days", "h": "hours"}


def key_asked_for(
    name: str, digest: str, *, modes: str, conditions: str | None, budget: Budget, per: str, expires: str, now: datetime
) -> Key:
    """The key that options describe.

    Raises:
        CliError: naming every problem.
    """
    problems: list[dict[str, str]] = []

    def read(option: str, reader: Callable[[], T]) -> T | None:
        try:
            return reader()
        except ValueError as error:
            problem, _, allowed = str(error).partition("; ")
            problems.append({"option": option, "problem": problem, "allowed": allowed})
            return None

    read("NAME", lambda: _named(name))
    read("--budget-usd", lambda: _within(budget.usd, LEAST_USD, MOST_USD, "US dollars"))
    read("--budget-tokens", lambda: _within(budget.tokens, 1, MOST_TOKENS, "tokens"))
    read("--per", lambda: _period(per))
    asked = read("--modes", lambda: _modes(modes))
    filters = read("--filter", lambda: _conditions(conditions))
    ends = read("--expires", lambda: _end(expires, now))
    if problems:
        sentences = "; ".join(f"{one['option']} {one['problem']}" for one in problems)
        raise CliError(f"The key cannot be made: {sentences}.", code="bad_options", details={"problems": problems})
    return Key(name, digest, asked or (), filters or {}, budget, int(now.timestamp()), ends)


def _named(name: str) -> None:
    if not NAME.fullmatch(name):
        raise ValueError("is no name; 1 to 64 letters, digits, dots, hyphens and underscores, a letter or digit first")


def _within(amount: float | None, least: float, most: int, unit: str) -> None:
    if amount is not None and not least <= amount <= most:
        raise ValueError(f"is {amount:,.12g}; from {Decimal(str(least)):f} to {most:,} {unit}")


def _period(text: str) -> None:
    if text != PERIOD:
        raise ValueError(f"is {text!r}; {PERIOD}, from midnight to midnight UTC")


def _modes(text: str) -> tuple[str, ...]:
    asked = [part.strip().replace("-", "_") for part in text.split(",") if part.strip()]
    unknown = [mode for mode in asked if mode not in ALL_MODES]
    if unknown or not asked:
        raise ValueError(f"names {', '.join(unknown) or 'no mode'}; some of {', '.join(sorted(ALL_MODES))}")
    return tuple(dict.fromkeys(asked))


def _conditions(text: str | None) -> dict[str, Any]:
    if text is None:
        return {}
    allowed = 'metadata and the value that a document must have, as in {"team": "support"}'
    try:
        conditions = json.loads(text)
    except (RecursionError, ValueError):
        raise ValueError(f"is no JSON; {allowed}") from None
    if not isinstance(conditions, dict) or not conditions:
        raise ValueError(f"is no object with conditions; {allowed}")
    try:
        bound_filter(conditions)
    except InvalidRequest as error:
        problem = error.problems[0]
        raise ValueError(f"{problem.problem} at {problem.path}; {problem.allowed}") from None
    return conditions


def _end(text: str, now: datetime) -> int | None:
    if text == NEVER:
        return None
    match = _TERM.fullmatch(text)
    if match is None:
        raise ValueError(f"is {text!r}; days or hours, as in 90d or 12h, or {NEVER}")
    return int((now + timedelta(**{_UNITS[match[2]]: int(match[1])})).timestamp())
