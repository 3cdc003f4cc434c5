"""Keys and their spending, for people."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from rich.console import Console
from rich.text import Text

from arbiter.edge.budgets import PICO, Budget
from arbiter.edge.keys import Key
from cli.core.terminal import listed
from cli.keys.table import Spending

_NEAR = timedelta(days=2)
_SHOWN, _HASH_SHOWN = 200, len("sha256:") + 12


def dumped(key: Key) -> dict[str, Any]:
    """A key as JSON: what is kept of it, less its hash."""
    return {
        "name": key.name,
        "modes": list(key.modes),
        "filter": dict(key.conditions) or None,
        "budget_usd": key.budget.usd,
        "budget_tokens": key.budget.tokens,
        "per": "day",
        "created": _moment(key.created),
        "expires": _moment(key.expires),
        "revoked": key.revoked,
    }


def spending(rows: Sequence[Spending]) -> list[dict[str, Any]]:
    """Spending as JSON."""
    return [
        {
            "name": key.name,
            "day": day,
            "usd": spent.pico / PICO,
            "budget_usd": key.budget.usd,
            "tokens": spent.tokens,
            "budget_tokens": key.budget.tokens,
        }
        for key, day, spent in rows
    ]


def show_created(console: Console, key: Key, secret: str, url: str) -> None:
    """A new key, the one time that it is shown, and how it is used."""
    console.print(Text(secret, style="bold"), soft_wrap=True)
    console.print(
        f"This is the key {key.name!r}; it is shown this once and kept as a hash. {_rights(key)}", soft_wrap=True
    )
    if not key.budget.limited:
        console.print("It has no budget: whoever has it may spend what the API's rate allows.", style="yellow")
    base = url.rstrip("/")
    console.print(f"OpenAI's clients: OPENAI_BASE_URL={base}/v1 OPENAI_API_KEY={secret}", soft_wrap=True)


def show_keys(console: Console, keys: Sequence[Key], now: datetime) -> None:
    """Every key in a table."""
    if not keys:
        console.print("There is no key. Make one: `arbiter keys create NAME --budget-usd 5`.")
        return
    rows = [
        (key.name, _state(key, now), ", ".join(key.modes), _filter(key), _budget(key.budget), _end(key.expires, now))
        for key in keys
    ]
    console.print(listed(["Key", "State", "Modes", "Filter", "Budget a day", "Expires"], rows))


def show_spending(console: Console, rows: Sequence[Spending], whose: str = "key") -> None:
    """Spending by day in a table, of the most that a screen bears; what is reserved for calls under way is in it."""
    if not rows:
        console.print("There is no key." if whose == "key" else "No subject of a token has spent anything.")
        return
    cells = [
        (
            _short(key.name),
            day,
            f"${spent.pico / PICO:,.6f}",
            _usd(key.budget),
            f"{spent.tokens:,}",
            _tokens(key.budget),
        )
        for key, day, spent in rows[:_SHOWN]
    ]
    console.print(listed([whose.capitalize(), "Day (UTC)", "Spent", "of", "Tokens", "of"], cells))
    if len(rows) > _SHOWN:
        console.print(f"{len(rows) - _SHOWN:,} more: `--json` has all of them.")


def _short(name: str) -> str:
    """A name; of a hash the beginning, which tells it apart."""
    return name[:_HASH_SHOWN] if name.startswith("sha256:") else name


def _rights(key: Key) -> str:
    made = datetime.fromtimestamp(key.created, UTC)
    ends = f"until {_end(key.expires, made)}" if key.expires else "without an end"
    narrowed = f", over documents with {_filter(key)}" if key.conditions else ""
    return f"It may ask for {', '.join(key.modes)}{narrowed}, {ends}; {_budget(key.budget)} a day."


def _state(key: Key, now: datetime) -> str:
    if key.revoked:
        return "revoked"
    return "expired" if key.expires is not None and key.expires <= now.timestamp() else "in use"


def _budget(budget: Budget) -> str:
    parts = [part for part in (_usd(budget), f"{_tokens(budget)} tokens" if budget.tokens is not None else "") if part]
    return " and ".join(parts) or "no limit"


def _usd(budget: Budget) -> str:
    return "" if budget.usd is None else f"${budget.usd:,g}"


def _tokens(budget: Budget) -> str:
    return "" if budget.tokens is None else f"{budget.tokens:,}"


def _filter(key: Key) -> str:
    return ", ".join(f"{name} = {value}" for name, value in key.conditions.items())


def _moment(seconds: int | None) -> str | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC).isoformat()


def _end(seconds: int | None, now: datetime) -> str:
    """The day of an end; with the time of day where it is near, for a day would say too little."""
    if seconds is None:
        return "never"
    end = datetime.fromtimestamp(seconds, UTC)
    return f"{end:%Y-%m-%d %H:%M} UTC" if abs(end - now) < _NEAR else f"{end:%Y-%m-%d}"
