"""A pipeline with batch inference, deployed from its real template, run under its own roles."""

import json
from typing import Any

import pytest

from local import assembly
from local.launcher import LocalAws
from tests.batch_stack import STACK, synthesise
from tests.local.account import Account, new_name
from tests.local.faults import Faults
from tests.local.machines import ended, start
from tests.local.test_emulator_batch import RECORDS, record

pytestmark = pytest.mark.local


@pytest.fixture(scope="module")
def outputs(local_aws: LocalAws, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    return assembly.deploy(synthesise(tmp_path_factory.mktemp("batch")), local_aws)[STACK]


def submitted(account: Account, outputs: dict[str, str]) -> str:
    """Start a run over enough records; its execution."""
    run = new_name("run")
    body = "".join(json.dumps(record(number)) + "\n" for number in range(RECORDS)).encode()
    account.client("s3").put_object(Bucket=outputs["BucketName"], Key=f"runs/{run}/records.jsonl", Body=body)
    return start(account, outputs["MachineArn"], {"run": run, "kept": 1})


def test_records_are_answered_and_found(account: Account, outputs: dict[str, str]) -> None:
    done = ended(account, submitted(account, outputs))
    assert done["status"] == "SUCCEEDED", done.get("cause")
    output = json.loads(done["output"])
    found: Any = account.client("s3").get_object(Bucket=outputs["BucketName"], Key=output["batch"]["output_key"])
    lines = [json.loads(line) for line in found["Body"].read().splitlines()]

    assert (output["kept"], output["batch"]["status"]) == (1, "Completed")
    assert sum("modelOutput" in line for line in lines) == RECORDS
    tags = account.client("bedrock").list_tags_for_resource(resourceARN=output["batch"]["job_arn"])["tags"]
    assert tags == [{"key": "arbiter:environment", "value": "test"}]


@pytest.mark.parametrize("status", ["PartiallyCompleted", "Expired"])
def test_what_a_job_left_unfinished_is_taken_up(
    status: str, account: Account, outputs: dict[str, str], faults: Faults
) -> None:
    faults.end_job(status, kind="batch")
    done = ended(account, submitted(account, outputs))

    assert json.loads(done["output"])["batch"]["status"] == status


@pytest.mark.parametrize("status", ["Failed", "Stopped"])
def test_a_job_that_ends_without_output_fails_the_run_with_its_reason(
    status: str, account: Account, outputs: dict[str, str], faults: Faults
) -> None:
    faults.end_job(status, "no capacity", kind="batch")
    done = ended(account, submitted(account, outputs))

    assert (done["status"], done["error"]) == ("FAILED", "BatchFailed")
    assert done["cause"].endswith(f" is {status}: no capacity")


def test_a_job_that_cannot_be_followed_is_stopped(account: Account, outputs: dict[str, str], faults: Faults) -> None:
    faults.fail("bedrock:GetModelInvocationJob", "ValidationException", "lost")
    done = ended(account, submitted(account, outputs))
    arn = done["cause"].split(" ")[4]
    decisions = [json.loads(line) for line in account.aws.authorizations.read_text().splitlines()]

    assert done["cause"].endswith(" is lost: lost")
    assert ("bedrock:StopModelInvocationJob", arn) in {(one["action"], one["resource"]) for one in decisions}
