"""Pairs made from the deployed documents: planned and priced first, then generated, checked and fetched."""

import json
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from arbiter.aws.objects import Objects
from arbiter.generation import order as keys
from arbiter.generation.order import GenerationRejected, Order
from arbiter.generation.prompts import KINDS
from cli.core.deployment import Deployment
from cli.core.errors import CliError
from cli.core.execution import Execution, Outcome, new_run
from cli.core.function import call
from cli.core.outputs import require_writable
from cli.core.progress import Progress, silent
from cli.generation.outcome import Estimate, GenerateResult

STAGE, MAP = "Documents", "Generate"
"""The stage that people see, and the state of the map over the documents."""
BATCH_STAGES = {
    "Ask_generator": "Preparing the generator's job",
    "generatorJob": "Waiting for the generator's job, at most 24 hours",
    "Ask_verifier": "Preparing the verifier's job",
    "verifierJob": "Waiting for the verifier's job, at most 24 hours",
}
"""The states around Bedrock's batch inference."""
REPORT_SUFFIX = ".report.json"
SOURCES_SUFFIX = ".sources.jsonl"
MOST_ATTEMPTS = 50


def generate(
    deployment: Deployment,
    *,
    purpose: str,
    pairs: int,
    out: Path,
    target: str = "fine_tuned",
    kinds: Sequence[str] = (),
    max_tokens: int | None = None,
    accept_unknown_cost: bool = False,
    confirm: Callable[[Estimate], bool],
    on_begin: Callable[[], None] = lambda: None,
    run: str | None = None,
    progress: Progress = silent,
) -> GenerateResult:
    """Make pairs from the documents and fetch them; the same run goes on where it ended, and is never paid twice.

    Args:
        on_begin: called when the pipeline has started, or turns out to have started before.

    Raises:
        CliError: the request is refused, not confirmed, or the pipeline failed.
    """
    begun = time.monotonic()
    order = _order(run or new_run(), purpose, pairs, target, kinds, max_tokens, accept_unknown_cost)
    _refuse_to_overwrite(out, order.run)
    require_writable(out, beside(out, REPORT_SUFFIX), beside(out, SOURCES_SUFFIX))
    progress("Estimating")
    estimate = _planned(deployment, order)
    execution, status = _execution(deployment, order.run)
    if status is None:
        if not confirm(estimate):
            raise CliError("Nothing was generated: the estimate was not confirmed.", code="not_confirmed")
        execution.start(order.dump(), on_begin)
    else:
        on_begin()
    results = Objects(deployment.client("s3"), deployment.output("ResultsBucketName"))
    outcome = _follow(execution, results, estimate, progress)
    if not outcome.succeeded:
        raise _failure(execution, outcome, order.run)
    report = _fetch(results, order.run, out)
    seconds, sources = round(time.monotonic() - begun, 1), beside(out, SOURCES_SUFFIX)
    return GenerateResult.of(deployment.environment, report, out, sources, execution.arn, seconds)


def _order(
    run: str, purpose: str, pairs: int, target: str, kinds: Sequence[str], max_tokens: int | None, accepts: bool
) -> Order:
    wanted = {"pairs": pairs, "target": target, "kinds": list(kinds or KINDS), "max_tokens": max_tokens}
    try:
        return Order.parse({"run": run, "purpose": purpose, **wanted, "accept_unknown_cost": accepts})
    except GenerationRejected as error:
        raise CliError(f"This cannot be generated: {error}.", code="generation_rejected") from error


def _refuse_to_overwrite(out: Path, run: str) -> None:
    """A file is overwritten by its own run alone; the report beside it names that."""
    if not out.is_file():
        return
    try:
        of_run = json.loads(beside(out, REPORT_SUFFIX).read_text(encoding="utf-8"))["run"]
    except (OSError, ValueError, KeyError, TypeError):
        of_run = None
    if of_run != run:
        whose = f"holds the pairs of run {of_run}" if of_run else "exists"
        raise CliError(f"{out} {whose}: name another file, or move it away.", code="file_exists")


def _planned(deployment: Deployment, order: Order) -> Estimate:
    """The plan of a run, made now unless it was made before."""
    planned = call(deployment, "PlanGenerationFunctionArn", order.dump())
    return Estimate.of(order.run, planned["estimate"])


def _execution(deployment: Deployment, run: str) -> tuple[Execution, str | None]:
    """The execution of a run that is at work or has ended well, else one to be started; and how it stands.

    A name is never used twice: further attempts are numbered.
    """
    client, machine = deployment.client("stepfunctions"), deployment.output("GenerationStateMachineArn")
    for name in (run, *(f"{run}-attempt-{number}" for number in range(2, MOST_ATTEMPTS + 1))):
        execution = Execution(client, machine, name)
        if (status := execution.status()) in (None, "RUNNING", "SUCCEEDED"):
            return execution, status
    raise CliError(f"The run {run} failed {MOST_ATTEMPTS} times. Mend what its executions say, and name another run.")


def _follow(execution: Execution, results: Objects, estimate: Estimate, progress: Progress) -> Outcome:
    entered: set[str] = set()

    def enter(state: str) -> None:
        entered.add(state)
        for name, stage in BATCH_STAGES.items():
            # Hours later only the states inside are among the last events: verifierJobWait, verifierJobDescribe, …
            if state.startswith(name):
                progress(stage)

    def look() -> None:
        if MAP in entered:
            progress(STAGE, _done(results, estimate.run), estimate.documents)

    return execution.follow(on_state=enter, on_look=look)


def _failure(execution: Execution, outcome: Outcome, run: str) -> CliError:
    inside = execution.failure_inside() if outcome.error == "GeneratingFailed" else None
    failure = (inside or outcome).failure(f"The generation run {run}")
    return CliError(f"{str(failure).rstrip('.')}. {_kept(run)}", code=failure.code, details=failure.details)


def _kept(run: str) -> str:
    return f"What was generated is kept: the same command with --run {run} goes on with it."


def _done(results: Objects, run: str) -> int:
    return sum(1 for _ in results.listing(keys.drafts_prefix(run)))


def _fetch(results: Objects, run: str, out: Path) -> dict[str, Any]:
    """Write the run's files to where they were asked for; the pairs last."""
    report = results.read(keys.report_key(run))
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        beside(out, REPORT_SUFFIX).write_bytes(report)
        beside(out, SOURCES_SUFFIX).write_bytes(results.read(keys.sources_key(run)))
        out.write_bytes(results.read(keys.pairs_key(run)))
    except OSError as error:
        raise CliError(f"{out} cannot be written: {error.strerror}. {_kept(run)}", code="not_writable") from error
    fetched: dict[str, Any] = json.loads(report)
    return fetched


def beside(out: Path, suffix: str) -> Path:
    """A file that belongs to another one: `pairs.jsonl` has `pairs.report.json`."""
    return out.with_name(out.name.removesuffix(".jsonl") + suffix)
