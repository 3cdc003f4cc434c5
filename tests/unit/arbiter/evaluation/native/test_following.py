"""Native jobs are followed to their end; what they do not say is never a zero, and none of them ends the run."""

import json
from datetime import timedelta

import pytest

from arbiter.evaluation.native.bedrock import JobError, JobStatus
from arbiter.evaluation.native.lifecycle import LONGEST
from arbiter.evaluation.run.keys import answer_key, plan_key
from tests.unit.arbiter.evaluation.engine_fakes import JUDGES, NOW, response
from tests.unit.arbiter.evaluation.native.fakes import (
    CASES,
    begun,
    leave_results,
    records,
)


def test_results_find_their_cases_whatever_their_order_and_what_is_missing_is_no_zero() -> None:
    jobs, bedrock, bucket, _ = begun([*CASES, *({"id": x, "question": f"{x}?", "reference": "r"} for x in "def")])
    jobs.start("r", "first")
    for request in bedrock.created:
        leave_results(bucket, request, {"a": 0.8, "b": 0.0, "d": None, "e": 7})
    assert jobs.follow("r", "first") == 0

    for record in records(bucket).values():
        assert record["status"] == "Completed"
        assert [(one["case_id"], one["score"]) for one in record["scores"]] == [("a", 8.0), ("b", 0.0)]
        assert {one["case_id"]: one["code"] for one in record["unscored"]} == {
            "d": "no_score",
            "e": "out_of_range",
            "f": "missing",
        }


@pytest.mark.parametrize("status", ["InProgress", "Stopping", "Deleting", "SomethingNew"])
def test_a_job_that_goes_on_is_waited_for_and_stopped_when_it_takes_too_long(status: str) -> None:
    jobs, bedrock, bucket, clock = begun()
    bedrock.said = {"evaluation": JobStatus(status, ())}
    jobs.start("r", "first")
    assert jobs.follow("r", "first") == 4
    assert bedrock.stopped == []

    clock.time = NOW + LONGEST + timedelta(seconds=1)
    assert jobs.follow("r", "first") == 0
    assert len(bedrock.stopped) == 4
    assert {record["failure"]["code"] for record in records(bucket).values()} == {"timed_out"}


@pytest.mark.parametrize("status", ["Failed", "Stopped"])
def test_a_job_that_ends_without_results_says_why_and_spares_the_others(status: str) -> None:
    jobs, bedrock, bucket, _ = begun()
    bedrock.said = {JUDGES[0]: JobStatus(status, ("no access to the judge",))}
    jobs.start("r", "first")
    for request in bedrock.created:
        leave_results(bucket, request, {"a": 1.0, "b": 0.6})
    assert jobs.follow("r", "first") == 0

    for name, record in records(bucket).items():
        failed = name.startswith(JUDGES[0])
        assert record["status"] == (status if failed else "Completed")
        assert (record["failure"] or {}).get("message") == ("no access to the judge" if failed else None)
        assert len(record["scores"]) == (0 if failed else 2)


def test_a_refusal_is_kept_and_throttling_is_waited_out() -> None:
    jobs, bedrock, bucket, _ = begun()
    bedrock.refused = JobError("ValidationException", "no such judge", passing=False)
    assert jobs.start("r", "first") == 0
    assert {record["failure"]["code"] for record in records(bucket).values()} == {"ValidationException"}

    bedrock.refused = None
    bedrock.said = {"evaluation": JobError("ThrottlingException", "slow down", passing=True)}
    assert jobs.start("r", "second") == 4
    assert jobs.follow("r", "second") == 4


def test_a_job_completed_without_results_is_a_failure() -> None:
    jobs, _, bucket, _ = begun()
    jobs.start("r", "first")
    assert jobs.follow("r", "first") == 0
    assert {record["failure"]["code"] for record in records(bucket).values()} == {"no_results"}


def test_answers_that_were_judged_are_not_paid_for_again_and_new_ones_get_a_new_job() -> None:
    jobs, bedrock, bucket, _ = begun()
    jobs.start("r", "first")
    for request in bedrock.created:
        leave_results(bucket, request, {"a": 1.0, "b": 0.6})
    jobs.follow("r", "first")
    jobs.start("r", "second")
    assert len(bedrock.created) == 4

    bucket.contents[answer_key("r", "a", "rag")] = json.dumps({"response": response("Otherwise.")}).encode()
    jobs.start("r", "third")
    assert len(bedrock.created) == 6
    assert len({request["jobName"] for request in bedrock.created}) == 6


def test_a_job_of_answers_that_changed_is_not_left_running() -> None:
    jobs, bedrock, bucket, _ = begun()
    jobs.start("r", "first")
    bucket.contents[answer_key("r", "a", "rag")] = json.dumps({"response": response("Otherwise.")}).encode()
    jobs.start("r", "second")
    assert len(bedrock.stopped) == 2


def test_a_job_that_cannot_be_followed_is_not_left_running() -> None:
    jobs, bedrock, bucket, _ = begun()
    jobs.start("r", "first")
    bedrock.said = {"evaluation": JobError("AccessDeniedException", "not yours", passing=False)}
    assert jobs.follow("r", "first") == 0
    assert len(bedrock.stopped) == 4
    assert {record["failure"]["code"] for record in records(bucket).values()} == {"AccessDeniedException"}


def test_an_arm_without_answers_is_told_and_not_asked_for() -> None:
    jobs, bedrock, bucket, _ = begun()
    for case in CASES:
        bucket.contents[answer_key("r", case["id"], "rag")] = b'{"error": {"code": "throttled"}}'
    assert jobs.start("r", "first") == 2
    failed = [record for record in records(bucket).values() if record["failure"]]
    assert [(one["arm"], one["failure"]["code"]) for one in failed] == [("rag", "no_answers")] * 2
    assert len(bedrock.created) == 2


def test_a_run_that_is_planned_without_starts_none() -> None:
    jobs, bedrock, bucket, _ = begun()
    bucket.contents[plan_key("r")] = bucket.contents[plan_key("r")].replace(
        b'"native_jobs": true', b'"native_jobs": false'
    )
    assert jobs.start("r", "first") == 0
    assert (bedrock.created, records(bucket)) == ([], {})
