"""Native evaluation jobs without AWS: a Bedrock that says what it is told, and the results that its jobs leave."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import botocore.session

from arbiter.evaluation.native import jobs
from arbiter.evaluation.native import records as native_records
from arbiter.evaluation.native import request as native_request
from arbiter.evaluation.native.bedrock import JobError, JobStatus
from arbiter.evaluation.native.lifecycle import NativeJobs
from arbiter.evaluation.run.keys import answer_key
from tests.unit.arbiter.evaluation.engine_fakes import NOW, Bucket, planned, response

CASES = [
    {"id": "a", "question": "How far?", "reference": "Two metres.", "tags": ["distance", "hut"]},
    {"id": "b", "question": "How high?", "reference": "Six."},
    {"id": "c", "question": "How old?"},
]
ROLE = "arn:aws:iam::123456789012:role/native"
SHAPE = botocore.session.get_session().get_service_model("bedrock").operation_model("CreateEvaluationJob").input_shape


@dataclass
class Bedrock:
    """Bedrock's jobs: what was asked for, and what it says of them."""

    bucket: Bucket
    said: dict[str, JobStatus | JobError] = field(default_factory=dict)
    """By part of a job's name or evaluator; else the job is completed."""
    refused: JobError | None = None
    created: list[Mapping[str, Any]] = field(default_factory=list)
    stopped: list[str] = field(default_factory=list)
    stoppable: bool = True
    """Whether jobs go on when they are to be stopped."""
    stuck: int | None = None
    """The number of the job that cannot be stopped."""

    def create(self, request: Mapping[str, Any]) -> str:
        if self.refused:
            raise self.refused
        self.created.append(request)
        return f"arn:aws:bedrock:us-east-1:123456789012:evaluation-job/{len(self.created):012}"

    def describe(self, arn: str) -> JobStatus:
        request = self.created[int(arn[-12:]) - 1]
        for part, status in self.said.items():
            if part in json.dumps(request):
                if isinstance(status, JobError):
                    raise status
                return status
        return JobStatus("Completed", ())

    def stop(self, arn: str) -> bool:
        if self.stuck == int(arn[-12:]):
            raise JobError("AccessDeniedException", "not to be stopped", passing=False)
        if self.stoppable:
            self.stopped.append(arn)
        return self.stoppable


@dataclass
class Clock:
    time: datetime = NOW

    def __call__(self) -> datetime:
        return self.time


def begun(cases: list[dict[str, Any]] = CASES) -> tuple[NativeJobs, Bedrock, Bucket, Clock]:
    """A run whose every case both arms have answered."""
    bucket, _ = planned(cases, native_jobs=True)
    for case in cases:
        for arm in ("base", "rag"):
            given = response(f"{case['id']} by {arm}", arm)
            record = {"case": case, "arm": arm, "response": {**given, "latency_ms": {"total": 1}}}
            bucket.contents[answer_key("r", case["id"], arm)] = json.dumps(record).encode()
    bedrock, clock = Bedrock(bucket), Clock()
    return NativeJobs(results=bucket, jobs=bedrock, role_arn=ROLE, environment="dev", now=clock), bedrock, bucket, clock


def result(line: Mapping[str, Any], value: Any, metric: str = native_request.METRIC) -> bytes:
    scores = [{"metricName": metric, "result": value, "evaluatorDetails": [{"explanation": "So it is."}]}]
    found = {"automatedEvaluationResult": {"scores": scores}, "inputRecord": line}
    return json.dumps(found).encode()


def leave_results(bucket: Bucket, request: Mapping[str, Any], values: Mapping[str, Any]) -> None:
    """Write the results of a job, in another order than it was asked; a case without a value is not in it."""
    arm = request["inferenceConfig"]["models"][0]["precomputedInferenceSource"]["inferenceSourceIdentifier"]
    lines = list(map(json.loads, bucket.contents[jobs.dataset_key("r", arm)].splitlines()))
    by_case = {line["modelResponses"][0]["response"].split()[0]: line for line in lines}
    body = b"\n".join(result(by_case[case], value) for case, value in reversed(values.items()))
    key = f"{request['jobName']}/0123456789ab/models/{arm}/taskTypes/General/datasets/{arm}/1_output.jsonl"
    bucket.contents[jobs.output_prefix("r") + key] = body


def records(bucket: Bucket) -> dict[str, Any]:
    return {
        key.rsplit("/", 1)[-1]: json.loads(body)
        for key, body in bucket.contents.items()
        if key.startswith(native_records.records_prefix("r"))
    }
