"""What only one run may use is used by one run, until that run has ended, however it ended."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from arbiter.tuned_models.training.claims import LONGEST_RUN, ClaimedByAnotherRun, Claims
from arbiter.tuned_models.training.records import Records
from tests.unit.arbiter.tuned_models.stores import Bucket, running

NOW = datetime(2026, 11, 28, 12, 0, tzinfo=UTC)
STARTED = (NOW - timedelta(minutes=5)).isoformat()

Take = Callable[[Claims, str], None]
KINDS: tuple[Take, ...] = (Claims.turn, lambda claims, run: claims.model("arbiter-0123456789abcdef", run))


def claims(bucket: Bucket | None = None, *runs: str) -> Claims:
    bucket = bucket or Bucket()
    records = Records(bucket)
    for run in runs or ("a", "b"):
        records.write(running(run, started_at=STARTED))
    return Claims(bucket, records, lambda: NOW)


@pytest.mark.parametrize("take", KINDS)
def test_the_second_run_waits_until_the_first_has_ended(take: Take) -> None:
    ours = claims()
    take(ours, "a")
    take(ours, "a")
    with pytest.raises(ClaimedByAnotherRun, match="run a"):
        take(ours, "b")
    waiting = ours.records.find("b")
    assert waiting
    assert "run a" in (waiting.waits_for or "")
    ours.records.write(running("a", status="nominated"))
    take(ours, "b")
    waiting = ours.records.find("b")
    assert waiting
    assert waiting.waits_for is None
    ours.records.write(running("a", started_at=STARTED))
    with pytest.raises(ClaimedByAnotherRun, match="run b"):
        take(ours, "a")


@pytest.mark.parametrize("end", ["failed", "stopped", "aborted", "timed_out"])
@pytest.mark.parametrize("take", KINDS)
def test_a_run_that_ended_otherwise_holds_nothing(take: Take, end: str) -> None:
    ours = claims()
    take(ours, "a")
    ours.records.write(running("a", status=end))
    take(ours, "b")


@pytest.mark.parametrize("take", KINDS)
def test_a_record_that_was_never_completed_holds_nothing_for_ever(take: Take) -> None:
    ours = claims()
    take(ours, "a")
    ours.records.write(running("a", started_at=(NOW - LONGEST_RUN - timedelta(seconds=1)).isoformat()))
    take(ours, "b")


def test_models_of_different_data_are_trained_side_by_side() -> None:
    ours = claims()
    ours.model("arbiter-1", "a")
    ours.model("arbiter-2", "b")


def test_of_two_runs_that_find_an_ended_one_at_the_same_moment_one_waits() -> None:
    class Overtaken(Bucket):
        """Somebody else writes between a run's look and its own writing."""

        def replace(self, key: str, body: bytes, **options: Any) -> bool:
            self.content[key] = b"c"
            return super().replace(key, body, **options)

    bucket = Overtaken()
    ours = claims(bucket, "a", "b", "c")
    ours.turn("a")
    ours.records.write(replace(running("a"), status="failed"))
    with pytest.raises(ClaimedByAnotherRun, match="quicker"):
        ours.turn("b")
    with pytest.raises(ClaimedByAnotherRun, match="run c"):
        ours.turn("b")
