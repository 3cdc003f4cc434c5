"""Results as people see them."""

import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console, Group, RenderableType
from rich.table import Column, Table
from rich.text import Text

from cli.ask import Reply
from cli.errors import CliError
from cli.sync import SyncResult

LISTED_PROBLEMS = 200
FOR_PROGRAMS = ("code", "severity", "mended_by_fix")
"""What a problem says in JSON only."""


def show_reply(console: Console, reply: Reply) -> None:
    """One answer with its sources and what it took."""
    response = reply.response or {}
    console.print(Text(harmless(response["answer"])), soft_wrap=True)
    if citations := response.get("citations"):
        console.print()
        console.print(_citations(citations))
    for note in response.get("degraded", ()):
        console.print(Text(f"Degraded: {note}", style="yellow"))
    console.print(Text(_footer(response), style="dim"))


def harmless(text: str) -> str:
    """What a model wrote, without the signs that steer a terminal."""
    return "".join(sign for sign in text if sign in "\n\t" or unicodedata.category(sign) != "Cc")


def _citations(citations: Sequence[Mapping[str, Any]]) -> Table:
    table = Table("", "Source", "Score", box=None, pad_edge=False, header_style="dim")
    for place, citation in enumerate(citations, 1):
        table.add_row(str(place), Text(short_uri(citation["uri"])), _score(citation.get("score")))
    return table


def _score(score: float | None) -> str:
    return "" if score is None else f"{score:.2f}"


def short_uri(uri: str) -> str:
    """A document without its bucket."""
    return uri.removeprefix("s3://").partition("/")[2] or uri


def _footer(response: Mapping[str, Any]) -> str:
    parts = [str(response["mode"]), str(response["model"]), tokens(response), latency(response), cost(response)]
    if response.get("stop_reason") not in (None, "end_turn", "tool_use"):
        parts.append(f"stopped: {response['stop_reason']}")
    return " · ".join(parts)


def tokens(response: Mapping[str, Any]) -> str:
    usage = response.get("usage") or {}
    return f"{usage.get('input_tokens', 0):,} + {usage.get('output_tokens', 0):,} tokens"


def latency(response: Mapping[str, Any]) -> str:
    return f"{response['latency_ms']['total']:,.0f} ms"


def cost(response: Mapping[str, Any]) -> str:
    price = response.get("cost_usd")
    return "price unknown" if price is None else f"${price:.6f}"


def show_replies(console: Console, replies: Sequence[Reply]) -> None:
    """The same question in several modes, side by side."""
    console.print(replies_table(replies))


def replies_table(replies: Sequence[Reply]) -> Table:
    table = Table("Mode", "Answer", "Sources", Column("Took", no_wrap=True), header_style="bold", show_lines=True)
    for reply in replies:
        if (response := reply.response) is None:
            error = reply.error or {}
            table.add_row(reply.mode, Text(f"{error['code']}: {error['message']}", style="red", overflow="fold"))
            continue
        mode = reply.mode if reply.mode == response["mode"] else f"{reply.mode} → {response['mode']}"
        notes = [Text(f"Degraded: {note}", style="yellow") for note in response.get("degraded", ())]
        answer = Group(Text(harmless(response["answer"])), *notes)
        sources = "\n".join(dict.fromkeys(short_uri(item["uri"]) for item in response.get("citations", ())))
        took = "\n".join((latency(response), tokens(response), cost(response)))
        table.add_row(mode, answer, Text(sources, overflow="fold"), Text(took))
    return table


def show_sync(console: Console, result: SyncResult) -> None:
    """What arrived, what did not, and why."""
    if result.problems:
        rows = [(item.document, item.status, item.reason) for item in result.problems]
        console.print(_listed(("Document", "State", "Reason"), rows))
    console.print(
        Text(
            f"{result.indexed:,} of {result.documents:,} documents are in the knowledge base "
            f"({result.uploaded:,} sent, {result.unchanged:,} unchanged, {result.deleted:,} deleted; "
            f"{result.seconds:,.1f} s).",
            style="green" if result.complete else "red",
        )
    )
    if not result.automatic:
        said = "The upload did not start this ingestion by itself: look into the sync function's log and dead letters."
        console.print(Text(said, style="yellow"))
    if result.others:
        console.print(f"The bucket holds {result.others:,} more, not in {result.folder}: remove them with --delete.")
    if result.left_out:
        console.print(f"{result.left_out:,} hidden or ignored files were left out.", style="dim")


def show_failure(console: Console, error: CliError) -> None:
    """A failure, with all problems that it names."""
    problems = error.details.get("problems")
    # The router's message lists its problems too, for callers that show nothing else.
    message = str(error).partition(". ")[0] + "." if problems and error.code == "invalid_request" else str(error)
    console.print(Text.assemble(("Error: ", "bold red"), message), soft_wrap=True)
    if problems:
        headings = [name for name in problems[0] if name not in FOR_PROGRAMS]
        rows = [tuple(item.get(name) for name in headings) for item in problems]
        console.print(_listed([name.capitalize() for name in headings], rows))
    if unlisted := error.details.get("unlisted"):
        console.print(f"… and {unlisted:,} more.")


def _listed(headings: Sequence[str], rows: Sequence[tuple[Any, ...]]) -> RenderableType:
    table = Table(*headings, header_style="bold")
    for row in rows[:LISTED_PROBLEMS]:
        table.add_row(*(Text("" if cell is None else str(cell), overflow="fold") for cell in row))
    more = len(rows) - LISTED_PROBLEMS
    return Group(table, Text(f"… and {more:,} more: --json lists all.")) if more > 0 else table
