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
    "batch_input_per_1k": "1,000 input tokens in batch",
    "batch_output_per_1k": "1,000 output tokens in batch",
    "training_per_1k": "1,000 training tokens",
    "storage_per_month": "month of storage",
    "provisioned_per_hour": "model unit and hour",
}


def show_cost(console: Console, result: CostResult) -> None:
    """Every price with its source; after a refresh, what it was."""
    table = Folded("Model", "A", Column("USD", justify="right"), "Source")
    for line in result.lines:
        table.add_row(line.model, UNITS[line.figure], _usd(line), Text(line.source, overflow="fold"))
    console.print(table)
    when = "refreshed now" if result.refreshed else f"as of {result.as_of}"
    console.print(f"Prices of {result.region}, {when}, from cdk.json.", highlight=False)
    if result.unknown:
        count = len(result.unknown)
        warning = (
            f"{count} of {len(result.lines)} prices are unknown: what needs them is shown as unknown, never guessed."
        )
        remedy = "" if result.refreshed else " `arbiter cost --refresh` looks them up; it needs pricing:GetProducts."
        console.print(Text(warning + remedy, style="yellow"))


def _usd(line: Line) -> Text:
    text = "unknown" if line.usd is None else f"{line.usd:.10f}".rstrip("0").rstrip(".")
    if line.changed:
        before = "unknown" if line.before is None else f"{line.before:.10f}".rstrip("0").rstrip(".")
        return Text(f"{before} → {text}", style="green")
    return Text(text, style="yellow" if line.usd is None else "")
