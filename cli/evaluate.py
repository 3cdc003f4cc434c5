"""An evaluation run: every case answered in every mode by the pipeline, and its summary."""

import json
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from arbiter.aws.objects import Objects
from arbiter.evaluation.cases import read_cases
from arbiter.evaluation.summary import MODES
from arbiter.training.run import NAME_RULE, is_name
from cli.deployment import Deployment
from cli.errors import CliError
from cli.execution import Execution, new_run
from cli.progress import Progress, silent

CHUNK_BYTES = 1 << 20
STAGE = "Answering"


@dataclass(frozen=True, kw_only=True)
class EvaluateResult:
    """The summary of a run, and where it is kept."""

    environment: str
    run: str
    summary_uri: str
    summary: dict[str, Any]
    execution: str
    seconds: float

    @property
    def complete(self) -> bool:
        return all(row["answered"] >= row["cases"] for row in self.summary["modes"].values())

    def dump(self) -> dict[str, Any]:
        return {**asdict(self), "complete": self.complete}


def evaluate(
    deployment: Deployment,
    file: Path,
    *,
    modes: Sequence[str] = MODES,
    run: str | None = None,
    progress: Progress = silent,
) -> EvaluateResult:
    """Run the evaluation pipeline; a run that exists already is followed, not started again.

    Raises:
        CliError: the cases or the modes are refused, or the pipeline failed.
    """
    begun = time.monotonic()
    run, modes = run or new_run(), tuple(dict.fromkeys(modes))
    cases = _check(file, modes, run)
    results = Objects(deployment.client("s3"), deployment.output("ResultsBucketName"))
    execution = Execution(deployment.client("stepfunctions"), deployment.output("EvaluationStateMachineArn"), run)
    if not execution.exists():
        cases_key = f"evaluations/{run}/cases.jsonl"
        results.write(cases_key, file.read_bytes(), content_type="application/jsonl")
        execution.start({"run": run, "cases_key": cases_key, "modes": list(modes)})
    answers = len(cases) * len(modes)
    outcome = execution.follow(on_look=lambda: progress(STAGE, _answered(results, run), answers))
    if not outcome.succeeded:
        raise (execution.failure_inside() or outcome).failure(f"The evaluation run {run}")
    summary_key = f"evaluations/{run}/summary.json"
    return EvaluateResult(
        environment=deployment.environment,
        run=run,
        summary_uri=results.uri(summary_key),
        summary=json.loads(results.read(summary_key)),
        execution=execution.arn,
        seconds=round(time.monotonic() - begun, 1),
    )


def _answered(results: Objects, run: str) -> int:
    return sum(1 for _ in results.listing(f"evaluations/{run}/answers/"))


def _check(file: Path, modes: Sequence[str], run: str) -> tuple[dict[str, Any], ...]:
    """The cases of a file, when all three can be used."""
    if not is_name(run):
        raise CliError(f"The run {run!r} has no good name: {NAME_RULE}.", code="bad_run")
    if not modes:
        raise CliError(f"No mode is named. Use {', '.join(MODES)}.", code="bad_mode")
    if unknown := [mode for mode in modes if mode not in MODES]:
        raise CliError(f"{', '.join(unknown)}: there is no such mode. Use {', '.join(MODES)}.", code="bad_mode")
    if not file.is_file():
        raise CliError(f"{file} is not a file. Name a file of questions (.jsonl).", code="no_file")
    with file.open("rb") as content:
        read = read_cases(iter(lambda: content.read(CHUNK_BYTES), b""))
    if read.problems:
        problems = [{"problem": problem} for problem in read.problems]
        raise CliError(f"{file} cannot be used.", code="bad_cases", details={"problems": problems})
    return read.cases
