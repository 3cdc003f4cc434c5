"""A training record comes back as it was written; what is none is told."""

import json

import pytest

from arbiter.tuned_models.training.record import (
    Cost,
    Failure,
    Hosting,
    MalformedRecordError,
    Metrics,
    Point,
    TrainingRecord,
    record_key,
)
from arbiter.tuned_models.training.records import Records, RunExists
from tests.unit.arbiter.tuned_models.stores import Bucket, running


def test_a_record_comes_back_as_it_was_written() -> None:
    record = running(
        status="failed",
        started_at="2026-11-21T08:00:00+00:00",
        ended_at="2026-11-21T09:30:00+00:00",
        hosting=Hosting(
            kind="provisioned", name="n", arn="a", usd_per_hour=60.5, expires_at="2026-11-22T08:00:00+00:00"
        ),
        metrics=Metrics(training_loss=0.5, training=(Point(step=1, epoch=0, loss=1.25),)),
        cost=Cost(tokens=200, usd=0.1, per_1k=0.5, as_of="2026-11-21"),
        gate={"publish": False, "conditions": []},
        error=Failure(name="DeploymentFailed", cause="no capacity"),
        cleanup=("Something was deleted.",),
    )
    assert TrainingRecord.parse(record.dumps()) == record
    assert json.loads(record.dumps())["metrics"]["training"] == [{"step": 1, "epoch": 0, "loss": 1.25}]
    assert record.seconds == 5400


def test_a_record_of_a_later_version_is_read() -> None:
    text = json.dumps({**running().dump(), "news": 1, "data": {**running().dump()["data"], "news": 1}})
    assert TrainingRecord.parse(text) == running()


@pytest.mark.parametrize(
    "text", ["", "none", "[]", "{}", '{"status": "odd"}', json.dumps({**running().dump(), "data": 5})]
)
def test_what_is_no_record_is_told(text: str) -> None:
    with pytest.raises(MalformedRecordError, match="no training record"):
        TrainingRecord.parse(text)


def test_a_run_that_has_ended_stays_as_it_ended() -> None:
    records = Records(Bucket())
    records.write(running(status="aborted"))
    assert records.change("run-1", lambda record: running(status="running")) is None
    assert records.find("run-1") == running(status="aborted")


@pytest.mark.parametrize("status", ["running", "nominated"])
def test_a_name_that_another_execution_has_is_refused(status: str) -> None:
    records = Records(Bucket())
    records.write(running(status=status))
    with pytest.raises(RunExists, match="exists already, as arn:execution:run-1"):
        records.begin(running(execution="arn:execution:other"))
    records.begin(running())


def test_a_run_begins_in_place_of_one_that_failed() -> None:
    bucket = Bucket({record_key("run-1"): running(status="failed").dumps().encode()})
    Records(bucket).begin(running(execution="arn:execution:other"))
    assert Records(bucket).find("run-1") == running(execution="arn:execution:other")
