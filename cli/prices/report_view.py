"""The report of `arbiter cost` as people see it: every figure with the numbers of its sources."""

from collections.abc import Iterable

from rich.console import Console
from rich.table import Column
from rich.text import Text

from arbiter.costs.amount import Amount
from cli.core.terminal import Folded, counted
from cli.prices.report import NOTHING, Report
from cli.prices.view import in_words

FREE = "Beyond free"
"""Of AWS's always-free allowances."""


class Sources:
    """Every source that was shown, by its number."""

    def __init__(self) -> None:
        self.listed: list[str] = []

    def of(self, amount: Amount) -> str:
        """The numbers of an amount's sources."""
        return ", ".join(str(self._number(source)) for source in amount.sources)

    def _number(self, source: str) -> int:
        if source not in self.listed:
            self.listed.append(source)
        return self.listed.index(source) + 1


def show_report(console: Console, report: Report) -> None:
    """Print what the environment costs left alone, used, synchronised, trained, evaluated and hosted."""
    sources = Sources()
    console.print(Text(report.idle_line(), style="bold"), soft_wrap=True)
    console.print(_idle(report, sources))
    console.print(Text(f"Nothing: {'; '.join(NOTHING)}.", style="dim"), soft_wrap=True)
    console.print(_requests(report, sources))
    console.print(_options(report, sources))
    metrics = f"{report.metrics.name[0].upper()}{report.metrics.name[1:]}: {usd(report.metrics.amount)} a month"
    console.print(Text(f"{metrics} [{sources.of(report.metrics.amount)}], whatever the number of requests."))
    console.print(_others(report, sources))
    if report.hosting_ends_after_hours:
        console.print(f"Hosting by the hour ends after {report.hosting_ends_after_hours:,} hours.", highlight=False)
    _show_basis(console, report)
    for number, source in enumerate(sources.listed, 1):
        console.print(Text(f"[{number}] {source}", style="dim"), soft_wrap=True)


def _idle(report: Report, sources: Sources) -> Folded:
    table = Folded("Left alone", _right("A month"), _right(FREE), "Source")
    for row, line in zip(idle_rows(report), report.idle, strict=True):
        table.add_row(*row, sources.of(line.amount))
    return table


def idle_rows(report: Report) -> list[tuple[str, str, str]]:
    """Each resource that bills while nobody uses it: at list price, and beyond the free allowances."""
    return [(line.name, usd(line.amount), usd(line.least)) for line in report.idle]


def _part(name: str) -> str:
    """The column of a part of a request's price: what serves it, the model with what screens it, or the search."""
    if name.startswith(("router", "API", "gateway")):
        return "router"
    return "model" if "put tokens" in name or name.startswith("guardrail") else "search"


def _requests(report: Report, sources: Sources) -> Folded:
    count = report.requests[0].count
    table = Folded(
        counted(count, "request"), _right("Cost"), _right("Model"), _right("Search"), _right("Router"), "Source"
    )
    for kind in report.requests:
        parts = {"model": Amount(0.0), "search": Amount(0.0), "router": Amount(0.0)}
        for line in kind.lines:
            parts[_part(line.name)] += line.amount.times(kind.count)
        # So fine that the parts add up to their sum, as whoever checks the table adds them up.
        digits = 4 if min((part.usd for part in parts.values() if part.usd), default=1) >= 0.001 else 7
        whole, model, search, router = (usd(part, digits) for part in (kind.amount, *parts.values()))
        searched = search if parts["search"] != Amount(0.0) else ""
        table.add_row(kind.mode, whole, model, searched, router, sources.of(kind.amount))
    return table


def _options(report: Report, sources: Sources) -> Folded:
    count = report.requests[0].count
    table = Folded(f"Added to {counted(count, 'request')}", _right("At most"), "Source")
    for line in report.options:
        table.add_row(line.name, usd(line.amount.times(count)), sources.of(line.amount))
    return table


def _others(report: Report, sources: Sources) -> Folded:
    table = Folded("One", _right("Cost"), "Each", "Source")
    for line in report.others:
        table.add_row(line.name, usd(line.amount), line.per, sources.of(line.amount))
    return table


def _show_basis(console: Console, report: Report) -> None:
    sentences: Iterable[str] = report.basis
    for sentence in sentences:
        console.print(Text(f"· {sentence}"), soft_wrap=True)
    if report.unmeasured:
        console.print(Text(f"· Nothing is measured: {report.unmeasured}."), soft_wrap=True)
    if report.unknown:
        named = ", ".join(map(in_words, report.unknown))
        unknown = f"Prices that nobody knows, and that make the sums lower bounds: {named}."
        remedy = " `arbiter cost --refresh` looks them up."
        console.print(Text(unknown + remedy, style="yellow"), soft_wrap=True)


def usd(amount: Amount, digits: int | None = None) -> str:
    """An amount of money, or how much of it is known; with so many decimals, or with those that its size asks for."""
    if amount.unknown and amount.usd == 0:
        return "unknown"
    digits = digits or (2 if amount.usd >= 0.1 or amount.usd == 0 else 4 if amount.usd >= 0.001 else 7)
    return f"{'at least ' if amount.lower_bound else ''}${amount.usd:,.{digits}f}"


def _right(heading: str) -> Column:
    return Column(heading, justify="right")
