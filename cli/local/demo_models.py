"""The demonstration's tuned models: rolled back, promoted again, and one of them retired with all that hosts it."""

import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from arbiter.tuned_models.hosting.expiry import ENVIRONMENT_TAG, EXPIRY_TAG
from arbiter.tuned_models.service.promotion import CANDIDATE, IN_SERVICE
from cli.core.deployment import Deployment
from cli.core.errors import CliError
from cli.core.execution import new_run
from cli.core.progress import Progress, silent
from cli.models.retirement import RetireResult, retire
from cli.models.service import pointed_to, promote, roll_back
from cli.training.run import train

FEW_QUESTIONS = 3
FEWER = 12
"""Samples of the second model: other data than the first one's, for the same would be reused."""


@dataclass(frozen=True, kw_only=True)
class ModelsExercised:
    """The end of the demonstration's models: one in service, one retired."""

    in_service: str
    """The run that answers, after a rollback and a second promotion."""
    retired: RetireResult


def exercise_models(deployment: Deployment, examples: Path, progress: Progress = silent) -> ModelsExercised:
    """Roll back and promote again; then train a second model, hold it to the gate, host it by the hour, and retire it.

    The gate keeps the second model out of service: it is asked few questions, fewer than the settings want.

    Throughput is made here, for no pipeline makes it where tuned models are hosted on demand: on the local AWS it
    costs nothing, and shows that retiring leaves nothing behind.

    Raises:
        CliError: a pointer is not where it must be, or something is left.
    """
    run = _run_of(deployment, IN_SERVICE)
    progress("Rolling back, and promoting again")
    if roll_back(deployment).in_service:
        raise CliError("After a rollback from the first model none must be in service.")
    promote(deployment, run)
    progress("Training a second model, to retire it")
    second = _train_second(deployment, examples, progress)
    _host_by_the_hour(deployment, second)
    progress("Retiring the second model")
    retired = retire(deployment, second, force=True)
    if CANDIDATE in pointed_to(deployment):
        raise CliError("A retired candidate must not be nominated any more.")
    return ModelsExercised(in_service=_run_of(deployment, IN_SERVICE), retired=retired)


def _train_second(deployment: Deployment, examples: Path, progress: Progress) -> str:
    with tempfile.TemporaryDirectory() as folder:
        pairs = _first(examples / "training" / "pairs.jsonl", FEWER, Path(folder))
        questions = _first(examples / "evaluation" / "questions.jsonl", FEW_QUESTIONS, Path(folder))
        result = train(deployment, pairs, run=new_run(), gate=questions, progress=progress)
    if result.in_service or result.gate is None:
        raise CliError("The gate must keep a model that was asked too few questions, and say so.")
    return result.run


def _first(file: Path, lines: int, folder: Path) -> Path:
    """The beginning of a file, as a file of its own."""
    part = folder / file.name
    part.write_text("\n".join(file.read_text(encoding="utf-8").splitlines()[:lines]) + "\n", encoding="utf-8")
    return part


def _host_by_the_hour(deployment: Deployment, run: str) -> None:
    tags = {
        ENVIRONMENT_TAG: deployment.environment,
        EXPIRY_TAG: (datetime.now(UTC) + timedelta(hours=1)).isoformat(timespec="seconds"),
    }
    deployment.client("bedrock").create_provisioned_model_throughput(
        provisionedModelName=f"arbiter-{deployment.environment}-{run}",
        modelId=pointed_to(deployment)[CANDIDATE].custom_model,
        modelUnits=1,
        tags=[{"key": key, "value": value} for key, value in tags.items()],
    )


def _run_of(deployment: Deployment, pointer: str) -> str:
    model = pointed_to(deployment).get(pointer)
    if model is None:
        raise CliError(f"No tuned model is {pointer.replace('_', ' ')}: train one and promote it first.")
    return model.run
