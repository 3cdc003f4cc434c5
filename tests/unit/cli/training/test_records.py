"""The records of training runs are found, listed and priced, and what is none is named."""

import io
import json
from datetime import UTC, datetime

import pytest
from botocore.response import StreamingBody

from arbiter.runs import is_name
from cli.core.errors import CliError
from cli.core.execution import new_run
from cli.training.records import find_run, list_runs
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
    found = list_runs(deployment)
    assert [run.run for run in found.runs] == ["b", "a"]
    assert len(found.unreadable) == 1
    assert json.loads(json.dumps(found.dump()))["runs"][0]["run"] == "b"
