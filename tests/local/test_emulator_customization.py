"""Customization jobs measure themselves on validation data, show their progress, and learn from a teacher."""

import json
import time
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.local.account import Account, allow, new_name
from tests.local.faults import Faults
from tests.local.test_emulator_models import (
    JOBS,
    SERVICE,
    TUNABLE,
    await_deployment,
    converse,
    deploy_model,
    followed,
    line,
    said,
    submit,
    training_role,
)

pytestmark = pytest.mark.local

LINES = [line(number) for number in range(10)]
TRAINING = "training_artifacts/step_wise_training_metrics.csv"
VALIDATION = "validation_artifacts/post_fine_tuning_validation/validation_metrics.csv"


def validated(account: Account, key: str = "validation.jsonl") -> dict[str, Any]:
    bucket = account.bucket()
    account.client("s3").put_object(Bucket=bucket, Key="validation.jsonl", Body=line(11).encode())
    return {"validationDataConfig": {"validators": [{"s3Uri": f"s3://{bucket}/{key}"}]}}


def metrics(account: Account, job: dict[str, Any], artifact: str) -> list[list[str]]:
    """The rows of a metrics file, heading first."""
    bucket, _, prefix = job["outputDataConfig"]["s3Uri"].removeprefix("s3://").partition("/")
    key = f"{prefix}model-customization-job-{job['jobArn'].rsplit('/', 1)[-1]}/{artifact}"
    content = account.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read().decode()
    return [row.split(",") for row in content.splitlines()]


def test_validation_data_gives_a_loss_after_each_epoch(account: Account) -> None:
    options = {**validated(account), "hyperParameters": {"epochCount": "3"}}
    job = followed(account, submit(account, training_role(account), LINES, **options))
    heading, *rows = metrics(account, job, VALIDATION)

    assert job["status"] == "Completed", job
    assert heading == ["step_number", "epoch_number", "validation_loss", "perplexity"]
    assert [row[:2] for row in rows] == [["9", "0"], ["19", "1"], ["29", "2"]]
    assert job["validationMetrics"][0]["validationLoss"] == pytest.approx(float(rows[-1][2]), abs=1e-5)
    assert float(rows[-1][2]) < float(rows[0][2])


def test_missing_validation_data_fails_the_job(account: Account) -> None:
    job = followed(account, submit(account, training_role(account), LINES, **validated(account, "absent.jsonl")))

    assert job["status"] == "Failed"
    assert "NoSuchKey" in job["failureMessage"]


def test_steps_appear_while_the_job_runs(account: Account, faults: Faults) -> None:
    faults.hold("job")
    bedrock, arn = account.client("bedrock"), submit(account, training_role(account), LINES)
    job = bedrock.get_model_customization_job(jobIdentifier=arn)
    while not written(account, job):
        time.sleep(0.05)
    during = bedrock.get_model_customization_job(jobIdentifier=arn)
    half = len(metrics(account, job, TRAINING)) - 1
    faults.clear()

    assert (during["status"], during["statusDetails"]["trainingDetails"]["status"]) == ("InProgress", "InProgress")
    assert followed(account, arn)["statusDetails"]["trainingDetails"]["status"] == "Completed"
    assert (half, len(metrics(account, job, TRAINING)) - 1) == (10, 20)


def written(account: Account, job: dict[str, Any]) -> bool:
    """Whether the job has left anything yet."""
    bucket, _, prefix = job["outputDataConfig"]["s3Uri"].removeprefix("s3://").partition("/")
    return bool(account.client("s3").list_objects_v2(Bucket=bucket, Prefix=prefix)["KeyCount"])


def distil(account: Account, role: str, lines: list[str], teacher: str = "us.amazon.nova-pro-v1:0") -> dict[str, Any]:
    configuration = {"distillationConfig": {"teacherModelConfig": {"teacherModelIdentifier": teacher}}}
    return followed(
        account, submit(account, role, lines, customizationType="DISTILLATION", customizationConfig=configuration)
    )


def prompt(number: int) -> str:
    document = f"<document>\nHut {number} stands by lake {number}.\n</document>"
    asked = f"<documents>\n{document}\n</documents>\n\n<question>\nWhere is hut {number}?\n</question>"
    turns = [{"role": "user", "content": [{"text": asked}]}]
    return json.dumps({"schemaVersion": "bedrock-conversation-2024", "messages": turns})


def test_a_student_says_what_its_teacher_said(account: Account) -> None:
    job = distil(account, training_role_with_teacher(account), [prompt(number) for number in range(10)])
    assert job["status"] == "Completed", job
    deployment = deploy_model(account, job)
    await_deployment(account, deployment)

    assert said(converse(account, "Where is hut 3?", deployment)) == "Hut 3 stands by lake 3."


def training_role_with_teacher(account: Account) -> str:
    return account.role(allow("s3:*"), allow("bedrock:InvokeModel"), trusts=SERVICE, condition=JOBS)


def test_a_teacher_behind_a_profile_is_invoked_with_the_role_of_the_job(account: Account) -> None:
    job = distil(account, training_role(account), LINES)

    assert job["status"] == "Failed"
    assert "is not authorized to perform: bedrock:InvokeModel" in job["failureMessage"]
    assert distil(account, training_role(account), LINES, "amazon.nova-pro-v1:0")["status"] == "Completed"


def test_a_distillation_without_a_teacher_is_refused(account: Account) -> None:
    with pytest.raises(ClientError, match="teacherModelIdentifier is missing"):
        submit(account, training_role(account), LINES, customizationType="DISTILLATION")
    with pytest.raises(ClientError, match="reached the end of its life"):
        distil(account, training_role(account), LINES, "us.amazon.nova-premier-v1:0")


def test_jobs_are_listed_by_name_and_status(account: Account, faults: Faults) -> None:
    faults.hold("job")
    role, common = training_role(account), new_name("listed")
    bucket, bedrock = account.bucket(), account.client("bedrock")
    account.client("s3").put_object(Bucket=bucket, Key="train.jsonl", Body="\n".join(LINES).encode())
    for number in range(2):
        name = f"{common}-{number}"
        bedrock.create_model_customization_job(
            jobName=name,
            customModelName=name,
            roleArn=role,
            baseModelIdentifier=TUNABLE,
            trainingDataConfig={"s3Uri": f"s3://{bucket}/train.jsonl"},
            outputDataConfig={"s3Uri": f"s3://{bucket}/output/"},
        )
    bedrock.stop_model_customization_job(jobIdentifier=f"{common}-1")
    faults.clear()
    while bedrock.get_model_customization_job(jobIdentifier=f"{common}-1")["status"] != "Stopped":
        time.sleep(0.05)
    stopped = bedrock.list_model_customization_jobs(nameContains=common, statusEquals="Stopped")
    listed = bedrock.list_model_customization_jobs(nameContains=common, sortOrder="Ascending")

    assert [job["jobName"] for job in stopped["modelCustomizationJobSummaries"]] == [f"{common}-1"]
    assert [job["jobName"] for job in listed["modelCustomizationJobSummaries"]] == [f"{common}-0", f"{common}-1"]
