"""A run has one end: told once, however often and by whomever it is asked."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, ClassVar

import pytest

from arbiter.aws.objects import StoredObject
from arbiter.settings.tuning import ConcludeTrainingSettings
from arbiter.tuned_models.hosting.placement import Slot
from arbiter.tuned_models.training.cleanup import Cleanup
from arbiter.tuned_models.training.concluder import Concluder
from arbiter.tuned_models.training.jobs import JobState, ModelState
from arbiter.tuned_models.training.record import TrainingRecord
from arbiter.tuned_models.training.records import Records
from tests.unit.arbiter.tuned_models.stores import BASE, MODEL, Bucket, running
from tests.unit.arbiter.tuned_models.test_cleanup import Bedrock as Account

NOW = datetime(2026, 11, 21, 9, tzinfo=UTC)
CONCLUDE = ConcludeTrainingSettings(
    training_bucket="t",
    results_bucket="r",
    candidate_parameter="c",
    in_service_parameter="s",
    base_model=BASE,
    customization_type="FINE_TUNING",
)


@dataclass
class Models(Account):
    """Bedrock as the conclusion sees it: the job's results too."""

    trained: bool = False

    def job(self, name: str) -> JobState | None:
        state = super().job(name)
        return (
            replace(state, arn="arn:x/job", output_uri="s3://t/customization/run-1/", training_loss=0.5)
            if state
            else None
        )

    def model(self, name: str) -> ModelState | None:
        return ModelState(name, MODEL, "arn:x/job") if self.trained else None


class Tables:
    """What lies beside the job."""

    content: ClassVar = {
        "customization/run-1/model-customization-job-job/training_artifacts/step_wise_training_metrics.csv": (
            b"step_number,epoch_number,training_loss,perplexity\n0,0,2.5,1\n"
        )
    }

    def listing(self, prefix: str = "") -> Iterator[StoredObject]:
        return (StoredObject(key, 1, "", NOW) for key in self.content if key.startswith(prefix))

    def read(self, key: str) -> bytes:
        return self.content[key]

    def uri(self, key: str) -> str:
        return f"s3://t/{key}"


@dataclass
class Ends:
    """The function over an account of its own."""

    models: Models
    bucket: Bucket = field(default_factory=Bucket)

    def conclude(self, **event: Any) -> dict[str, Any] | None:
        cleanup = Cleanup(self.models, self.models, set, lambda slot: "run-1", lambda: None)
        conclusion = Concluder(
            records=Records(self.bucket),
            models=self.models,
            tables=Tables(),
            cleanup=cleanup,
            settings=CONCLUDE,
            now=lambda: NOW,
        )
        return conclusion.conclude(event)

    def record(self, run: str = "run-1") -> TrainingRecord:
        return TrainingRecord.parse(self.bucket.content[f"training/{run}/record.json"])


def ends(models: Models, record: TrainingRecord | None = None) -> Ends:
    made = Ends(models)
    if record:
        Records(made.bucket).write(record)
    return made


def event(status: str, run: str = "run-1", **others: Any) -> dict[str, Any]:
    started = json.dumps({"run": run, "training_key": f"datasets/{run}/raw.jsonl"})
    return {"status": status, "executionArn": f"arn:execution:{run}", "input": started, **others}


def test_a_nominated_run_is_completed_with_its_metrics() -> None:
    function = ends(Models(job_status="Completed", trained=True), running())
    function.conclude(run="run-1", execution="arn:execution:run-1", hosting="arn:slot-1", gate={"publish": False})
    record = function.record()
    assert (record.status, record.ended_at, record.error) == ("nominated", "2026-11-21T09:00:00+00:00", None)
    assert record.hosting
    assert record.hosting.arn == "arn:slot-1"
    assert record.metrics
    assert (record.metrics.training_loss, [p.loss for p in record.metrics.training]) == (0.5, [2.5])
    assert record.gate == {"publish": False}
    assert record.cleanup == ()


def test_a_failed_run_is_cleaned_up_and_says_what_its_model_costs() -> None:
    models = Models(job_status="Completed", trained=True, slots=[Slot("arbiter-dev-slot-1", "arn:x", MODEL, "Active")])
    function = ends(models, running())
    conclusion = function.conclude(run="run-1", failure={"name": "DeploymentFailed", "cause": "no capacity"})
    assert conclusion == {
        "run": "run-1",
        "status": "failed",
        "failure": {"name": "DeploymentFailed", "cause": "no capacity"},
        "reused": False,
    }
    deleted, kept = function.record().cleanup
    assert deleted == "The deployment arbiter-dev-slot-1 was deleted."
    assert "about 1.95 USD a month" in kept
    assert "arbiter model retire run-1" in kept


@pytest.mark.parametrize(
    ("status", "expected"), [("ABORTED", "aborted"), ("TIMED_OUT", "timed_out"), ("FAILED", "failed")]
)
def test_a_run_that_cannot_end_by_itself_is_ended_by_the_event(status: str, expected: str) -> None:
    function = ends(Models(job_status="InProgress"), running())
    function.conclude(detail=event(status))
    record = function.record()
    assert record.status == expected
    assert record.job
    assert (record.job.status, record.cleanup) == (
        "Stopped",
        (f"The customization job {record.job.name} was stopped.",),
    )


def test_a_job_that_only_the_cleanup_stopped_is_not_why_the_run_failed() -> None:
    function = ends(Models(job_status="InProgress"), running())
    function.conclude(run="run-1", failure={"name": "TrainingJobFailed", "cause": "States.Timeout"})
    record = function.record()
    assert record.job
    assert record.error
    assert (record.status, record.job.status, record.error.cause) == ("failed", "Stopped", "States.Timeout")


def test_a_run_is_concluded_once_for_its_names_may_be_another_runs_by_then() -> None:
    function = ends(Models(job_status="Failed", trained=True), running())
    function.conclude(run="run-1", failure={"name": "DeploymentFailed", "cause": "no capacity"})
    before = function.record()
    later = Slot("arbiter-dev-slot-1", "arn:x", MODEL, "Active")
    function.models.slots.append(later)
    conclusion = function.conclude(detail=event("FAILED", error="DeploymentFailed", cause="no capacity"))
    assert function.record() == before
    assert function.models.slots == [later]
    assert conclusion
    assert conclusion["status"] == "failed"


def test_a_run_that_was_never_prepared_still_has_a_record() -> None:
    function = ends(Models())
    function.conclude(detail=event("ABORTED"))
    record = function.record()
    assert (record.status, record.data.key, record.base_model) == ("aborted", "datasets/run-1/raw.jsonl", BASE)


def test_another_execution_under_the_same_name_does_not_touch_the_record() -> None:
    function = ends(Models(job_status="InProgress"), running())
    function.conclude(detail=event("FAILED", executionArn="arn:execution:other"))
    assert function.record() == running()
    assert function.models.calls == []


@pytest.mark.parametrize("text", ["", "no json", "[]", '{"run": "../x"}', '{"run": 5}'])
def test_an_execution_without_a_good_name_leaves_nothing(text: str) -> None:
    function = ends(Models())
    assert function.conclude(detail={**event("FAILED"), "input": text}) is None
    assert function.bucket.content == {}
