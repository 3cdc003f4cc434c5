"""Batch inference answers every record of its input as its role may, and leaves output, manifest and counts."""

import json
import time
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.local.account import Account, allow, new_name
from tests.local.faults import Faults

pytestmark = pytest.mark.local

MODEL = "amazon.nova-lite-v1:0"
SERVICE = "bedrock.amazonaws.com"
TRUST = {"ArnLike": {"aws:SourceArn": "arn:aws:bedrock:us-east-1:000000000000:model-invocation-job/*"}}
RECORDS = 100


def record(number: int) -> dict[str, Any]:
    document = f"<document>\nHut {number} stands by lake {number}.\n</document>"
    asked = f"<documents>\n{document}\n</documents>\n\n<question>\nWhere is hut {number}?\n</question>"
    return {"recordId": f"r{number}", "modelInput": {"messages": [{"role": "user", "content": [{"text": asked}]}]}}


def service_role(account: Account, *actions: str) -> str:
    return account.role(allow(*(actions or ("s3:*",))), trusts=SERVICE, condition=TRUST)


def submit(
    account: Account, bucket: str, records: list[dict[str, Any]], *, bedrock: Any = None, **options: Any
) -> dict[str, Any]:
    """Submit a job; what it was asked for, and its ARN."""
    body = "\n".join(json.dumps(one) for one in records).encode()
    account.client("s3").put_object(Bucket=bucket, Key="in/records.jsonl", Body=body)
    asked = {
        "jobName": new_name("batch"),
        "modelId": MODEL,
        "inputDataConfig": {"s3InputDataConfig": {"s3Uri": f"s3://{bucket}/in/records.jsonl"}},
        "outputDataConfig": {"s3OutputDataConfig": {"s3Uri": f"s3://{bucket}/out/"}},
        "modelInvocationType": "Converse",
        **options,
    }
    asked.setdefault("roleArn", service_role(account))
    return {**asked, **(bedrock or account.client("bedrock")).create_model_invocation_job(**asked)}


def ended(account: Account, arn: str) -> dict[str, Any]:
    bedrock = account.client("bedrock")
    running = ("Submitted", "Validating", "Scheduled", "InProgress", "Stopping")
    while (found := bedrock.get_model_invocation_job(jobIdentifier=arn))["status"] in running:
        time.sleep(0.05)
    return dict(found)


def left(account: Account, bucket: str, arn: str, name: str) -> bytes:
    key = f"out/{arn.rsplit('/', 1)[-1]}/{name}"
    return bytes(account.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read())


def test_every_record_is_answered_or_says_why_not(account: Account, faults: Faults) -> None:
    bucket = account.bucket()
    faults.order("record", {"code": 400, "message": "ordered"}, match={"record": "r7"}, times=1)
    broken = {"recordId": "broken", "modelInput": {"messages": []}}
    job = submit(account, bucket, [*(record(number) for number in range(RECORDS)), broken])
    found = ended(account, job["jobArn"])
    lines = left(account, bucket, job["jobArn"], "records.jsonl.out").splitlines()
    answers = {one["recordId"]: one for one in map(json.loads, lines)}
    manifest = json.loads(left(account, bucket, job["jobArn"], "manifest.json.out"))

    assert found["status"] == "Completed", found
    assert answers["r3"]["modelOutput"]["output"]["message"]["content"] == [{"text": "Hut 3 stands by lake 3."}]
    assert answers["r3"]["modelInput"] == record(3)["modelInput"]
    assert answers["r7"]["error"] == {"errorCode": 400, "errorMessage": "ordered"}
    assert "at least one message" in answers["broken"]["error"]["errorMessage"]
    assert [found[f"{name}RecordCount"] for name in ("total", "processed", "success", "error")] == [101, 101, 99, 2]
    assert (manifest["successRecordCount"], manifest["errorRecordCount"]) == (99, 2)
    assert manifest["inputTokenCount"] > manifest["outputTokenCount"] > 0


def test_too_few_records_fail_the_job(account: Account) -> None:
    found = ended(account, submit(account, account.bucket(), [record(number) for number in range(99)])["jobArn"])

    assert (found["status"], found["message"]) == (
        "Failed",
        "Batch job contains less records (99) than the required minimum of: 100",
    )


@pytest.mark.parametrize("missing", ["s3:GetObject", "s3:ListBucket", "s3:PutObject"])
def test_a_job_reads_and_writes_with_its_role(missing: str, account: Account) -> None:
    granted = {"s3:GetObject", "s3:ListBucket", "s3:PutObject"} - {missing}
    role = service_role(account, *granted)
    records = [record(number) for number in range(RECORDS)]
    found = ended(account, submit(account, account.bucket(), records, roleArn=role)["jobArn"])

    assert found["status"] == "Failed"
    assert f"not authorized to perform: {missing}" in found["message"]


def test_a_caller_needs_the_model_the_job_and_the_role(account: Account) -> None:
    bucket, role = account.bucket(), service_role(account)
    model = f"arn:aws:bedrock:us-east-1::foundation-model/{MODEL}"
    job = "arn:aws:bedrock:us-east-1:000000000000:model-invocation-job/*"
    needed = [
        allow("bedrock:CreateModelInvocationJob", resource=model),
        allow("bedrock:CreateModelInvocationJob", "bedrock:TagResource", resource=job),
        allow("iam:PassRole", resource=role),
    ]
    tags = [{"key": "arbiter:run", "value": "r"}]
    for number in range(len(needed)):
        caller = account.role(*(one for other, one in enumerate(needed) if other != number))
        bedrock = account.client_as(caller, "bedrock")
        with pytest.raises(ClientError, match="is not authorized to perform"):
            submit(account, bucket, [record(0)], bedrock=bedrock, roleArn=role, tags=tags)
    bedrock = account.client_as(account.role(*needed), "bedrock")
    made = submit(account, bucket, [record(0)], bedrock=bedrock, roleArn=role, tags=tags)

    assert account.client("bedrock").list_tags_for_resource(resourceARN=made["jobArn"])["tags"] == tags


def test_through_a_profile_the_service_role_invokes_the_models(account: Account) -> None:
    records, profile = [record(number) for number in range(RECORDS)], f"us.{MODEL}"
    allowed = service_role(account, "s3:*", "bedrock:InvokeModel")

    with pytest.raises(ClientError, match="not authorized to perform: bedrock:InvokeModel"):
        submit(account, account.bucket(), records, modelId=profile)
    made = submit(account, account.bucket(), records, modelId=profile, roleArn=allowed)
    assert ended(account, made["jobArn"])["status"] == "Completed"


def test_a_stopped_job_stays_stopped_and_is_listed(account: Account, faults: Faults) -> None:
    faults.hold("batch")
    records, bedrock = [record(number) for number in range(RECORDS)], account.client("bedrock")
    made = submit(account, account.bucket(), records)
    bedrock.stop_model_invocation_job(jobIdentifier=made["jobArn"])
    faults.clear()

    assert ended(account, made["jobArn"])["status"] == "Stopped"
    with pytest.raises(ClientError, match="ConflictException"):
        bedrock.stop_model_invocation_job(jobIdentifier=made["jobArn"])
    listed = bedrock.list_model_invocation_jobs(nameContains=made["jobName"], statusEquals="Stopped")
    assert [job["jobArn"] for job in listed["invocationJobSummaries"]] == [made["jobArn"]]


def test_a_job_that_runs_out_of_time_leaves_what_it_has(account: Account, faults: Faults) -> None:
    bucket = account.bucket()
    faults.end_job("PartiallyCompleted", "out of time", kind="batch")
    made = submit(account, bucket, [record(number) for number in range(RECORDS)])
    found = ended(account, made["jobArn"])

    assert (found["status"], found["processedRecordCount"]) == ("PartiallyCompleted", RECORDS // 2)
    assert len(left(account, bucket, made["jobArn"], "records.jsonl.out").splitlines()) == RECORDS // 2
