"""The function that has Bedrock judge a run by itself: it starts the jobs, follows them, and keeps their scores."""

import os
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from typing import Any

from arbiter.aws.evaluation_jobs import EvaluationJobs
from arbiter.aws.objects import Objects
from arbiter.evaluation.native.lifecycle import READERS, NativeJobs
from arbiter.settings.evaluating import NativeJobsSettings


def handler(event: Mapping[str, Any], context: object) -> dict[str, Any]:
    """`{"action": "start" | "follow", "run", "execution"}`; says how many jobs are still going on."""
    jobs = _jobs()
    act = {"start": jobs.start, "follow": jobs.follow}[event["action"]]
    return {"open": act(str(event["run"]), str(event["execution"]))}


@cache
def _jobs() -> NativeJobs:
    settings = NativeJobsSettings.from_environment(os.environ)
    results = Objects.connect(settings.results_bucket, connections=READERS)
    return NativeJobs(
        results=results,
        jobs=EvaluationJobs.connect(),
        role_arn=settings.role_arn,
        environment=settings.environment,
        now=lambda: datetime.now(UTC),
    )
