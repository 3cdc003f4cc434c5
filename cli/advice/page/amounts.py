"""Amounts as people read them: a lower bound says so, and what is unknown is no number."""

from arbiter.costs.amount import Amount
from cli.reporting.figures.numbers import dollars


def money(amount: Amount, least: str = "at least ") -> str:
    """An amount; a lower bound begins with `least`, and one of which a part is unknown says that first."""
    if amount.unknown:
        return f"unknown, {least}{dollars(amount.usd)}" if amount.usd else "unknown"
    return f"{least}{dollars(amount.usd)}" if amount.lower_bound else dollars(amount.usd)


def requests(count: float) -> str:
    """A number of requests in two figures, which is as much as prices and tokens bear out."""
    if count < 100:
        return f"{count:,.0f}"
    step = 10 ** (len(str(int(count))) - 2)
    return f"{round(count / step) * step:,.0f}"
