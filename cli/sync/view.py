"""Synchronisations, their plans and checks as people see them."""

from collections.abc import Iterable, Sequence

from rich.console import Console
from rich.text import Text

from arbiter.aws.objects import StoredObject
from arbiter.documents.standing import DocumentProblem
from cli.core.terminal import counted, listed
from cli.sync.checking import CheckResult
from cli.sync.planning import Item, SyncPlan
from cli.sync.synchronise import SyncResult


def show_sync(console: Console, result: SyncResult) -> None:
    """Show how many documents arrived, which did not, and why."""
    _show_problems(console, result.problems)
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
    _show_secrets(console, result.doubtful, result.unsearched)
    if result.others:
        console.print(f"{_others(result)}: remove them with --delete.")
    for remark in result.remarks:
        console.print(Text(remark, style="yellow"))
    if result.left_out:
        console.print(f"{result.left_out:,} hidden or ignored files were left out.", style="dim")


def show_plan(console: Console, plan: SyncPlan) -> None:
    """Show every document that would be sent, deleted or refused, with its size."""
    parts = (("send", plan.send), ("delete", plan.delete), ("refuse", plan.refused))
    rows = [(action, item.document, _size(item.bytes), item.reason) for action, items in parts for item in items]
    if rows:
        console.print(listed(("Would", "Document", "Size", "Reason"), rows))
    sizes = ", ".join(f"{action} {len(items):,} ({_size(_sum(items))})" for action, items in parts)
    console.print(Text(f"It would {sizes}; {plan.unchanged:,} are unchanged. Nothing was changed."))
    _show_secrets(console, plan.doubtful, plan.unsearched)
    if plan.others:
        console.print(f"{_others(plan)}: --delete would remove them.")


def _others(result: SyncResult | SyncPlan | CheckResult) -> str:
    return f"The bucket holds {result.others:,} more, which {result.folder} lacks or --ignore leaves out"


def show_check(console: Console, result: CheckResult) -> None:
    """Show each document that is not in the knowledge base as it should be."""
    _show_problems(console, result.problems)
    wrong = len(result.problems)
    summary = (
        f"{counted(wrong, 'document')} missing, failed or stale of {result.documents:,}"
        if wrong
        else f"All {result.documents:,} documents are in the knowledge base as they are in {_compared(result)}"
    )
    console.print(Text(f"{summary} ({result.seconds:,.1f} s).", style="red" if wrong else "green"))
    if result.others:
        console.print(f"{_others(result)}.")


def show_deletion(console: Console, objects: Sequence[StoredObject]) -> None:
    """Show the objects that would be deleted."""
    console.print(listed(("To be deleted", "Size"), [(item.key, _size(item.size)) for item in objects]))


def _compared(result: CheckResult) -> str:
    return result.folder or "the bucket"


def _show_problems(console: Console, problems: Sequence[DocumentProblem]) -> None:
    if problems:
        rows = [(item.document, item.status, item.reason) for item in problems]
        console.print(listed(("Document", "State", "Reason"), rows))


def _show_secrets(console: Console, doubtful: Sequence[Item], unsearched: int) -> None:
    if doubtful:
        console.print(Text("Look whether these hold secrets; whoever asks may be told them:", style="yellow"))
        console.print(listed(("Document", "Finding"), [(item.document, item.reason) for item in doubtful]))
    if unsearched:
        which = "encrypted, damaged, or pages as pictures"
        console.print(f"{counted(unsearched, 'document')} could not be searched for secrets: {which}.", style="dim")


def _sum(items: Iterable[Item]) -> int:
    return sum(item.bytes for item in items)


def _size(count: int) -> str:
    return (
        f"{count:,} B"
        if count < 1024
        else f"{count / 1024:,.1f} KB"
        if count < 1024**2
        else f"{count / 1024**2:,.1f} MB"
    )
