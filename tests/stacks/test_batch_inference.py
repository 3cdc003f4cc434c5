"""Batch inference follows a job through every status that there is, with no permission beyond its own jobs."""

import json
from pathlib import Path

import botocore.session
import pytest

from stacks.constructs.batch_inference import GOING_ON, WITH_OUTPUT
from tests.batch_stack import MODEL, synthesise
from tests.stacks import pipelines
from tests.stacks.permissions import permissions
from tests.stacks.resolved import Deployment

JOBS = "arn:aws:bedrock:us-east-1:123456789012:model-invocation-job/*"


@pytest.fixture(scope="module", params=[MODEL, "amazon.nova-micro-v1:0"])
def deployment(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Deployment:
    folder: Path = tmp_path_factory.mktemp("batch")
    return Deployment.read(synthesise(folder, model=request.param), "test")


def test_the_states_are_sound(deployment: Deployment) -> None:
    assert pipelines.unsound(deployment) == []
    assert pipelines.error_names(deployment) <= pipelines.known_errors()


def test_every_status_of_a_job_leads_somewhere() -> None:
    model = botocore.session.get_session().get_service_model("bedrock")
    known = set(model.shape_for("ModelInvocationJobStatus").enum)

    assert known - {*GOING_ON, *WITH_OUTPUT} == {"Failed", "Stopped"}


def test_bedrock_answers_for_jobs_of_this_account_only(deployment: Deployment) -> None:
    role = deployment.one("AWS::IAM::Role", "Batch")
    (statement,) = role.properties["AssumeRolePolicyDocument"]["Statement"]

    assert statement["Principal"] == {"Service": "bedrock.amazonaws.com"}
    assert statement["Condition"] == {
        "StringEquals": {"aws:SourceAccount": "123456789012"},
        "ArnLike": {"aws:SourceArn": JOBS},
    }


def test_a_model_is_invoked_under_the_role_only_through_a_profile(deployment: Deployment) -> None:
    invoking = [p for p in permissions(deployment) if p.action == "bedrock:InvokeModel"]

    assert bool(invoking) == ("inference-profile/" in json.dumps(deployment.templates))


def test_only_own_jobs_are_followed_and_stopped(deployment: Deployment) -> None:
    for action in ("bedrock:GetModelInvocationJob", "bedrock:StopModelInvocationJob", "bedrock:TagResource"):
        assert [p.resource for p in permissions(deployment) if p.action == action] == [JOBS]
