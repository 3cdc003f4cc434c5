"""`arbiter advise`."""

import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from cli.advice.questionnaire import Questionnaire
from cli.advice.record.record import Record
from cli.advice.scenario.scenario import Scenario
from cli.advice.scenario.writing import as_questions, as_yaml
from cli.advice.scenarios import Measured, Sources, measure, read_scenario, record_named
from cli.advice.view import show_advice, show_comparison
from cli.core.errors import CliError
from cli.core.options import EnvOption, JsonOption
from cli.core.output import Output, reporting
from cli.core.outputs import require_writable
from cli.core.terminal import SafeConsole

ANSWERS = Path("advice.yaml")


def advise(
    file: Annotated[
        Path | None, typer.Option("--file", "-f", help="Answers in YAML; without it, you are asked.")
    ] = None,
    training: Annotated[Path | None, typer.Option(help="Training file: its good examples are counted.")] = None,
    documents: Annotated[Path | None, typer.Option(help="Folder of documents: it is measured.")] = None,
    run: Annotated[
        str | None,
        typer.Option(help="Evaluation run, which overrules rules: name, summary.json, or its folder."),
    ] = None,
    html: Annotated[Path | None, typer.Option("--html", help="Write the decision record as one page.")] = None,
    save: Annotated[Path, typer.Option(help="Where your answers are kept while you are asked.")] = ANSWERS,
    questions: Annotated[
        bool, typer.Option("--questions", help="Print every question as YAML to fill in, and end.")
    ] = False,
    compare: Annotated[
        tuple[Path, Path] | None,
        typer.Option("--compare", metavar="FILE FILE", help="Two cases side by side; --html makes one page of them."),
    ] = None,
    env: EnvOption = None,
    as_json: JsonOption = False,
) -> None:
    """Which technique, for us: by rules, measurements and prices, with what would change the answer.

    Asks a dozen questions, or reads them from a file; needs no AWS, unless --env names a deployment to measure.

    Examples:

    arbiter advise

    arbiter advise --file examples/advice/customer-support.yaml --html decision.html

    arbiter advise --questions > answers.yaml

    arbiter advise -f answers.yaml --training pairs.jsonl --documents my-documents --run 20261121-083000-1a2b

    arbiter advise --compare examples/advice/customer-support.yaml examples/advice/legal-analysis.yaml --html both.html
    """
    with reporting(as_json=as_json) as output:
        if questions:
            output.result({"questions": as_questions()}, lambda console: typer.echo(as_yaml(Scenario()), nl=False))
            return
        if compare and file:
            raise CliError("--compare takes two files: leave --file out.", code="usage")
        if html:
            require_writable(html)
        with output.progress() as progress:
            measured = measure(Sources(training=training, documents=documents, run=run, env=env), progress)
        if compare:
            records = [record_named(one, read_scenario(one), measured) for one in compare]
            document = {"scenarios": [one.dump() for one in records]}
            _write(records, html)
            output.result(document, lambda console: _show(console, records, html))
            return
        scenario = read_scenario(file) if file else _asked(output, save, measured)
        record = record_named(file or save, scenario, measured)
        _write([record], html)
        output.result(record.dump(), lambda console: _show(console, [record], html))


def _asked(output: Output, save: Path, measured: Measured) -> Scenario:
    """The answers of whoever sits at the terminal, going on where an earlier time ended."""
    if not sys.stdin.isatty():
        raise CliError(
            "Nobody can answer here: this is no terminal. Name the answers with --file; --questions prints a form.",
            code="no_terminal",
        )
    start = read_scenario(save) if save.exists() else Scenario()
    require_writable(save)
    output.resume = f"Your answers are in {save}: the same command goes on after them."
    console = SafeConsole(sys.stderr)

    def ask(prompt: str) -> str:
        console.print(prompt, end="", markup=False, highlight=False)
        return input()

    try:
        return Questionnaire(console, ask, save).run(start, measured.answers)
    except (EOFError, KeyboardInterrupt):
        # What is told next begins a line of its own, below the question.
        console.print()
        raise KeyboardInterrupt from None


def _show(console: Console, records: list[Record], html: Path | None) -> None:
    if len(records) > 1:
        show_comparison(console, records)
    else:
        show_advice(console, records[0])
    if html:
        console.print(f"Decision record: {html.resolve()}", style="green", soft_wrap=True, highlight=False)


def _write(records: list[Record], html: Path | None) -> None:
    if html is None:
        return
    # Jinja is slow to import, and only a page needs it.
    from cli.advice.page.page import render, render_comparison

    html.parent.mkdir(parents=True, exist_ok=True)
    html.write_text(render_comparison(records) if len(records) > 1 else render(records[0]), encoding="utf-8")
