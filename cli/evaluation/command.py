"""`arbiter evaluate`: which mode wins on one's own questions."""

from pathlib import Path
from typing import Any

import typer
from rich.console import Console
from rich.text import Text

from cli.core.deployment import Deployment
from cli.core.execution import new_run
from cli.core.groups import MAIN, MainCommandByDefault
from cli.core.interruption import interrupted
from cli.core.options import AcceptUnknownCostOption, EnvOption, JsonOption, RunOption, YesOption, again
from cli.core.output import Output, as_cli_error, reporting
from cli.core.outputs import require_writable
from cli.core.progress import Progress
from cli.core.project import repository
from cli.evaluation.options import (
    BatchAnswersOption,
    DryRunOption,
    JudgesOption,
    KnowledgeBasesOption,
    LimitsOption,
    MaxCostOption,
    MaxOutputTokensOption,
    ModelsOption,
    ModesOption,
    NativeJobsOption,
    OutOption,
    PairwiseOption,
    PreferOption,
    PromptingOption,
    QuestionsArgument,
    RepeatOption,
    RetrievalOption,
    SchemaOption,
    SystemOption,
    TunedOption,
)
from cli.evaluation.order import Choices
from cli.evaluation.run import estimate, evaluate
from cli.evaluation.view import show_estimate, show_evaluation
from cli.generation.command import generate_evaluation
from cli.reporting.report import file_of, report

DEFAULT_QUESTIONS = Path("examples", "evaluation", "questions.jsonl")
app = typer.Typer(
    cls=MainCommandByDefault,
    help="Which mode wins on your questions, by how much: `arbiter evaluate [FILE]`. Before that: generate.",
    epilog="Its options, with examples: `arbiter evaluate run --help`.",
)
app.command("generate")(generate_evaluation)


@app.command(MAIN)
def run(
    questions: QuestionsArgument = None,
    modes: ModesOption = "",
    models: ModelsOption = "",
    tuned: TunedOption = "",
    prompting: PromptingOption = "",
    retrieval: RetrievalOption = None,
    limits: LimitsOption = None,
    knowledge_bases: KnowledgeBasesOption = "",
    prefer: PreferOption = None,
    system: SystemOption = None,
    schema: SchemaOption = None,
    max_output_tokens: MaxOutputTokensOption = None,
    judges: JudgesOption = "",
    pairwise: PairwiseOption = False,
    repeat: RepeatOption = None,
    max_cost: MaxCostOption = None,
    native_jobs: NativeJobsOption = None,
    batch_answers: BatchAnswersOption = None,
    out: OutOption = None,
    run: RunOption = None,
    accept_unknown_cost: AcceptUnknownCostOption = False,
    dry_run: DryRunOption = False,
    yes: YesOption = False,
    env: EnvOption = None,
    as_json: JsonOption = False,
) -> None:
    """Answer a file of questions in every mode, have the answers judged, and say which mode wins by how much.

    A question is {"question": …} with, if known, "id", "reference", "document", "tags" and, of a follow-up, "history"
    as requests have it. What it will cost is shown first. Ends with a table and one HTML page. Exits with 1 if an
    answer or a verdict is missing; --run completes it.

    Examples:

    arbiter evaluate

    arbiter evaluate mine.jsonl --modes base,rag --repeat 3 --yes

    arbiter evaluate mine.jsonl --modes auto,base,rag,fine_tuned,combined --prefer cost

    arbiter evaluate mine.jsonl --tuned small-1,large-1 --dry-run

    arbiter evaluate mine.jsonl --modes rag --prompting zero_shot,few_shot --retrieval default --retrieval results=10

    arbiter evaluate mine.jsonl --modes rag --retrieval default --retrieval '{"filter": {"year": {">=": 2024}}}'

    arbiter evaluate follow-ups.jsonl --modes rag --retrieval default --retrieval rewrite=true

    arbiter evaluate mine.jsonl --modes rag --knowledge-bases default,managed

    arbiter evaluate mine.jsonl --modes rag --limits default --limits max_cost_usd=0.0004,degrade=true
    """
    choices = Choices(
        modes=_listed(modes), models=_listed(models), tuned=_listed(tuned), prompting=_listed(prompting),
        retrieval=retrieval or [], limits=limits or [], knowledge_bases=_listed(knowledge_bases), prefer=prefer,
        asked=_asked(system, max_output_tokens), schema=schema, judges=_listed(judges), pairwise=pairwise,
        repeat=repeat, max_cost_usd=max_cost, native_jobs=native_jobs, batch_answers=batch_answers,
        accept_unknown_cost=accept_unknown_cost,
    )  # fmt: skip
    with reporting(as_json=as_json) as output:
        if dry_run:
            _estimated(output, questions, run or new_run(), choices, env=env)
            return
        complete = _evaluated(output, questions, run or new_run(), choices, out=out, yes=yes, env=env)
        raise typer.Exit(0 if complete else 1)


def _asked(system: str | None, max_output_tokens: int | None) -> dict[str, Any]:
    """The fields of every request beside those that tell techniques apart."""
    fields = {
        "system": system,
        "limits": {"max_output_tokens": max_output_tokens} if max_output_tokens else None,
    }
    return {name: value for name, value in fields.items() if value is not None}


def _estimated(output: Output, questions: Path | None, run: str, choices: Choices, *, env: str | None) -> None:
    """Show the most that a run may take, and start nothing."""
    file = questions or repository() / DEFAULT_QUESTIONS
    with output.progress() as progress:
        estimated = estimate(Deployment.find(env), file, run=run, progress=progress, **choices)
    output.result(estimated.dump(), lambda console: show_estimate(console, estimated))


def _evaluated(
    output: Output,
    questions: Path | None,
    run: str,
    choices: Choices,
    *,
    out: Path | None,
    yes: bool,
    env: str | None,
) -> bool:
    """Whether every answer was given and judged."""
    file = questions or repository() / DEFAULT_QUESTIONS
    follow = again("evaluate", str(file), "--run", run, *(["--out", str(out)] if out else []), env=env)
    require_writable(file_of(run, out))
    deployment = Deployment.find(env)
    given = yes or deployment.environment == "local"
    with output.progress() as progress:
        result = evaluate(
            deployment,
            file,
            run=run,
            confirm=lambda estimate: output.consent(
                lambda console: show_estimate(console, estimate), "Evaluate?", given=given
            ),
            on_begin=lambda: output.goes_on(follow),
            progress=progress,
            **choices,
        )
        page, problem = _page(deployment, run, out, progress)

    def render(console: Console) -> None:
        show_evaluation(console, result)
        if page:
            console.print(Text(f"Report: {page}", style="green"), soft_wrap=True)

    output.result({**result.dump(), "report": page and str(page)}, render)
    if problem:
        later = again("report", run, "--out", "FILE", env=env)
        output.warn(
            f"The page could not be written: {problem}. The summary is {result.summary_uri}; `{later}` writes it."
        )
    return result.complete and not problem


def _page(deployment: Deployment, run: str, out: Path | None, progress: Progress) -> tuple[Path | None, str]:
    """Where the page is; or why there is none, which must not hide what the run has found."""
    try:
        return report(deployment, run, out=out, progress=progress).path, ""
    except Exception as error:
        return None, "it was interrupted" if interrupted() else str(as_cli_error(error)).rstrip(".")


def _listed(text: str) -> list[str]:
    return [name.strip() for name in text.split(",") if name.strip()]
