"""A synchronisation as people see it."""

from rich.console import Console
from rich.text import Text

from cli.core.terminal import listed
from cli.sync.synchronise import SyncResult


def show_sync(console: Console, result: SyncResult) -> None:
    """Show how many documents arrived, which did not, and why."""
    if result.problems:
        rows = [(item.document, item.status, item.reason) for item in result.problems]
        console.print(listed(("Document", "State", "Reason"), rows))
    console.print(
        Text(
            f"{result.indexed:,} of {result.documents:,} documents are in the knowledge base "
            f"({result.uploaded:,} sent, {result.unchanged:,} unchanged, {result.deleted:,} deleted; "
            f"{result.seconds:,.1f} s).",
            style="green" if result.complete else "red",
        )
    )
    if not result.automatic:
        warning = (
            "The upload did not start this ingestion by itself: look into the sync function's log and dead letters."
        )
        console.print(Text(warning, style="yellow"))
    if result.others:
        console.print(f"The bucket holds {result.others:,} more, not in {result.folder}: remove them with --delete.")
    for remark in result.remarks:
        console.print(Text(remark, style="yellow"))
    if result.left_out:
        console.print(f"{result.left_out:,} hidden or ignored files were left out.", style="dim")
