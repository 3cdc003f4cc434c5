"""Answers as people see them."""

from collections.abc import Iterator, Sequence

from rich.console import Console, Group
from rich.table import Column, Table
from rich.text import Text

from arbiter.answering.serving.document import (
    Choice,
    Citation,
    Decision,
    Prompting,
    Response,
    Rewritten,
    Step,
)
from cli.asking.question import Reply
from cli.core.terminal import Folded, counted


def show_response(console: Console, response: Response) -> None:
    """Show one answer with its sources and what it took."""
    console.print(Text(response["answer"]), soft_wrap=True)
    if citations := response.get("citations"):
        console.print()
        console.print(_citations(citations))
        if any(citation.get("sentences") for citation in citations):
            console.print()
            console.print(_sentences(citations))
    if trace := response.get("trace"):
        console.print()
        console.print(_trace(trace))
    for note in notes(response):
        console.print(Text(note, style="yellow"))
    for line in _on_the_way(response):
        console.print(Text(line, style="dim"), soft_wrap=True)
    if decision := response.get("decision"):
        console.print(Text(why(decision), style="dim"), soft_wrap=True)
    console.print(Text(_footer(response), style="dim"))


def notes(response: Response) -> list[str]:
    """Notes on parts that were asked for and not delivered, and on what a guardrail stopped or masked."""
    degraded = [f"Degraded: {note}" for note in response.get("degraded", ())]
    return degraded + [
        f"The guardrail {one['action']} the {one['stage']}: {': '.join(filter(None, (one['policy'], one['name'])))}"
        for one in response.get("guardrail", ())
    ]


def _on_the_way(response: Response) -> Iterator[str]:
    """Lines on the question that was searched for, and on the tokens of its prompting; both are in the sums below."""
    if rewritten := response.get("rewritten"):
        yield f"searched for: {rewritten['question']} · {tokens(rewritten)} · {cost(rewritten)}"
    if prompting := response.get("prompting"):
        yield f"{prompting['technique']}: {_share(prompting)}"


def _share(prompting: Prompting) -> str:
    if "reasoning_tokens" in prompting:
        return f"about {prompting['reasoning_tokens']:,} of the output tokens are reasoning"
    examples = counted(prompting["examples"], "example")
    return f"{examples}, about {prompting['example_tokens']:,} of the input tokens (version {prompting['version']})"


def why(decision: Decision) -> str:
    """One line on what `auto` chose, and why."""
    grounded, specialised = decision["grounded"], decision["specialised"]
    chosen = " and ".join(
        name for name, choice in (("documents", grounded), ("tuned model", specialised)) if choice["value"]
    )
    limits = [f"{mode} {reason}" for mode, reason in decision.get("ruled_out", {}).items()]
    reasons = [f"documents {_scored(grounded)}", f"tuned model {_scored(specialised)}", *limits]
    return f"auto chose {chosen or 'the base model alone'}: {'; '.join(reasons)} · thresholds: {decision['policy']}"


def _scored(choice: Choice) -> str:
    return f"{choice['score']:.2f}, needed {choice['threshold']:.2f} ({choice['because']})"


def _citations(citations: Sequence[Citation]) -> Table:
    """One line a document, however many of its passages were read: their numbers, and the best score."""
    documents: dict[str, list[tuple[int, Citation]]] = {}
    for number, citation in enumerate(citations, 1):
        documents.setdefault(short_uri(citation["uri"]), []).append((number, citation))
    placed = any(citation.get("page") is not None or citation.get("section") for citation in citations)
    titles = ("", "Source", *(["Page or section"] if placed else []), "Score")
    table = Folded(*titles, box=None, pad_edge=False, header_style="dim")
    for document, passages in documents.items():
        scores = [score for _, passage in passages if (score := passage.get("score")) is not None]
        places = dict.fromkeys(filter(None, (_page_and_section(passage) for _, passage in passages)))
        table.add_row(
            ", ".join(str(number) for number, _ in passages),
            Text(document),
            *([Text("; ".join(places))] if placed else []),
            _score(max(scores, default=None)),
        )
    return table


def _page_and_section(citation: Citation) -> str:
    """The place of a passage in its document, as far as it is known."""
    page = citation.get("page")
    return ", ".join(filter(None, ("" if page is None else f"page {page}", citation.get("section"))))


def _sentences(citations: Sequence[Citation]) -> Table:
    """The sentences of the answer beside the passages that share most of their words."""
    table = Folded("", "Sentence", "Words shared", box=None, pad_edge=False, header_style="dim")
    passages: dict[tuple[str, float], list[int]] = {}
    for number, citation in enumerate(citations, 1):
        for sentence in citation.get("sentences", ()):
            passages.setdefault((sentence["text"], sentence["shared_words"]), []).append(number)
    for (text, shared), numbers in passages.items():
        table.add_row(", ".join(map(str, numbers)), Text(text), f"{shared:.0%}")
    return table


def _trace(trace: Sequence[Step]) -> Table:
    """The steps of a search in several steps."""
    table = Folded("Step", "Question", "Found", "Took", "Cost", box=None, pad_edge=False, header_style="dim")
    for step in trace:
        asked = "enough was found" if step.get("sufficient") else "; ".join(step["questions"])
        outcome = step.get("failed") or step.get("passages", "")
        price = step.get("cost_usd")
        cells = (Text(asked), str(outcome), f"{step['milliseconds']:,.0f} ms", "" if price is None else f"${price:.6f}")
        table.add_row(step["step"], *cells)
    return table


def _score(score: float | None) -> str:
    return "" if score is None else f"{score:.2f}"


def short_uri(uri: str) -> str:
    """A document without its bucket."""
    return uri.removeprefix("s3://").partition("/")[2] or uri


def _footer(response: Response) -> str:
    parts = [str(response["mode"]), str(response["model"]), tokens(response), latency(response), cost(response)]
    if response.get("stop_reason") not in (None, "end_turn", "tool_use"):
        parts.append(f"stopped: {response['stop_reason']}")
    return " · ".join(parts)


def tokens(response: Response | Rewritten) -> str:
    usage = response.get("usage") or {}
    return f"{usage.get('input_tokens', 0):,} + {usage.get('output_tokens', 0):,} tokens"


def latency(response: Response) -> str:
    return f"{response['latency_ms']['total']:,.0f} ms"


def cost(response: Response | Rewritten) -> str:
    price = response.get("cost_usd")
    return "price unknown" if price is None else f"${price:.6f}"


def show_replies(console: Console, replies: Sequence[Reply]) -> None:
    """Show the answers of several modes side by side."""
    console.print(replies_table(replies))


def replies_table(replies: Sequence[Reply]) -> Table:
    table = Folded("Mode", "Answer", "Sources", Column("Took", no_wrap=True), show_lines=True)
    for reply in replies:
        if (response := reply.response) is None:
            error = reply.error or {}
            table.add_row(reply.mode, Text(f"{error['code']}: {error['message']}", style="red", overflow="fold"))
            continue
        mode = reply.mode if reply.mode == response["mode"] else f"{reply.mode} → {response['mode']}"
        notes_shown = [Text(note, style="yellow") for note in notes(response)]
        answer = Group(Text(response["answer"]), *notes_shown)
        sources = "\n".join(dict.fromkeys(short_uri(item["uri"]) for item in response.get("citations", ())))
        took = "\n".join((latency(response), tokens(response), cost(response)))
        table.add_row(mode, answer, Text(sources, overflow="fold"), Text(took))
    return table
