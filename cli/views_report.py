"""A written report as people see it in a terminal."""

from rich.console import Console
from rich.text import Text

from cli.reporting.report import ReportResult


def show_report(console: Console, result: ReportResult) -> None:
    """What the run says, and where its page is."""
    for sentence in result.summary.get("conclusion") or ():
        console.print(Text(f"• {sentence}"), soft_wrap=True)
    if result.summary.get("complete") is False:
        said = f"The run {result.run} is not complete: run `arbiter evaluate` with --run {result.run} to finish it."
        console.print(Text(said, style="yellow"), soft_wrap=True)
    console.print(Text(f"Report: {result.path}", style="green"), soft_wrap=True)
