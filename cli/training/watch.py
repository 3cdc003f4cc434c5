"""A training watched while it runs: the job's status, and its losses as soon as Bedrock writes them."""

from collections.abc import Callable
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from arbiter.aws.objects import Objects
from arbiter.runs import output_prefix
from arbiter.store import ObjectMissingError
from arbiter.tuned_models.training.metrics import TABLES, curve
from arbiter.tuned_models.training.record import MalformedRecordError, TrainingRecord, record_key
from cli.core.progress import Progress

PHASES = {"dataProcessingDetails": "data", "trainingDetails": "training", "validationDetails": "validation"}
UNDER_WAY = "InProgress"
MAY_WAIT = ("Claim", "Place")
"""States in which a run waits until another one has ended."""


class JobWatch:
    """Tells the progress of one run's job at each look; what cannot be seen is left out, for the pipeline goes on."""

    def __init__(self, run: str, bedrock: Any, training: Objects, results: Objects, progress: Progress) -> None:
        self._run, self._bedrock, self._training, self._results = run, bedrock, training, results
        self._progress = progress
        self._job: str | None = None
        self._ended = False
        self._state = ""

    def enter(self, state: str) -> None:
        """Tell which state the pipeline has entered."""
        self._state = state
        self._progress(f"Pipeline: {state}")

    def look(self) -> None:
        """Tell what is new."""
        if self._ended:
            return
        if self._state in MAY_WAIT and (reason := _seen(self._waits_for)):
            self._progress(f"Waiting: {reason}")
            return
        self._job = self._job or _seen(self._job_name)
        job = _seen(lambda: self._bedrock.get_model_customization_job(jobIdentifier=self._job)) if self._job else None
        if job is None:
            return
        self._ended = job["status"] not in (UNDER_WAY, "Stopping")
        self._progress(f"Job: {_described(job)}")
        if (steps := _seen(self._steps)) is not None:
            self._progress(*steps)

    def _record(self) -> TrainingRecord:
        return TrainingRecord.parse(self._results.read(record_key(self._run)))

    def _waits_for(self) -> str | None:
        return self._record().waits_for

    def _job_name(self) -> str | None:
        record = self._record()
        return record.job.name if record.job and not record.reused else None

    def _steps(self) -> tuple[str, int] | None:
        for item in self._training.listing(output_prefix(self._run)):
            if item.key.endswith(TABLES["training"]):
                points = curve(self._training.read(item.key).decode("utf-8", "replace"), "training")
                return (f"Training steps (loss {points[-1].loss:.3f})", points[-1].step) if points else None
        return None


def _described(job: dict[str, Any]) -> str:
    details = job.get("statusDetails") or {}
    phases = [name for key, name in PHASES.items() if (details.get(key) or {}).get("status") == UNDER_WAY]
    return str(job["status"]) + (f" ({', '.join(phases)})" if phases else "")


def _seen(look: Callable[[], Any]) -> Any:
    try:
        return look()
    except (ClientError, BotoCoreError, ObjectMissingError, MalformedRecordError):
        return None
