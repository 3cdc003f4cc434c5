"""Ordered faults strike as counted, and nothing takes orders unless it was started to."""

import json
import time
from pathlib import Path
from urllib.error import HTTPError

import pytest
from botocore.exceptions import ClientError

from local import launcher
from tests.local.account import Account, allow
from tests.local.faults import Faults
from tests.local.functions import make_function
from tests.local.test_emulator_models import MODEL, converse, deploy_model, followed, line, said, submit, training_role

pytestmark = pytest.mark.local

WRITER = """
import boto3

def handler(event, context):
    boto3.client("s3").put_object(Bucket=event["bucket"], Key="k", Body=b"x")
"""
LINES = [line(number) for number in range(10)]


def test_a_share_of_the_calls_is_throttled_evenly(account: Account, faults: Faults) -> None:
    faults.throttle("bedrock:InvokeModel", share=0.25, after=1)
    codes = []
    for _ in range(9):
        try:
            converse(account, "Hello?")
            codes.append("")
        except ClientError as error:
            codes.append(error.response["Error"]["Code"])

    assert codes == ["", "", "", "", "ThrottlingException", "", "", "", "ThrottlingException"]
    assert faults.counts() == [(9, 2)]


def test_an_error_strikes_only_what_it_names_and_only_so_often(account: Account, faults: Faults) -> None:
    bucket, storage = account.bucket(), account.client("s3")
    faults.fail("s3:PutObject", "SlowDown", status=503, match={"path": "answers/"}, times=1)
    storage.put_object(Bucket=bucket, Key="verdicts/a", Body=b"x")
    with pytest.raises(ClientError, match="SlowDown"):
        storage.put_object(Bucket=bucket, Key="answers/a", Body=b"x")
    storage.put_object(Bucket=bucket, Key="answers/a", Body=b"x")


def test_a_model_says_what_was_ordered(account: Account, faults: Faults) -> None:
    faults.answer("nova-micro", "I would rather talk about the weather.")

    assert said(converse(account, "Hello?", MODEL)) == "I would rather talk about the weather."
    assert said(converse(account, "Hello?", "amazon.nova-lite-v1:0")) != "I would rather talk about the weather."


@pytest.mark.parametrize("status", ["Failed", "Stopped"])
def test_a_job_ends_as_ordered(status: str, account: Account, faults: Faults) -> None:
    faults.end_job(status, "no capacity")
    job = followed(account, submit(account, training_role(account), LINES))

    assert (job["status"], job["failureMessage"]) == (status, "no capacity")


def test_a_deployment_and_an_update_fail_as_ordered(account: Account, faults: Faults) -> None:
    bedrock = account.client("bedrock")
    job = followed(account, submit(account, training_role(account), LINES))
    faults.fail_hosting("no capacity")
    broken = settled(account, deploy_model(account, job))
    whole = deploy_model(account, job)
    settled(account, whole)
    faults.fail_hosting()
    bedrock.update_custom_model_deployment(customModelDeploymentIdentifier=whole, modelArn=job["outputModelArn"])

    assert (broken["status"], broken["failureMessage"]) == ("Failed", "no capacity")
    assert settled(account, whole)["updateDetails"]["updateStatus"] == "UpdateFailed"


def settled(account: Account, deployment: str) -> dict[str, object]:
    bedrock = account.client("bedrock")
    while True:
        found = dict(bedrock.get_custom_model_deployment(customModelDeploymentIdentifier=deployment))
        if found["status"] != "Creating" and (found.get("updateDetails") or {}).get("updateStatus") != "Updating":
            return found
        time.sleep(0.05)


@pytest.mark.parametrize(("when", "written"), [("before", False), ("after", True)])
def test_a_function_is_killed_before_or_after_its_work(
    when: str, written: bool, account: Account, faults: Faults
) -> None:
    role = account.role(allow("s3:*", "logs:*"), trusts="lambda.amazonaws.com")
    name, bucket = make_function(account, role, WRITER), account.bucket()
    faults.kill(name, when)
    event = json.dumps({"bucket": bucket}).encode()
    first = account.client("lambda").invoke(FunctionName=name, Payload=event)
    listed = account.client("s3").list_objects_v2(Bucket=bucket)["KeyCount"]
    second = account.client("lambda").invoke(FunctionName=name, Payload=event)

    assert json.loads(first["Payload"].read())["errorType"] == "Runtime.ExitError"
    assert first["FunctionError"] == "Unhandled"
    assert bool(listed) is written
    assert "FunctionError" not in second


def test_orders_are_taken_only_when_it_was_started_to_take_them(tmp_path: Path) -> None:
    try:
        with pytest.raises(HTTPError):
            Faults(launcher.start(tmp_path)).throttle("bedrock:InvokeModel")
    finally:
        launcher.stop(tmp_path)
