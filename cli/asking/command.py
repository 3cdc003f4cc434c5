"""`arbiter ask`."""

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from arbiter.jsonl import kind
from cli.asking import question as asking
from cli.asking import view
from cli.asking.conversation import Conversation
from cli.core.deployment import Deployment
from cli.core.errors import CliError, together
from cli.core.options import EnvOption, JsonOption
from cli.core.output import Output, reporting


def ask(
    question: Annotated[str, typer.Argument(help="The question; `-` reads it from standard input.")],
    mode: Annotated[str | None, typer.Option(help="base, rag, fine_tuned, combined or auto (the default).")] = None,
    all_modes: Annotated[bool, typer.Option("--all-modes", help="Ask in every mode and compare.")] = False,
    degrade: Annotated[bool, typer.Option("--degrade", help="Let a mode that cannot be served fall back.")] = False,
    results: Annotated[int | None, typer.Option(help="Passages to retrieve.")] = None,
    strategy: Annotated[
        str | None,
        typer.Option(
            help="How to search: basic (once), multi_step (for the parts that a model names, at once) or adaptive (on "
            "until a model finds enough)."
        ),
    ] = None,
    search: Annotated[str | None, typer.Option(help="semantic (by meaning) or hybrid (by words as well).")] = None,
    only: Annotated[
        str | None, typer.Option("--filter", help='Metadata as JSON: \'{"service": "s3", "year": {">=": 2024}}\'.')
    ] = None,
    rerank: Annotated[bool, typer.Option("--rerank", help="Have a model put the passages in order.")] = False,
    minimum_score: Annotated[float | None, typer.Option(help="Least score of a passage, 0 to 1.")] = None,
    sentences: Annotated[
        bool, typer.Option("--sentences", help="Show which sentences share their words with which passage.")
    ] = False,
    rewrite: Annotated[
        bool, typer.Option("--rewrite", help="Have a model rewrite a follow-up before it is searched for.")
    ] = False,
    prompting: Annotated[
        str | None, typer.Option(help="zero_shot, few_shot (your examples), chain_of_thought or house (your prompt).")
    ] = None,
    schema: Annotated[
        Path | None, typer.Option("--schema", help="File of a JSON schema: the answer is JSON that fits it.")
    ] = None,
    as_object: Annotated[bool, typer.Option("--format-json", help="The answer is any JSON object.")] = False,
    system: Annotated[str | None, typer.Option(help="System prompt.")] = None,
    go_on: Annotated[
        bool, typer.Option("--continue", "-c", help="Go on with the last conversation in this environment.")
    ] = False,
    max_output_tokens: Annotated[int | None, typer.Option(help="Longest answer.")] = None,
    max_latency_ms: Annotated[int | None, typer.Option(help="Milliseconds that it may take.")] = None,
    max_cost_usd: Annotated[float | None, typer.Option(help="US dollars that it may cost.")] = None,
    prefer: Annotated[str | None, typer.Option(help="What auto prefers: quality, latency or cost.")] = None,
    env: EnvOption = None,
    as_json: JsonOption = False,
) -> None:
    """Ask the deployed router a question.

    Examples:

    arbiter ask "How heavy is the packed Skarn 3?"

    arbiter ask "How heavy is the packed Skarn 3?" --all-modes

    arbiter ask "How heavy is the packed Skarn 3?" --prefer cost --max-cost-usd 0.0005

    arbiter ask "Compare the Skarn 3 with the Skarn 2." --strategy multi_step --sentences

    arbiter ask "What does E-5032 mean?" --search hybrid --filter '{"product": "pump"}' --minimum-score 0.3

    arbiter ask "And for a week?" --continue

    arbiter ask "What does the Skarn 3 cost?" --schema price.json --prompting few_shot

    echo "a long question" | arbiter ask - --mode rag --results 8 --json
    """
    with reporting(as_json=as_json) as output:
        _, text, condition, wanted = together(
            lambda: _refuse_both(
                {"--mode": mode, "--all-modes": all_modes}, {"--schema": schema, "--format-json": as_object}
            ),
            lambda: _text(question),
            lambda: _json(only) if only is not None else None,
            lambda: asking.json_format(schema) if schema else {"type": "json"} if as_object else None,
        )
        request: dict[str, Any] = {"question": text, "mode": mode or "auto"}
        retrieval = {
            "results": results,
            "strategy": strategy,
            "search": search,
            "filter": condition,
            "rerank": rerank or None,
            "minimum_score": minimum_score,
            "sentences": sentences or None,
            "rewrite": rewrite or None,
        }
        limits = {
            "max_output_tokens": max_output_tokens,
            "max_latency_ms": max_latency_ms,
            "max_cost_usd": max_cost_usd,
        }
        optional = {
            "system": system,
            "prompting": prompting,
            "format": wanted,
            "retrieval": _given(retrieval),
            "limits": _given(limits),
            "prefer": prefer,
            "degrade": degrade or None,
        }
        request |= {name: value for name, value in optional.items() if value is not None}
        _tell(output, Deployment.find(env), request, all_modes=all_modes, go_on=go_on)


def _tell(output: Output, deployment: Deployment, request: dict[str, Any], *, all_modes: bool, go_on: bool) -> None:
    """Ask, and show the answer, or that of every mode; one answer is kept for a question that continues from it."""
    conversation = Conversation(deployment.environment)
    earlier = conversation.turns() if go_on else []
    if earlier:
        request["history"] = earlier
    if all_modes:
        with output.progress() as progress:
            replies = asking.ask_all(deployment, request, progress=progress)
        document = {"question": request["question"], "replies": [reply.dump() for reply in replies]}
        output.result(document, lambda console: view.show_replies(console, replies))
        raise typer.Exit(0 if any(reply.response for reply in replies) else 1)
    with output.progress() as progress:
        progress("Asking")
        reply = asking.ask(deployment, request)
    response = reply.require_response()
    conversation.keep(earlier, request["question"], response["answer"], response["request_id"])
    output.result(response, lambda console: view.show_response(console, response))


def _given(options: dict[str, Any]) -> dict[str, Any] | None:
    """The options that are given; `None` where none is."""
    return {name: value for name, value in options.items() if value is not None} or None


def _refuse_both(*pairs: Mapping[str, object]) -> None:
    """Refuse options of which one would be ignored beside the other, all of them at once."""
    if both := [" and ".join(pair) for pair in pairs if all(pair.values())]:
        raise CliError(f"{'; '.join(both)} exclude each other: leave one out.", code="bad_options")


def _json(text: str) -> Any:
    example = """Write it like '{"service": "s3", "year": {">=": 2024}}'"""
    try:
        condition = json.loads(text)
    except ValueError as error:
        raise CliError(f"--filter is no JSON ({error}). {example}.", code="bad_filter") from None
    if not isinstance(condition, dict) or not condition:
        raise CliError(f"--filter is {kind(condition)} and names no metadata. {example}.", code="bad_filter")
    return condition


def _text(question: str) -> str:
    text = sys.stdin.buffer.read().decode(errors="surrogateescape") if question == "-" else question
    try:
        text.encode()
    except UnicodeEncodeError as error:
        remedy = "Send it as UTF-8, in a terminal whose locale is UTF-8"
        raise CliError(
            f"The question is not UTF-8 text (character {error.start + 1:,}). {remedy}.", code="bad_text"
        ) from None
    return text
