"""The records of training runs are found, listed and priced, and what is none is named."""

import io
import json
from datetime import UTC, datetime

import pytest
from botocore.response import StreamingBody

from arbiter.runs import is_name
from arbiter.tuned_models.service.pointer import TunedModel
from arbiter.tuned_models.service.promotion import Pointer
from arbiter.tuned_models.training.decision import Decision
from arbiter.tuned_models.training.record import TrainingRecord
from cli.core.errors import CliError
from cli.core.execution import new_run
from cli.training.records import find_run, list_runs
from cli.training.standing import standing
from tests.unit.arbiter.tuned_models.stores import MODEL as ARN
from tests.unit.arbiter.tuned_models.stores import running
from tests.unit.cli.fakes import StubbedDeployment, kept

NOW = datetime(2026, 11, 21, tzinfo=UTC)


def test_new_runs_have_good_names_and_never_the_same() -> None:
    runs = {new_run() for _ in range(100)}
    assert all(map(is_name, runs))
    assert len(runs) > 90


def test_the_record_of_a_run_is_found_or_missed_in_words() -> None:
    deployment = StubbedDeployment()
    kept(deployment, running())
    assert find_run(deployment, "run-1") == running()
    deployment.stub("s3").add_client_error("get_object", "NoSuchKey")
    with pytest.raises(CliError, match="no training run run-2 in dev; `arbiter train list` names all"):
        find_run(deployment, "run-2")
    with pytest.raises(CliError, match="no good name"):
        find_run(deployment, "../x")


def test_runs_are_listed_the_newest_first_and_what_is_none_is_named() -> None:
    deployment = StubbedDeployment()
    runs = [running("a", started_at="2026-11-20"), running("b", started_at="2026-11-21")]
    keys = [f"training/{name}/record.json" for name in ("a", "b", "c")]
    listed = [{"Key": key, "Size": 1, "ETag": '"e"', "LastModified": NOW} for key in keys]
    deployment.stub("s3").add_response("list_objects_v2", {"Contents": listed})
    bodies = [*(run.dumps().encode() for run in runs), b"{}"]
    for body in bodies:
        deployment.stub("s3").add_response("get_object", {"Body": StreamingBody(io.BytesIO(body), len(body))})
    stands(deployment, models=[])
    found = list_runs(deployment)
    assert [run.run for run in found.runs] == ["b", "a"]
    assert len(found.unreadable) == 1
    shown = json.loads(json.dumps(found.dump()))["runs"][0]
    assert (shown["run"], shown["status"], shown["standing"]) == ("b", "running", "running")


def stands(deployment: StubbedDeployment, models: list[str], in_service: TunedModel | None = None) -> None:
    """What the pointers name, and which models Bedrock has."""
    for name, text in (("candidate", MODEL.dump()), ("in-service", Pointer(in_service).dump())):
        deployment.stub("ssm").add_response("get_parameter", {"Parameter": {"Value": text}}, {"Name": name})
    summary = {"creationTime": NOW, "modelName": "m", "baseModelArn": ARN, "baseModelName": "b"}
    listed = [{**summary, "modelArn": arn} for arn in models]
    deployment.stub("bedrock").add_response("list_custom_models", {"modelSummaries": listed})


MODEL = TunedModel("arn:deployment/1", ARN, "amazon.nova-micro-v1:0:128k", "run-1")
HELD_BACK: Decision = {"publish": False, "conditions": []}


@pytest.mark.parametrize(
    ("record", "models", "in_service", "expected"),
    [
        (running(status="nominated"), [ARN], None, "nominated"),
        (running(status="nominated"), [ARN], MODEL, "in service"),
        (running(status="nominated", gate=HELD_BACK), [ARN], None, "held back"),
        (running(status="nominated", gate=HELD_BACK), [ARN], MODEL, "in service"),
        (running(status="nominated"), [], None, "retired"),
        (running(status="nominated"), [], MODEL, "retired"),
        (running(status="nominated", reused=True), [f"{ARN}er"], None, "retired"),
        (running(status="failed"), [], None, "failed"),
        (running(), [], None, "running"),
    ],
)
def test_a_run_stands_as_its_model_does(
    record: TrainingRecord, models: list[str], in_service: TunedModel | None, expected: str
) -> None:
    deployment = StubbedDeployment()
    stands(deployment, models, in_service)
    assert standing(deployment, [record]) == {"run-1": expected}


def test_a_model_that_two_runs_share_is_in_service_whatever_it_was_before() -> None:
    deployment, former = StubbedDeployment(), MODEL._replace(run="run-0")
    for name, text in (("candidate", MODEL.dump()), ("in-service", Pointer(MODEL, former).dump())):
        deployment.stub("ssm").add_response("get_parameter", {"Parameter": {"Value": text}}, {"Name": name})
    listed = {"creationTime": NOW, "modelName": "m", "baseModelArn": ARN, "baseModelName": "b", "modelArn": ARN}
    deployment.stub("bedrock").add_response("list_custom_models", {"modelSummaries": [listed]})
    assert standing(deployment, [running(status="nominated")]) == {"run-1": "in service"}
