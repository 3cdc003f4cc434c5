"""Each judge gets one native job for each arm, as Bedrock's model and limits have it."""

import re

import pytest
from botocore.validate import validate_parameters

from arbiter.evaluation.native import request as native_request
from local.emulator.refusals import members
from tests.unit.arbiter.evaluation.engine_fakes import JUDGES
from tests.unit.arbiter.evaluation.native.fakes import ROLE, SHAPE, begun, records


def test_each_judge_gets_one_job_for_each_arm_as_bedrocks_model_has_it() -> None:
    jobs, bedrock, bucket, _ = begun()
    assert jobs.start("r", "first") == 4

    for request in bedrock.created:
        validate_parameters(request, SHAPE)
        members.check(request, SHAPE, required=SHAPE.required_members)
        assert request["roleArn"] == ROLE
    assert len({request["jobName"] for request in bedrock.created}) == 4
    assert sorted(records(bucket)) == [f"{judge}--{arm}.json" for judge in JUDGES for arm in ("base", "rag")]


@pytest.mark.parametrize("run", ["r", "a-run-with-a-name-of-exactly-forty-letters", "x" * 40])
@pytest.mark.parametrize("arm", ["base", "rag.nova-lite", "a_-_.b" + "y" * 58])
def test_names_of_jobs_are_taken_by_bedrock_and_differ(run: str, arm: str) -> None:
    names = [native_request.job_name(run, judge, arm, token) for judge in JUDGES for token in ("one", "two")]
    assert len(set(names)) == 4
    for name in names:
        assert len(name) <= 63
        assert re.fullmatch(SHAPE.members["jobName"].metadata["pattern"], name)


def test_the_levels_of_the_metric_fit_bedrocks_limits() -> None:
    automated = SHAPE.members["evaluationConfig"].members["automated"].members["customMetricConfig"]
    definition = automated.members["customMetrics"].member.members["customMetricDefinition"]
    scale = definition.members["ratingScale"]
    assert len(native_request.LEVELS) <= scale.metadata["max"]
    longest = scale.member.members["definition"].metadata["max"]
    assert all(len(words) <= longest for words in native_request.LEVELS.values())
    told = native_request.instructions(referenced=True)
    assert len(told) <= definition.members["instructions"].metadata["max"]
    assert re.findall(r"\{\{(\w+)\}\}", told) == ["prompt", "ground_truth", "prediction"]
