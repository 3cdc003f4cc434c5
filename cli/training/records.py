"""The records of training runs, read from the results bucket."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from arbiter.aws.objects import Objects
from arbiter.store import ObjectMissingError
from arbiter.tuned_models.training.record import TRAINING, MalformedRecordError, TrainingRecord, record_key
from cli.core.deployment import Deployment
from cli.core.errors import CliError
from cli.core.execution import require_run_name
from cli.training.standing import standing

READERS = 16


@dataclass(frozen=True, kw_only=True)
class RunsResult:
    """Every training run of an environment, the newest first."""

    environment: str
    runs: tuple[TrainingRecord, ...]
    standing: Mapping[str, str]
    """How each run stands today."""
    unreadable: tuple[str, ...] = ()
    """Keys that hold no record."""

    def dump(self) -> dict[str, Any]:
        return {
            "environment": self.environment,
            "runs": [{**run.dump(), "standing": self.standing[run.run]} for run in self.runs],
            "unreadable": list(self.unreadable),
        }


def list_runs(deployment: Deployment) -> RunsResult:
    """Read the records of all runs."""
    results = _results(deployment)
    keys = [item.key for item in results.listing(TRAINING) if item.key.endswith("/record.json")]
    with ThreadPoolExecutor(READERS) as readers:
        read = list(readers.map(lambda key: _read(results, key), keys))
    runs = sorted((run for run in read if run), key=lambda run: (run.started_at or "", run.run), reverse=True)
    unreadable = tuple(key for key, run in zip(keys, read, strict=True) if run is None)
    return RunsResult(
        environment=deployment.environment,
        runs=tuple(runs),
        standing=standing(deployment, runs) if runs else {},
        unreadable=unreadable,
    )


def find_run(deployment: Deployment, run: str) -> TrainingRecord:
    """Read the record of one run.

    Raises:
        CliError: there is none, or it cannot be read.
    """
    require_run_name(run)
    try:
        return TrainingRecord.parse(_results(deployment).read(record_key(run)))
    except ObjectMissingError:
        listed = "`arbiter train list` names all"
        raise CliError(
            f"There is no training run {run} in {deployment.environment}; {listed}.", code="no_run"
        ) from None
    except MalformedRecordError as error:
        raise CliError(f"The record of the training run {run} cannot be read: {error}.", code="bad_record") from error


def _results(deployment: Deployment) -> Objects:
    client = deployment.client("s3", max_pool_connections=READERS)
    return Objects(client, deployment.output("ResultsBucketName"))


def _read(results: Objects, key: str) -> TrainingRecord | None:
    try:
        return TrainingRecord.parse(results.read(key))
    except (MalformedRecordError, ObjectMissingError):
        return None
