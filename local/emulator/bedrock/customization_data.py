"""Training data and metrics of a customization job: read and written in S3 under the role of the job."""

import csv
import io
import json
import math
from typing import Any

from local.emulator.base.http import ServiceError
from local.emulator.base.identity import RoleSession, assume, client, require
from local.emulator.base.internals import scope
from local.emulator.bedrock import models
from local.emulator.foundation import catalogue
from local.emulator.language.model import answer
from local.emulator.language.prompt import parse as understood
from local.emulator.language.training_data import Sample, TrainingDataError, parse
from local.emulator.language.tuning import Step

SERVICE = "bedrock.amazonaws.com"


def training_set(job: dict[str, Any]) -> list[Sample]:
    """The samples to learn from; for a distillation, what the teacher says to the prompts that have no answer.

    Raises:
        TrainingDataError: when the data cannot be learned from.
        ServiceError: when the job's role may not use the teacher.
    """
    content = _read(job, job["trainingDataConfig"]["s3Uri"])
    if job["customizationType"] != "DISTILLATION":
        return parse(content)
    teacher = job["customizationConfig"]["distillationConfig"]["teacherModelConfig"]["teacherModelIdentifier"]
    _check_teacher(_role(job), teacher)
    return parse(_answered(content))


def validation_set(job: dict[str, Any]) -> list[Sample]:
    """The samples that the job measures itself by; none when it has no validation data."""
    validators = job["validationDataConfig"]["validators"]
    return [sample for validator in validators for sample in parse(_read(job, validator["s3Uri"]), fewest=1)]


def write_steps(job: dict[str, Any], artifact: str, loss: str, steps: list[Step]) -> None:
    """Write the metrics of these steps below the job's folder."""
    table = io.StringIO()
    rows = csv.writer(table, lineterminator="\n")
    rows.writerow(["step_number", "epoch_number", loss, "perplexity"])
    rows.writerows([step.number, step.epoch, f"{step.loss:.6f}", f"{math.exp(step.loss):.6f}"] for step in steps)
    bucket, prefix = _location(job["outputDataConfig"]["s3Uri"])
    folder = f"{prefix.rstrip('/')}/model-customization-job-{job['jobArn'].rsplit('/', 1)[-1]}".lstrip("/")
    objects = client("s3", _role(job))
    objects.list_objects_v2(Bucket=bucket, Prefix=prefix)
    objects.put_object(Bucket=bucket, Key=f"{folder}/{artifact}", Body=table.getvalue().encode())


def _check_teacher(role: RoleSession, teacher: str) -> None:
    """docs: only a teacher behind an inference profile is invoked with the permissions of the job's role."""
    account, region = scope()
    named, behind = models.arns(teacher, region, account)
    if not catalogue.is_known(teacher):
        raise ServiceError("ValidationException", f"The teacher model {teacher} does not exist.")
    for arn in (named, *behind) if behind else ():
        require(role, "bedrock:InvokeModel", arn, context={"bedrock:InferenceProfileArn": named})


def _answered(content: bytes) -> bytes:
    """The teacher's answers put behind the prompts that come without one."""
    lines = []
    for number, line in enumerate(content.split(b"\n"), start=1):
        if not line.strip():
            continue
        try:
            record = json.loads(line)
            turns = record["messages"]
            if turns[-1]["role"] == "user":
                turn = {"role": "assistant", "content": [{"text": answer(understood(record)).text}]}
                record["messages"] = [*turns, turn]
        except (ValueError, LookupError, TypeError) as error:
            raise TrainingDataError(f"Invalid training data: line {number}: {error!r}") from error
        lines.append(json.dumps(record))
    return "\n".join(lines).encode()


def _read(job: dict[str, Any], uri: str) -> bytes:
    bucket, key = _location(uri)
    objects = client("s3", _role(job))
    objects.list_objects_v2(Bucket=bucket, Prefix=key)
    return bytes(objects.get_object(Bucket=bucket, Key=key)["Body"].read())


def _role(job: dict[str, Any]) -> RoleSession:
    return assume(job["roleArn"], SERVICE, "BedrockModelCustomization", job["jobArn"])


def _location(uri: str) -> tuple[str, str]:
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    return bucket, key
