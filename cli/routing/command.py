"""`arbiter route`."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from arbiter.answering.decision import Profiles
from arbiter.answering.request import Limits
from cli.calibration.command import calibrate
from cli.core.deployment import Deployment
from cli.core.errors import CliError
from cli.core.options import EnvOption, JsonOption
from cli.core.output import reporting
from cli.core.progress import Progress
from cli.routing import view
from cli.routing.decided import decided
from cli.routing.judging import judge, read_labelled
from cli.routing.limiting import limited_of
from cli.routing.looking import Passages
from cli.routing.profiles import profiles_of_deployment, profiles_of_files


class Preference(StrEnum):
    """The preference of a caller."""

    QUALITY = "quality"
    LATENCY = "latency"
    COST = "cost"


def route(
    question: Annotated[str | None, typer.Argument(help="The question to decide for.")] = None,
    after: Annotated[
        list[str] | None, typer.Option("--after", help="An earlier message of the user; the last one last.")
    ] = None,
    documents: Annotated[
        Path | None, typer.Option(help="A folder of documents, profiled on the spot: no AWS is needed.")
    ] = None,
    training: Annotated[Path | None, typer.Option(help="The tuned model's training file, with --documents.")] = None,
    house_style: Annotated[
        bool, typer.Option("--house-style", help="The tuned model answers everybody; with --training.")
    ] = False,
    file: Annotated[
        Path | None, typer.Option(help="Labelled questions (.jsonl) to score instead: question, grounded, specialised.")
    ] = None,
    prefer: Annotated[Preference, typer.Option(help="What the caller prefers.")] = Preference.QUALITY,
    max_latency_ms: Annotated[int | None, typer.Option(min=1, help="Milliseconds that an answer may take.")] = None,
    max_cost_usd: Annotated[float | None, typer.Option(min=0, help="US dollars that an answer may cost.")] = None,
    rollback: Annotated[
        bool, typer.Option("--rollback", help="Bring back the thresholds before the last calibration instead.")
    ] = False,
    env: EnvOption = None,
    as_json: JsonOption = False,
) -> None:
    """Explain which mode `auto` picks for a question, or score it on labelled ones.

    No model is called.

    Examples:

    arbiter route "How heavy is the packed Skarn 3?" --documents examples/documents

    arbiter route "And for two?" --after "How heavy is the packed Skarn 3?" --documents examples/documents

    arbiter route "What does a harness cost?" --documents examples/documents --max-cost-usd 0.00005

    arbiter route --rollback

    arbiter route --file labelled.jsonl --documents my-documents --training pairs.jsonl --json
    """
    if rollback:
        calibrate(rollback=True, env=env, as_json=as_json)
        return
    with reporting(as_json=as_json) as output:
        _check(question, file, training, documents, house_style=house_style)
        labelled = read_labelled(file) if file else []
        with output.progress() as progress:
            deployment = None if documents else Deployment.find(env)
            profiles, passages = _profiles(documents, training, deployment, house_style=house_style, progress=progress)
            limited = limited_of(Limits(max_latency_ms=max_latency_ms, max_cost_usd=max_cost_usd), env, deployment)
            judged = judge(labelled, profiles, prefer.value, passages, progress, limited) if file else None
        if judged:
            output.result(judged.dump(), lambda console: view.show_scores(console, judged))
            return
        one = decided(question or "", after or [], profiles, prefer.value, passages, limited)
        output.result(one.dump(), lambda console: view.show_decision(console, one, profiles))


def _check(
    question: str | None, file: Path | None, training: Path | None, documents: Path | None, *, house_style: bool
) -> None:
    flaws = []
    if (question is None) == (file is None):
        flaws.append("Give either a question or --file with labelled ones.")
    if question is not None and not question.strip():
        flaws.append("The question is blank.")
    if training and not documents:
        flaws.append("--training needs --documents: a deployment has its tuned model's profile.")
    if house_style and not training:
        flaws.append("--house-style needs --training.")
    if flaws:
        raise CliError(" ".join(flaws), code="bad_options")


def _profiles(
    documents: Path | None,
    training: Path | None,
    deployment: Deployment | None,
    *,
    house_style: bool,
    progress: Progress,
) -> tuple[Profiles, Passages | None]:
    if deployment is None:
        return profiles_of_files(documents or Path(), training, house_style=house_style, progress=progress)
    progress("Fetching the profile")
    return profiles_of_deployment(deployment), None
