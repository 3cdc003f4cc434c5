"""A batch inference job's run: records read with the job's role, answered, and left below a folder of the job's own."""

import json
import logging
import uuid
from typing import Any

from botocore.exceptions import ClientError

from local.emulator.base import faults
from local.emulator.base.http import ServiceError
from local.emulator.base.identity import assume, client
from local.emulator.base.internals import inside
from local.emulator.bedrock.models import CUSTOM_MODELS
from local.emulator.bedrock.runtime import conversed
from local.emulator.bedrock.upstream import Upstream
from local.emulator.knowledge.knowledge_bases import now
from local.emulator.language.tuning import TunedModel

log = logging.getLogger("arbiter.local")

SERVICE = "bedrock.amazonaws.com"
FEWEST, MOST = 100, 50_000  # quotas: records of a batch inference job
_STEP_SECONDS = 0.3
_COUNTS = ("totalRecordCount", "processedRecordCount", "successRecordCount", "errorRecordCount")

Record = dict[str, Any]


def run(job: dict[str, Any], upstream: Upstream | None) -> None:
    """Run a job to its end and note how it ended."""
    try:
        _run(job, upstream)
    except (ServiceError, ClientError, ValueError) as error:
        job.update(status="Failed", message=str(error)[:2048])
    except Exception as error:  # the job must end, and the log must tell
        log.exception("batch inference job %s broke", job["jobName"])
        job.update(status="Failed", message=f"Internal error: {error!r}")
    if job["status"] == "Stopping":
        job["status"] = "Stopped"
    job.update(endTime=now(), lastModifiedTime=now())
    _announce(job)


def _run(job: dict[str, Any], upstream: Upstream | None) -> None:
    if _moved(job, "Validating"):
        return
    files = _records(job)
    total = sum(len(records) for records in files.values())
    if not FEWEST <= total <= MOST:
        side = f"less records ({total}) than the required minimum of: {FEWEST}"
        if total > MOST:
            side = f"more records ({total}) than the allowed maximum of: {MOST}"
        raise ValueError(f"Batch job contains {side}")
    job["totalRecordCount"] = total
    faults.wait_while_held("batch", job["jobName"])
    if _moved(job, "InProgress"):
        return
    fault = faults.strike("batch", name=job["jobName"])
    if fault and fault["status"] in ("Failed", "Stopped"):
        job.update(status=fault["status"], message=fault["message"])
        return
    answered = {name: [_answered(job, record, upstream) for record in records] for name, records in files.items()}
    if fault:
        # Expired or PartiallyCompleted: time ran out before the second half.
        answered = {name: records[: len(records) // 2] for name, records in answered.items()}
    _write(job, answered)
    job.update({"status": fault["status"], "message": fault["message"]} if fault else {"status": "Completed"})


def _moved(job: dict[str, Any], status: str) -> bool:
    """Go on to `status` after a while; whether the job was stopped meanwhile."""
    if job["_stop"].wait(_STEP_SECONDS):
        return True
    job.update(status=status, lastModifiedTime=now())
    return False


def _records(job: dict[str, Any]) -> dict[str, list[Record]]:
    """The records of every input file, by its key."""
    bucket, key = location(job["inputDataConfig"]["s3InputDataConfig"]["s3Uri"])
    storage = _storage(job)
    listed = storage.list_objects_v2(Bucket=bucket, Prefix=key).get("Contents", [])
    keys = [entry["Key"] for entry in listed if entry["Key"] == key or key.endswith("/") or not key]
    keys = [name for name in keys if name.endswith(".jsonl")]
    if not keys:
        raise ValueError(f"No .jsonl file found at s3://{bucket}/{key}")
    return {name: _parsed(name, storage.get_object(Bucket=bucket, Key=name)["Body"].read()) for name in keys}


def _parsed(key: str, content: bytes) -> list[Record]:
    records = []
    for number, line in enumerate(content.split(b"\n"), start=1):
        if not line.strip():
            continue
        try:
            record = json.loads(line)
        except ValueError as error:
            raise ValueError(f"{key}, line {number}: not JSON: {error}") from error
        if not isinstance(record, dict) or not isinstance(record.get("modelInput"), dict):
            raise ValueError(f"{key}, line {number}: a record is an object with a modelInput object")
        records.append({"recordId": str(record.get("recordId") or uuid.uuid4().hex[:11]), **record})
    return records


def _answered(job: dict[str, Any], record: Record, upstream: Upstream | None) -> Record:
    fault = faults.strike("record", name=job["jobName"], record=record["recordId"])
    if fault:
        return {**record, "error": {"errorCode": fault["code"], "errorMessage": fault["message"]}}
    try:
        output = conversed(job["modelId"], record["modelInput"], _tuned(job["modelId"]), upstream)
    except ServiceError as error:
        return {**record, "error": {"errorCode": error.status, "errorMessage": error.message}}
    except (LookupError, TypeError, AttributeError) as error:
        return {**record, "error": {"errorCode": 400, "errorMessage": f"Malformed input request: {error!r}"}}
    return {**record, "modelOutput": output}


def _tuned(model_id: str) -> TunedModel | None:
    model = CUSTOM_MODELS.records.get(model_id)
    return model["_learned"] if model else None


def _write(job: dict[str, Any], answered: dict[str, list[Record]]) -> None:
    bucket, prefix = location(job["outputDataConfig"]["s3OutputDataConfig"]["s3Uri"])
    folder = f"{prefix.rstrip('/')}/{job['jobArn'].rsplit('/', 1)[-1]}".lstrip("/")
    storage, every = _storage(job), [record for records in answered.values() for record in records]
    for key, records in answered.items():
        body = "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records).encode()
        storage.put_object(Bucket=bucket, Key=f"{folder}/{key.rsplit('/', 1)[-1]}.out", Body=body)
    failed = sum("error" in record for record in every)
    counts = (job["totalRecordCount"], len(every), len(every) - failed, failed)
    job.update(zip(_COUNTS, counts, strict=True))
    used = [record["modelOutput"]["usage"] for record in every if "modelOutput" in record]
    tokens = {f"{side}TokenCount": sum(one[f"{side}Tokens"] for one in used) for side in ("input", "output")}
    manifest = {**{name: job[name] for name in _COUNTS}, **tokens}
    storage.put_object(Bucket=bucket, Key=f"{folder}/manifest.json.out", Body=json.dumps(manifest).encode())


def location(uri: str) -> tuple[str, str]:
    """Bucket and key of an S3 address."""
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    return bucket, key


def _storage(job: dict[str, Any]) -> Any:
    return client("s3", assume(job["roleArn"], SERVICE, "BedrockBatchInference", job["jobArn"]))


def _announce(job: dict[str, Any]) -> None:
    detail = {
        "version": "0",
        "batchJobName": job["jobName"],
        "batchJobArn": job["jobArn"],
        "batchModelId": job["modelId"],
        "status": job["status"],
        "failureMessage": job.get("message", ""),
    }
    entry = {
        "Source": "aws.bedrock",
        "DetailType": "Batch Inference Job State Change",
        "Detail": json.dumps(detail),
        "Resources": [job["jobArn"]],
        "EventBusName": "default",
    }
    inside("services.eventbridge", "_put_events")({"Entries": [entry]}, allow_aws_source=True)
