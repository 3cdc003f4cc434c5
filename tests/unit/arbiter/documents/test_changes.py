"""One ingestion job a change, none too many, none started too early."""

from datetime import UTC, datetime, timedelta

import pytest

from arbiter.documents.changes import Covered, Start, Wait, decide
from arbiter.documents.ingestion import IngestionJob

NOW = datetime(2026, 11, 21, 12, 0, 0, tzinfo=UTC)


def ago(seconds: float) -> datetime:
    return NOW - timedelta(seconds=seconds)


def job(status: str, seconds_ago: float) -> IngestionJob:
    return IngestionJob("JOB", status, ago(seconds_ago))


def test_the_first_change_starts_a_job() -> None:
    assert decide(ago(1), None, NOW) == Start()


@pytest.mark.parametrize("status", ["STARTING", "IN_PROGRESS", "COMPLETE"])
def test_a_job_that_began_after_the_change_covers_it(status: str) -> None:
    assert decide(ago(30), job(status, 29), NOW) == Covered(job(status, 29))


def test_a_job_of_the_same_second_does_not_cover_a_change() -> None:
    assert decide(ago(30), job("COMPLETE", 29.5), NOW) == Start()


@pytest.mark.parametrize("status", ["FAILED", "STOPPED"])
def test_a_job_that_did_not_end_well_covers_nothing(status: str) -> None:
    assert decide(ago(60), job(status, 30), NOW) == Start()


def test_a_job_that_is_being_stopped_does_not_cover_the_change_it_began_after() -> None:
    assert decide(ago(60), job("STOPPING", 30), NOW) == Wait(10)


@pytest.mark.parametrize("status", ["STARTING", "IN_PROGRESS", "STOPPING"])
def test_a_change_waits_for_a_running_job_that_began_before_it(status: str) -> None:
    assert decide(ago(1), job(status, 300), NOW) == Wait(10)


@pytest.mark.parametrize(("seconds_ago", "decision"), [(1, Wait(10)), (4.5, Wait(6)), (9.9, Wait(1)), (10, Start())])
def test_two_starts_are_ten_seconds_apart(seconds_ago: float, decision: Start | Wait) -> None:
    assert decide(ago(0), job("COMPLETE", seconds_ago), NOW) == decision


def test_a_clock_that_is_behind_never_waits_longer_than_the_interval() -> None:
    assert decide(NOW, job("FAILED", -500), NOW) == Wait(10)
