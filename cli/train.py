"""A model tuned on a file: checked here first, then trained, deployed and published by the pipeline."""

import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from arbiter.aws.objects import Objects
from arbiter.training.check import Report, Rules, check
from arbiter.training.run import NAME_RULE, is_name, raw_key
from arbiter.tuned_model import TunedModel
from cli.deployment import Deployment
from cli.errors import CliError
from cli.execution import Execution, new_run
from cli.progress import Progress, silent

CHUNK_BYTES = 1 << 20


@dataclass(frozen=True, kw_only=True)
class TrainResult:
    """The model that a run put into service."""

    environment: str
    run: str
    samples: int
    doubts: tuple[str, ...]
    model: str
    custom_model: str
    base_model: str
    execution: str
    seconds: float

    def dump(self) -> dict[str, Any]:
        return asdict(self)


def check_file(file: Path, rules: Rules) -> Report:
    """Check a training file on this machine.

    Raises:
        CliError: it would be refused; names every problem.
    """
    if not file.is_file():
        raise CliError(f"{file} is not a file. Name a training file (.jsonl).", code="no_file")
    with file.open("rb") as content:
        report = check(iter(lambda: content.read(CHUNK_BYTES), b""), rules)
    if not report.accepted:
        more = report.problem_count - len(report.problems)
        listed = f" ({len(report.problems)} are listed)" if more else ""
        count = "a problem" if report.problem_count == 1 else f"{report.problem_count:,} problems"
        raise CliError(
            f"{file} cannot be trained on: {count}{listed}.",
            code="training_data_rejected",
            details={"problems": [asdict(finding) for finding in report.problems], "unlisted": more},
        )
    return report


def train(
    deployment: Deployment,
    file: Path,
    *,
    run: str | None = None,
    hyperparameters: Mapping[str, str] | None = None,
    rules: Rules | None = None,
    progress: Progress = silent,
) -> TrainResult:
    """Run the training pipeline; a run that exists already is followed, not started again.

    Raises:
        CliError: the file or the run's name is refused, or the pipeline failed.
    """
    begun = time.monotonic()
    run = run or new_run()
    if not is_name(run):
        raise CliError(f"The run {run!r} has no good name: {NAME_RULE}.", code="bad_run")
    progress("Checking the file")
    report = check_file(file, rules or Rules())
    execution = Execution(deployment.client("stepfunctions"), deployment.output("TrainingStateMachineArn"), run)
    if not execution.exists():
        _start(deployment, execution, file, run, hyperparameters or {}, progress)
    outcome = execution.follow(on_state=lambda state: progress(f"Pipeline: {state}"))
    if not outcome.succeeded:
        raise outcome.failure(f"The training run {run}")
    model = _model_in_service(deployment, run)
    return TrainResult(
        environment=deployment.environment,
        run=run,
        samples=outcome.output["samples"],
        doubts=tuple(map(str, report.doubts)),
        model=model.model,
        custom_model=model.custom_model,
        base_model=model.base_model,
        execution=execution.arn,
        seconds=round(time.monotonic() - begun, 1),
    )


def _start(
    deployment: Deployment,
    execution: Execution,
    file: Path,
    run: str,
    hyperparameters: Mapping[str, str],
    progress: Progress,
) -> None:
    progress("Sending the file")
    bucket = Objects(deployment.client("s3"), deployment.output("TrainingBucketName"))
    with file.open("rb") as content:
        bucket.write(raw_key(run), content, content_type="application/jsonl")
    execution.start({"run": run, "training_key": raw_key(run), "hyperparameters": dict(hyperparameters)})


def _model_in_service(deployment: Deployment, run: str) -> TunedModel:
    name = deployment.output("InServiceParameter")
    text = deployment.client("ssm").get_parameter(Name=name)["Parameter"]["Value"]
    model = TunedModel.parse(text)
    if model is None or model.run != run:
        other = f"the model of run {model.run}" if model else "no model"
        raise CliError(
            f"The run {run} succeeded, but {name} points to {other}: another run was published meanwhile.",
            code="not_in_service",
        )
    return model
