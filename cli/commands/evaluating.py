"""`arbiter evaluate`: which mode wins on one's own questions."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.text import Text

from cli.commands.generating import generate_evaluation
from cli.commands.groups import MAIN, MainCommandByDefault
from cli.commands.options import EnvOption, JsonOption, RunOption, YesOption, again
from cli.deployment import Deployment, repository
from cli.evaluate import Estimate, evaluate
from cli.execution import new_run
from cli.output import Output, reporting
from cli.reporting.report import report
from cli.views_evaluate import show_estimate, show_evaluation

DEFAULT_QUESTIONS = Path("examples", "evaluation", "questions.jsonl")
app = typer.Typer(
    cls=MainCommandByDefault,
    help="Which mode wins on your questions, by how much: `arbiter evaluate [FILE]`. Before that: generate.",
)
app.command("generate")(generate_evaluation)


@app.command(MAIN)
def run(
    questions: Annotated[
        Path | None, typer.Argument(help="Questions, one JSON object a line; by default the project's examples.")
    ] = None,
    modes: Annotated[str, typer.Option(help="Modes to answer in, with commas between them; by default all.")] = "",
    models: Annotated[
        str, typer.Option(help="Base models to compare (evaluation.models), with commas between them.")
    ] = "",
    judges: Annotated[str, typer.Option(help="Judges, with commas between them; by default the settings'.")] = "",
    pairwise: Annotated[bool, typer.Option("--pairwise", help="Judge pairs of answers too, in both orders.")] = False,
    repeat: Annotated[int | None, typer.Option(min=1, max=10, help="Judge this often: a judge's own noise.")] = None,
    max_cost: Annotated[float | None, typer.Option(help="Most US dollars; by default the settings' ceiling.")] = None,
    native_jobs: Annotated[
        bool | None, typer.Option(help="Let Bedrock's own jobs judge as well (evaluation.native_jobs), or not.")
    ] = None,
    out: Annotated[Path | None, typer.Option("--out", "-o", help="File of the report.")] = None,
    run: RunOption = None,
    yes: YesOption = False,
    env: EnvOption = None,
    as_json: JsonOption = False,
) -> None:
    """Answer a file of questions in every mode, have the answers judged, and say which mode wins by how much.

    A question is {"question": …} with, if known, "id", "reference", "document" and "tags". What it will cost is shown
    first. Ends with a table and one HTML page. Exits with 1 if an answer or a verdict is missing; --run completes it.

    Examples:

    arbiter evaluate

    arbiter evaluate mine.jsonl --modes base,rag --repeat 3 --yes
    """
    with reporting(as_json=as_json) as output:
        run = run or new_run()
        file = questions or repository() / DEFAULT_QUESTIONS
        follow = again("evaluate", str(file), "--run", run, env=env)
        output.resume = f"A run that has begun goes on in AWS. Follow it: {follow}"
        deployment = Deployment.find(env)
        with output.progress() as progress:
            result = evaluate(
                deployment,
                file,
                modes=_listed(modes),
                models=_listed(models),
                judges=_listed(judges),
                pairwise=pairwise,
                repeat=repeat,
                run=run,
                max_cost_usd=max_cost,
                native_jobs=native_jobs,
                confirm=lambda estimate: _agreed(output, estimate, given=yes or deployment.environment == "local"),
                progress=progress,
            )
            written = report(deployment, run, out=out, progress=progress)

        def render(console: Console) -> None:
            show_evaluation(console, result)
            console.print(Text(f"Report: {written.path}", style="green"), soft_wrap=True)

        output.result({**result.dump(), "report": str(written.path)}, render)
        raise typer.Exit(0 if result.complete else 1)


def _listed(text: str) -> list[str]:
    return [name.strip() for name in text.split(",") if name.strip()]


def _agreed(output: Output, estimate: Estimate, *, given: bool) -> bool:
    return output.consent(lambda console: show_estimate(console, estimate), "Evaluate?", given=given)
