"""`arbiter calibrate`: thresholds of `auto` from an evaluation run."""

from collections.abc import Mapping
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.text import Text

from cli.core.deployment import Deployment
from cli.core.errors import CliError
from cli.core.execution import require_run_name
from cli.core.function import call
from cli.core.options import EnvOption, JsonOption
from cli.core.output import reporting
from cli.core.terminal import Folded, counted


def calibrate(
    run: Annotated[str | None, typer.Argument(help="The evaluation run, with auto among its modes.")] = None,
    prefer: Annotated[str, typer.Option(help="What auto is to prefer: quality, latency or cost.")] = "quality",
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Tell what would be published, and publish nothing.")
    ] = False,
    rollback: Annotated[bool, typer.Option("--rollback", help="Bring back the thresholds before the last.")] = False,
    env: EnvOption = None,
    as_json: JsonOption = False,
) -> None:
    """Fit `auto` to an evaluation run, and publish that if it beats each single mode; or take it back.

    What is tested are thresholds fitted without the document that a question is about. Exits with 1 unless thresholds
    are published, or with --dry-run would be.

    Examples:

    arbiter evaluate questions.jsonl --modes auto,base,rag,fine_tuned,combined --run measured

    arbiter calibrate measured --prefer cost

    arbiter calibrate --rollback
    """
    with reporting(as_json=as_json) as output:
        if rollback == (run is not None):
            raise CliError("Name an evaluation run, or give --rollback alone.", code="no_run")
        if run is not None:
            require_run_name(run)
        event = {"rollback": True} if rollback else {"run": run, "prefer": prefer, "publish": not dry_run}
        deployment = Deployment.find(env)
        with output.progress() as progress:
            progress("Calibrating" if run else "Bringing back the former thresholds")
            result = call(deployment, "CalibrateFunctionArn", event)
        if refused := result.get("refused"):
            raise CliError(str(refused), code=result["code"])
        output.result(result, lambda console: _show(console, result))
        if not rollback and not (result["wins"] and result["thresholds"]):
            raise typer.Exit(1)


def _show(console: Console, result: Mapping[str, Any]) -> None:
    if "in_force" in result:
        console.print(Text(_in_force(result["in_force"])), soft_wrap=True)
        return
    table = Folded("Against", "Points", "p", "Questions that show it")
    for one in result["against"]:
        needed = f"{one['questions']:,}" if one["questions"] else "none: auto is not ahead"
        table.add_row(
            one["mode"], f"{one['difference']:+z.2f}", _p(one["p"]).removeprefix("p ").removeprefix("= "), needed
        )
    console.print(table)
    console.print(Text(_verdict(result)), soft_wrap=True)


def _in_force(policies: Mapping[str, Any]) -> str:
    if not policies:
        return "The shipped thresholds are in force."
    listed = "; ".join(f"{prefer}: those of run {one['run']}" for prefer, one in policies.items())
    return f"In force: {listed}. The shipped ones for every other preference."


def _verdict(result: Mapping[str, Any]) -> str:
    if not result["against"]:
        return "No question has a choice of auto and a score of every technique: nothing can be said."
    # A question that names no document counts as one of a document of its own.
    about = f" about {counted(result['documents'], 'document')}" if result["documents"] < result["questions"] else ""
    asked = f"{counted(result['questions'], 'question')}{about}"
    if result["thresholds"] is None:
        lead = "beat" if result["wins"] else "are not shown to beat"
        return (
            f"Nothing is fitted on fewer than 100 questions, and this run has {asked}. The shipped thresholds {lead} "
            f"each single mode.{_needed(result)}"
        )
    if not result["wins"]:
        return f"Not published: on {asked}, some single mode may be as good ({_p(result['p'])}).{_needed(result)}"
    how = "Published" if result["published"] else "Would be published"
    grounded, specialised = (_from(result["thresholds"][name]) for name in ("grounded", "specialised"))
    seen = " The router sees it within five minutes." if result["published"] else ""
    return (
        f"{how} for {result['prefer']}: documents {grounded}, the tuned model {specialised}; better "
        f"than each single mode on {asked} ({_p(result['p'])}).{seen}"
    )


def _from(threshold: float) -> str:
    """The scores, which end at 1, from which a question is answered with yes."""
    return "never" if threshold > 1 else f"from {threshold:.2f}"


def _p(value: float) -> str:
    return "p < 0.001" if value < 0.001 else f"p = {value:.3f}"


def _needed(result: Mapping[str, Any]) -> str:
    needed = result["questions_needed"]
    if result["wins"]:
        return ""
    if needed is None:
        return (
            " Some single mode is level or ahead on these questions, so it cannot be said how many would show a lead."
        )
    return f" It would take about {needed:,} questions."
