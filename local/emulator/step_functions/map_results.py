"""Results of a Distributed Map: the children's outputs, or with a ResultWriter their records in a bucket."""

import json
from typing import Any

from botocore.exceptions import ClientError

from local.emulator.base.identity import client
from local.emulator.base.internals import inside
from local.emulator.step_functions import executions

_LARGEST_BYTES = 262_144  # docs: the largest input or output of a state
_RECORDED = {
    "executionArn": "ExecutionArn",
    "input": "Input",
    "inputDetails": "InputDetails",
    "name": "Name",
    "output": "Output",
    "outputDetails": "OutputDetails",
    "startDate": "StartDate",
    "stateMachineArn": "StateMachineArn",
    "status": "Status",
    "stopDate": "StopDate",
    "error": "Error",
    "cause": "Cause",
}


def collect(map_run: str, children: list[dict[str, Any]], writer: dict[str, Any] | None) -> Any:
    """The result of a Map Run: written where `writer` (its fields evaluated) says, else the outputs themselves.

    Raises:
        The emulator's execution error: when they are too large to pass on or cannot be written.
    """
    where = (writer or {}).get("Arguments") or (writer or {}).get("Parameters")
    if writer and where:
        return {"MapRunArn": map_run, "ResultWriterDetails": _write(map_run, children, writer, where)}
    outputs = [json.loads(child["output"]) for child in children if child["status"] == "SUCCEEDED"]
    if len(json.dumps(outputs).encode()) > _LARGEST_BYTES:
        excess = f"the outputs of the Map Run exceed {_LARGEST_BYTES} bytes: give it a ResultWriter or smaller outputs"
        raise inside("services.stepfunctions", "_ExecutionError")("States.DataLimitExceeded", excess)
    return outputs


def _write(
    map_run: str, children: list[dict[str, Any]], writer: dict[str, Any], where: dict[str, Any]
) -> dict[str, Any]:
    prefix = str(where.get("Prefix", "")).rstrip("/")
    folder = f"{prefix}/{map_run.rsplit(':', 1)[-1]}".lstrip("/")
    storage, bucket = client("s3", executions.role()), where["Bucket"]
    files: dict[str, list[dict[str, Any]]] = {"SUCCEEDED": [], "FAILED": [], "PENDING": []}
    try:
        for status, listed in files.items():
            records = [child for child in children if child["status"] == status]
            if records:
                body = _formatted(records, writer.get("WriterConfig") or {})
                key = f"{folder}/{status}_0.json"
                storage.put_object(Bucket=bucket, Key=key, Body=body)
                listed.append({"Key": key, "Size": len(body)})
        manifest = {"DestinationBucket": bucket, "MapRunArn": map_run, "ResultFiles": files}
        storage.put_object(Bucket=bucket, Key=f"{folder}/manifest.json", Body=json.dumps(manifest).encode())
    except ClientError as error:
        details = error.response["Error"]
        cause = f"S3.{details['Code']}: {details['Message']} (s3://{bucket}/{folder})"
        raise inside("services.stepfunctions", "_ExecutionError")("States.ResultWriterFailed", cause) from error
    return {"Bucket": bucket, "Key": f"{folder}/manifest.json"}


def _formatted(children: list[dict[str, Any]], settings: dict[str, Any]) -> bytes:
    records: list[Any] = [{name: child[key] for key, name in _RECORDED.items() if child.get(key)} for child in children]
    if settings.get("Transformation", "NONE") != "NONE":
        records = [json.loads(record["Output"]) if "Output" in record else record for record in records]
    if settings.get("Transformation") == "FLATTEN":
        records = [part for record in records for part in (record if isinstance(record, list) else [record])]
    if settings.get("OutputType") == "JSONL":
        return "".join(json.dumps(record) + "\n" for record in records).encode()
    return json.dumps(records).encode()
