"""Ending a training run: the cleanup after a failed one, and the completed record of any."""

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any, Protocol

from arbiter import log
from arbiter.runs import is_name
from arbiter.settings.tuning import ConcludeTrainingSettings
from arbiter.store import Store
from arbiter.tuned_models.training.cleanup import Cleanup
from arbiter.tuned_models.training.conclusion import Ending, kept_model
from arbiter.tuned_models.training.jobs import JobState, ModelState
from arbiter.tuned_models.training.metrics import TABLES, curve
from arbiter.tuned_models.training.record import CustomModel, Data, Failure, Job, Metrics, TrainingRecord
from arbiter.tuned_models.training.records import Records


class Models(Protocol):
    """Jobs and the models that they made."""

    def job(self, name: str) -> JobState | None: ...
    def model(self, name: str) -> ModelState | None: ...


@dataclass(frozen=True, kw_only=True)
class Concluder:
    """Ends one run, as often as it is told to."""

    records: Records
    models: Models
    tables: Store
    cleanup: Cleanup
    settings: ConcludeTrainingSettings
    now: Callable[[], datetime]

    def conclude(self, event: Mapping[str, Any]) -> dict[str, Any] | None:
        """Complete the record of a run; `None` when the event is about no run of ours."""
        detail = event.get("detail")
        if detail is not None:
            started = _started(detail)
            run, execution, ending = started.get("run"), detail.get("executionArn"), Ending.of_event(detail)
        else:
            started, run, execution = {}, event.get("run"), event.get("execution")
            ending = Ending.of_pipeline(event.get("failure"), event.get("gate"))
        if not isinstance(run, str) or not is_name(run):
            log.write("run without a name ended", level="WARNING", execution=execution)
            return None
        record = self.records.find(run) or self._unprepared(run, execution, started, event)
        if record.execution and execution and record.execution != execution:
            # Another execution under the name of a run that has its record already was refused; nothing is to be done.
            return {"run": run, "status": "failed", "failure": _dump(ending.clipped())}
        return self._end(record, ending, hosting=event.get("hosting"))

    def _end(self, record: TrainingRecord, ending: Ending, *, hosting: str | None) -> dict[str, Any]:
        if record.status != "running":
            # Concluded before, cleaning up included: what runs now under its names is of another run.
            return _outcome(record, ending)
        failed = ending.status != "nominated"
        # Asked before the cleanup: a job that is stopped only there is not why the run failed.
        ending = ending.explained_by(self._job(record))
        notes = self.cleanup.sweep(record) if failed else []
        job, model = self._job(record), self._model(record)
        if failed and model:
            notes.append(kept_model(model.name, record.storage_usd_per_month, record.run))
        ended = replace(
            self._completed(record, job, model),
            status=ending.status,
            ended_at=self.now().isoformat(timespec="seconds"),
            gate=ending.gate,
            error=ending.clipped(),
            cleanup=tuple(notes),
        )
        if hosting and ended.hosting:
            ended = replace(ended, hosting=replace(ended.hosting, arn=hosting))
        self.records.write(ended)
        log.write("training run ended", level="ERROR" if failed else "INFO", run=record.run, status=ended.status)
        return _outcome(ended, ending)

    def _job(self, record: TrainingRecord) -> Job | None:
        """The run's own job, as it is now."""
        state = self.models.job(record.job.name) if record.job else None
        return Job(name=state.name, arn=state.arn, status=state.status, failure=state.failure) if state else None

    def _model(self, record: TrainingRecord) -> ModelState | None:
        return self.models.model(record.custom_model.name) if record.custom_model else None

    def _completed(self, record: TrainingRecord, job: Job | None, model: ModelState | None) -> TrainingRecord:
        maker = self.models.job(model.job) if model and model.job else None
        if maker is None and job and job.arn:
            maker = self.models.job(job.arn)
        if maker and record.reused:
            job = Job(name=maker.name, arn=maker.arn, status=maker.status, failure=maker.failure)
        return replace(
            record,
            job=job,
            custom_model=CustomModel(name=model.name, arn=model.arn) if model else None,
            metrics=self._metrics(maker) if maker else None,
        )

    def _metrics(self, job: JobState) -> Metrics | None:
        """The losses that Bedrock measured; a table that cannot be read costs the curve, not the record."""
        prefix = (job.output_uri or "").removeprefix(self.tables.uri(""))
        curves: dict[str, Any] = {}
        try:
            keys = [item.key for item in self.tables.listing(prefix)] if prefix else []
            # A prefix holds the tables of one run, whose job's id is in their path.
            keys = [key for key in keys if job.arn.rsplit("/", 1)[-1] in key]
            for kind, ending in TABLES.items():
                for key in (key for key in keys if key.endswith(ending)):
                    curves[kind] = curve(self.tables.read(key).decode("utf-8", "replace"), kind)
        except Exception as error:
            log.write("metrics not read", level="WARNING", prefix=prefix, reason=str(error))
        return Metrics(training_loss=job.training_loss, validation_loss=job.validation_loss, **curves)

    def _unprepared(
        self, run: str, execution: Any, started: Mapping[str, Any], event: Mapping[str, Any]
    ) -> TrainingRecord:
        """The record of a run that ended before its preparation could write one."""
        return TrainingRecord(
            run=run,
            status="running",
            execution=execution,
            started_at=event.get("started_at"),
            started_by=started.get("started_by"),
            data=Data(key=str(started.get("training_key") or event.get("training_key") or "")),
            base_model=self.settings.base_model,
            customization_type=self.settings.customization_type,
            hyperparameters={},
        )


def _started(detail: Mapping[str, Any]) -> dict[str, Any]:
    """The input of an execution, as far as the event holds it."""
    try:
        started = json.loads(detail.get("input") or "{}")
    except ValueError:
        return {}
    return started if isinstance(started, dict) else {}


def _outcome(record: TrainingRecord, ending: Ending) -> dict[str, Any]:
    return {"run": record.run, "status": record.status, "failure": _dump(ending.clipped()), "reused": record.reused}


def _dump(failure: Failure | None) -> dict[str, str] | None:
    return asdict(failure) if failure else None
