"""The commands on a deployment: what a person types, put into the core functions and shown."""

import shlex
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from arbiter.evaluation.summary import MODES
from arbiter.training.check import Rules
from cli import ask as asking
from cli import evaluate as evaluating
from cli import sync as syncing
from cli import train as training
from cli import views
from cli.deployment import Deployment, configured, repository
from cli.errors import CliError
from cli.execution import new_run
from cli.output import reporting

DEFAULT_QUESTIONS = Path("examples", "evaluation", "questions.jsonl")


class Environment(StrEnum):
    """The deployed environments."""

    LOCAL = "local"
    DEV = "dev"
    PROD = "prod"


EnvOption = Annotated[
    Environment | None,
    typer.Option("--env", help="Deployment to use; by default `local` while a local AWS runs, else `dev`."),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else on stdout.")]
RunOption = Annotated[
    str | None, typer.Option("--run", help="Name of the run; the name of an existing run follows that one.")
]


def ask(
    question: Annotated[str, typer.Argument(help="The question; `-` reads it from standard input.")],
    mode: Annotated[str, typer.Option(help="base, rag, fine_tuned, combined or auto.")] = "auto",
    all_modes: Annotated[bool, typer.Option("--all-modes", help="Ask in every mode and compare.")] = False,
    degrade: Annotated[bool, typer.Option("--degrade", help="Let a mode that cannot be served fall back.")] = False,
    results: Annotated[int | None, typer.Option(help="Passages to retrieve.")] = None,
    system: Annotated[str | None, typer.Option(help="System prompt.")] = None,
    max_output_tokens: Annotated[int | None, typer.Option(help="Longest answer.")] = None,
    env: EnvOption = None,
    as_json: JsonOption = False,
) -> None:
    """Ask the deployed router a question.

    Examples:

    arbiter ask "How heavy is the packed Skarn 3?"

    arbiter ask "How heavy is the packed Skarn 3?" --all-modes

    echo "a long question" | arbiter ask - --mode rag --results 8 --json
    """
    with reporting(as_json=as_json) as output:
        request: dict[str, Any] = {"question": _text(question), "mode": mode}
        optional = {
            "system": system,
            "retrieval": {"results": results} if results is not None else None,
            "limits": {"max_output_tokens": max_output_tokens} if max_output_tokens is not None else None,
            "degrade": degrade or None,
        }
        request |= {name: value for name, value in optional.items() if value is not None}
        deployment = Deployment.find(env)
        if all_modes:
            with output.progress() as progress:
                replies = asking.ask_all(deployment, request, progress=progress)
            document = {"question": request["question"], "replies": [reply.dump() for reply in replies]}
            output.result(document, lambda console: views.show_replies(console, replies))
            raise typer.Exit(0 if any(reply.response for reply in replies) else 1)
        with output.progress() as progress:
            progress("Asking")
            reply = asking.ask(deployment, request)
        if failure := reply.failure():
            raise failure
        output.result(reply.response or {}, lambda console: views.show_reply(console, reply))


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


def sync(
    folder: Annotated[Path, typer.Argument(help="Folder with documents.")],
    delete: Annotated[bool, typer.Option("--delete", help="Remove documents that the folder does not have.")] = False,
    ignore: Annotated[
        list[str] | None, typer.Option("--ignore", help="Pattern of paths to leave out, such as '*.png'; repeatable.")
    ] = None,
    env: EnvOption = None,
    as_json: JsonOption = False,
) -> None:
    """Bring a folder of documents into the knowledge base, and prove that each arrived.

    Sends what changed, follows the ingestion, then compares. Exits with 1 if any document failed or is missing.

    Examples:

    arbiter sync examples/documents

    arbiter sync handbook --delete --ignore '*.png' --env dev
    """
    with reporting(as_json=as_json) as output:
        output.resume = "Documents that were sent stay sent: run the same command again to go on."
        deployment = Deployment.find(env)
        with output.progress() as progress:
            result = syncing.sync(deployment, folder, delete=delete, ignore=ignore or (), progress=progress)
        output.result(result.dump(), lambda console: views.show_sync(console, result))
        raise typer.Exit(0 if result.complete else 1)


def train(
    file: Annotated[Path, typer.Argument(help="Training file: JSON Lines in any of three formats.")],
    run: RunOption = None,
    epochs: Annotated[int | None, typer.Option(min=1, max=5, help="Passes over the file.")] = None,
    learning_rate: Annotated[float | None, typer.Option(min=1e-6, max=1e-4, help="Step size.")] = None,
    warmup_steps: Annotated[int | None, typer.Option(min=0, max=20, help="Steps of rising step size.")] = None,
    env: EnvOption = None,
    as_json: JsonOption = False,
) -> None:
    """Tune a model on a file, deploy it and put it into service.

    The file is checked before anything is sent: every line with a problem is named, with its remedy. Each line is
    {"question": …, "answer": …}, an OpenAI chat {"messages": […]}, or Bedrock's own bedrock-conversation-2024.

    Examples:

    arbiter train examples/training/pairs.jsonl

    arbiter train pairs.jsonl --epochs 3 --learning-rate 0.00002 --env dev
    """
    with reporting(as_json=as_json) as output:
        run = run or new_run()
        output.resume = f"A training that has begun goes on in AWS. Follow it: {_again('train', file, run, env)}"
        given = {"epochCount": epochs, "learningRate": learning_rate, "learningRateWarmupSteps": warmup_steps}
        hyperparameters = {name: _plain(value) for name, value in given.items() if value is not None}
        deployment = Deployment.find(env)
        base_model = configured(repository(), deployment.environment, "fine_tuning", "base_model")
        with output.progress() as progress:
            result = training.train(
                deployment,
                file,
                run=run,
                hyperparameters=hyperparameters,
                rules=Rules.of(base_model or ""),
                progress=progress,
            )
        output.result(result.dump(), lambda console: views.show_training(console, result))


def _again(command: str, file: Path, run: str, env: Environment | None) -> str:
    """The command that follows a run, where it was started and nowhere else."""
    return shlex.join(["arbiter", command, str(file), "--run", run, *(("--env", env) if env else ())])


def _plain(number: float) -> str:
    """A number without an exponent, as Bedrock's examples write them."""
    return str(number) if isinstance(number, int) else f"{number:.10f}".rstrip("0")


def evaluate(
    questions: Annotated[
        Path | None, typer.Argument(help="Questions, one JSON object a line; by default the project's examples.")
    ] = None,
    modes: Annotated[str, typer.Option(help="Modes to answer in, with commas between them.")] = ",".join(MODES),
    run: RunOption = None,
    env: EnvOption = None,
    as_json: JsonOption = False,
) -> None:
    """Answer a file of questions in every mode and compare the modes.

    A question is {"id": …, "question": …} with, if known, "reference", "document" and "tags". Exits with 1 if any
    question stayed without an answer in any mode.

    Examples:

    arbiter evaluate

    arbiter evaluate mine.jsonl --modes base,rag --json
    """
    with reporting(as_json=as_json) as output:
        run = run or new_run()
        file = questions or repository() / DEFAULT_QUESTIONS
        output.resume = f"A run that has begun goes on in AWS. Follow it: {_again('evaluate', file, run, env)}"
        deployment = Deployment.find(env)
        chosen = [mode.strip() for mode in modes.split(",") if mode.strip()]
        with output.progress() as progress:
            result = evaluating.evaluate(deployment, file, modes=chosen, run=run, progress=progress)
        output.result(result.dump(), lambda console: views.show_evaluation(console, result))
        raise typer.Exit(0 if result.complete else 1)
