"""What native evaluation jobs rest on, put to Bedrock: `ARBITER_LIVE_ENV=dev ARBITER_LIVE_NATIVE=1 pytest tests/live`.

It needs an environment with `evaluation.native_jobs` set, and judges one answer with each judge: less than a cent, and
up to half an hour.
"""

import json
from pathlib import Path

import pytest

from arbiter.aws.objects import Objects
from arbiter.evaluation.native import jobs
from arbiter.evaluation.native.records import NativeRecords
from arbiter.evaluation.native.request import LEVELS, METRIC
from cli.core.deployment import Deployment
from cli.core.execution import new_run
from cli.evaluation.run import evaluate
from tests.live.conftest import required

pytestmark = pytest.mark.live

CASE = {"question": "How many metres are a kilometre?", "reference": "A kilometre is 1,000 metres."}


@pytest.fixture(scope="module")
def judged(deployment: Deployment, tmp_path_factory: pytest.TempPathFactory) -> tuple[Objects, str]:
    """A run that Bedrock's own jobs have judged."""
    required("ARBITER_LIVE_NATIVE", "an environment with evaluation.native_jobs; its jobs take up to half an hour")
    file: Path = tmp_path_factory.mktemp("cases") / "cases.jsonl"
    file.write_text(json.dumps(CASE) + "\n")
    run = new_run()
    evaluate(deployment, file, modes=["base"], run=run, native_jobs=True)
    return Objects(deployment.client("s3"), deployment.output("ResultsBucketName")), run


def test_the_task_type_the_roles_and_every_judge_are_taken(judged: tuple[Objects, str]) -> None:
    """`ValidationException` here: the task type, the dataset or a judge; `AccessDenied…`: the roles."""
    records = list(NativeRecords(*judged).all())
    assert records
    assert [record["failure"] for record in records] == [None] * len(records)
    assert [len(record["scores"]) for record in records] == [1] * len(records)


def test_results_lie_where_they_are_looked_for_on_the_scale_that_was_given(judged: tuple[Objects, str]) -> None:
    results, run = judged
    outputs = [item.key for item in results.listing(jobs.output_prefix(run)) if item.key.endswith("_output.jsonl")]
    assert outputs
    assert [key for key in outputs if "/taskTypes/General/datasets/" not in key] == []
    lines = [json.loads(line) for key in outputs for line in results.read(key).splitlines()]
    found = [score["result"] for line in lines for score in line["automatedEvaluationResult"]["scores"]
             if score["metricName"] == METRIC]  # fmt: skip
    assert found
    assert set(found) <= LEVELS.keys()
