"""The price book as people see it."""

from rich.console import Console
from rich.table import Column
from rich.text import Text

from cli.core.terminal import Folded
from cli.prices.price_book import CostResult, Line

UNITS = {
    "input_per_1k": "1,000 input tokens",
    "output_per_1k": "1,000 output tokens",
    "cached_per_1k": "1,000 cached tokens",
    "cache_write_per_1k": "1,000 tokens written to the cache",
    "batch_input_per_1k": "1,000 input tokens in batch",
    "batch_output_per_1k": "1,000 output tokens in batch",
    "training_per_1k": "1,000 training tokens",
    "storage_per_month": "month of storage",
    "provisioned_per_hour": "model unit and hour",
    "rerank_per_1k": "1,000 rankings",
}


def show_book(console: Console, result: CostResult) -> None:
    """Every price with its source and date; after a refresh, what it was."""
    table = Folded("Of", "A", Column("USD", justify="right"), "Source")
    for line in result.lines:
        source = f"{line.source} ({line.as_of})" if line.usd is not None else line.source
        table.add_row(line.model, _unit(line.figure), _usd(line), Text(source, overflow="fold"))
    console.print(table)
    console.print(f"Prices of {result.region} from cdk.json, the oldest of {result.as_of}.", highlight=False)
    if result.missing and result.refreshed:
        names = ", ".join(f"{_unit(line.figure)} of {line.model}" for line in result.missing)
        text = f"Not found in the Price List, and left as they were ({len(result.missing)}): {names}."
        console.print(Text(text, style="yellow"))
    if result.unknown:
        count = len(result.unknown)
        warning = (
            f"{count} of {len(result.lines)} prices are unknown: what needs them is shown as unknown, never guessed."
        )
        remedy = "" if result.refreshed else " `arbiter cost --refresh` looks them up; it needs pricing:GetProducts."
        console.print(Text(warning + remedy, style="yellow"))


def in_words(unknown: str) -> str:
    """A price that nobody knows, as `Amount.unknown` names it, in the words of the price book."""
    figure, of, model = unknown.partition(" of ")
    return f"{_unit(figure)}{of}{model}" if figure in UNITS else unknown


def _unit(figure: str) -> str:
    return UNITS.get(figure) or figure.replace("_per_", ", per ").replace("_", " ")


def _usd(line: Line) -> Text:
    least = "at least " if line.lower_bound else ""
    text = "unknown" if line.usd is None else least + _digits(line.usd)
    if line.changed:
        before = "unknown" if line.before is None else _digits(line.before)
        return Text(f"{before} → {text}", style="green")
    return Text(text, style="yellow" if line.usd is None else "")


def _digits(usd: float) -> str:
    return f"{usd:.10f}".rstrip("0").rstrip(".") or "0"
