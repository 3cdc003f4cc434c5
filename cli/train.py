"""A model tuned on a file: checked here first, then trained, hosted and nominated by the pipeline."""

import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from arbiter.aws.objects import Objects
from arbiter.training.check import Report, Rules
from arbiter.training.run import NAME_RULE, is_name, raw_key, suffix_of
from arbiter.tuning.names import LONGEST_GATED_RUN
from arbiter.tuning.promotion import IN_SERVICE
from arbiter.tuning.record import Cost, TrainingRecord
from cli import model
from cli.deployment import Deployment
from cli.errors import CliError
from cli.execution import Execution, Outcome, new_run
from cli.progress import Progress, silent
from cli.train_check import check_file
from cli.train_estimate import estimate
from cli.train_records import find_run
from cli.train_watch import JobWatch


@dataclass(frozen=True, kw_only=True)
class TrainResult:
    """What became of a run: its model is nominated, or in service."""

    environment: str
    run: str
    samples: int
    doubts: tuple[str, ...]
    estimate: Cost
    """What the training was reckoned to cost before it began; nothing is billed for a model that is reused."""
    model: str
    custom_model: str
    base_model: str
    reused: bool
    """Whether the same data and settings had been trained before."""
    in_service: bool
    gate: Mapping[str, Any] | None
    record: TrainingRecord
    execution: str
    seconds: float

    @property
    def next_command(self) -> str | None:
        """What puts the model into service, when it is not."""
        environment = "" if self.environment == "local" else f" --env {self.environment}"
        return None if self.in_service else f"arbiter model promote {self.run}{environment}"

    def dump(self) -> dict[str, Any]:
        return {**asdict(self), "next_command": self.next_command}


def train(
    deployment: Deployment,
    file: Path,
    *,
    run: str | None = None,
    hyperparameters: Mapping[str, str] | None = None,
    rules: Rules | None = None,
    force: bool = False,
    gate: Path | None = None,
    promote: bool = False,
    progress: Progress = silent,
) -> TrainResult:
    """Run the training pipeline; a run that exists already is followed, not started again.

    Args:
        deployment: where to train.
        file: the training file.
        run: its name; a new one by default.
        hyperparameters: where they differ from the settings'.
        rules: what the base model accepts.
        force: train again on data and settings that were trained before.
        gate: questions that decide whether the model goes into service.
        promote: put the model into service whatever its quality.
        progress: told how far it is.

    Raises:
        CliError: the file or the run's name is refused, or the pipeline failed.
    """
    begun = time.monotonic()
    run = run or new_run()
    _require_name(run, gated=gate is not None)
    report = _checked(file, rules or Rules(), gate, progress)
    cost = estimate(deployment, report.split.train.tokens, hyperparameters or {})
    progress(_told(cost))
    execution = Execution(deployment.client("stepfunctions"), deployment.output("TrainingStateMachineArn"), run)
    if not execution.exists():
        progress("Sending the file")
        request = _request(deployment, run, file, hyperparameters or {}, force=force)
        if gate:
            request["gate"] = {"cases_key": _send_questions(deployment, run, gate)}
        execution.start(request)
    outcome = _followed(deployment, execution, run, progress)
    if promote:
        progress("Putting the model into service")
        model.promote(deployment, run)
    record = find_run(deployment, run)
    return TrainResult(
        environment=deployment.environment,
        run=run,
        samples=outcome.output["samples"],
        doubts=tuple(map(str, report.doubts)),
        estimate=cost,
        model=outcome.output["model"],
        custom_model=outcome.output["custom_model"],
        base_model=outcome.output["base_model"],
        reused=outcome.output["reused"],
        in_service=_in_service(deployment, run),
        gate=record.gate,
        record=record,
        execution=execution.arn,
        seconds=round(time.monotonic() - begun, 1),
    )


def _require_name(run: str, *, gated: bool) -> None:
    if not is_name(run):
        raise CliError(f"The run {run!r} has no good name: {NAME_RULE}.", code="bad_run")
    if gated and len(run) > LONGEST_GATED_RUN:
        raise CliError(
            f"The run {run} has too long a name: with --gate use at most {LONGEST_GATED_RUN}.", code="bad_run"
        )


def _checked(file: Path, rules: Rules, gate: Path | None, progress: Progress) -> Report:
    result = check_file(file, rules=rules, questions=gate, progress=progress)
    if not result.accepted:
        raise result.refusal()
    return result.report


def _told(cost: Cost) -> str:
    price = "at a price unknown to cdk.json" if cost.usd is None else f"about {cost.usd:,.2f} USD"
    return f"Training on about {cost.tokens:,} tokens: {price}"


def _request(
    deployment: Deployment, run: str, file: Path, hyperparameters: Mapping[str, str], *, force: bool
) -> dict[str, Any]:
    """The input of the pipeline, with the file sent to where it says."""
    key = raw_key(run, suffix_of(file.name))
    bucket = Objects(deployment.client("s3"), deployment.output("TrainingBucketName"))
    with file.open("rb") as content:
        bucket.write(key, content, content_type="text/csv" if key.endswith(".csv") else "application/jsonl")
    request = {"run": run, "training_key": key, "hyperparameters": dict(hyperparameters), "force": force}
    return {**request, "started_by": model.caller(deployment)}


def _send_questions(deployment: Deployment, run: str, questions: Path) -> str:
    key = f"evaluations/{run}-gate/questions.jsonl"
    bucket = Objects(deployment.client("s3"), deployment.output("ResultsBucketName"))
    bucket.write(key, questions.read_bytes(), content_type="application/jsonl")
    return key


def _followed(deployment: Deployment, execution: Execution, run: str, progress: Progress) -> Outcome:
    """The end of the pipeline.

    Raises:
        CliError: it failed; says why, and what was cleaned up.
    """
    storage = deployment.client("s3")
    watch = JobWatch(
        run,
        deployment.client("bedrock"),
        Objects(storage, deployment.output("TrainingBucketName")),
        Objects(storage, deployment.output("ResultsBucketName")),
        progress,
    )
    outcome = execution.follow(on_state=lambda state: progress(f"Pipeline: {state}"), on_look=watch.look)
    if not outcome.succeeded:
        raise outcome.failure(f"The training run {run}")
    return outcome


def _in_service(deployment: Deployment, run: str) -> bool:
    in_service = model.pointed_to(deployment).get(IN_SERVICE)
    return in_service is not None and in_service.run == run
