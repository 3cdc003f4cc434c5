"""Amounts as people read them: a lower bound says so, and what is unknown is no number."""

from arbiter.costs.amount import Amount
from cli.reporting.figures.numbers import dollars


def money(amount: Amount) -> str:
    """An amount, with `at least` where a part of it is unknown."""
    if amount.unknown and not amount.usd:
        return "unknown"
    return f"at least {dollars(amount.usd)}" if amount.lower_bound else dollars(amount.usd)


def requests(count: float) -> str:
    """A number of requests in two figures, which is as much as prices and tokens bear out."""
    if count < 100:
        return f"{count:,.0f}"
    step = 10 ** (len(str(int(count))) - 2)
    return f"{round(count / step) * step:,.0f}"
