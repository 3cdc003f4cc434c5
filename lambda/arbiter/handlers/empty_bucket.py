"""The custom resource that empties a bucket before CloudFormation deletes it."""

import json
import time
from collections.abc import Mapping
from typing import Any, Protocol
from urllib.request import Request, urlopen

from arbiter import log
from arbiter.aws.versions import BucketVersions

# Time kept back for the answer: without one CloudFormation waits for an hour.
ANSWER_MILLISECONDS = 15_000
ANSWER_ATTEMPTS = 3
# CloudFormation refuses answers of more than 4096 bytes.
REASON_CHARACTERS = 1000


class Context(Protocol):
    """The time and the log of the invocation."""

    log_stream_name: str

    def get_remaining_time_in_millis(self) -> int: ...


def handler(event: Mapping[str, Any], context: Context) -> None:
    """Answer one request of CloudFormation, whatever happens."""
    try:
        answer = {"Status": "SUCCESS", "Data": {"Removed": _handle(event, context)}}
    except Exception as error:
        log.write("bucket not emptied", level="ERROR", request=event.get("RequestType"), reason=repr(error))
        reason = f"{error} (log stream {context.log_stream_name})"
        answer = {"Status": "FAILED", "Reason": reason[:REASON_CHARACTERS]}
    _answer(event, answer)


def _handle(event: Mapping[str, Any], context: Context) -> int:
    """Versions removed: none unless the resource is being deleted."""
    bucket = event["ResourceProperties"]["BucketName"]
    if event["RequestType"] != "Delete":
        return 0
    removed = BucketVersions.connect(bucket).remove_all(
        lambda: context.get_remaining_time_in_millis() > ANSWER_MILLISECONDS
    )
    log.write("bucket emptied", bucket=bucket, removed=removed)
    return removed


def _answer(event: Mapping[str, Any], answer: Mapping[str, Any]) -> None:
    identity = {name: event[name] for name in ("StackId", "RequestId", "LogicalResourceId")}
    body = json.dumps({**identity, "PhysicalResourceId": _physical_id(event), **answer}).encode()
    # The URL is signed for an empty content type.
    request = Request(event["ResponseURL"], data=body, method="PUT", headers={"Content-Type": ""})  # noqa: S310
    for attempt in range(1, ANSWER_ATTEMPTS + 1):
        try:
            urlopen(request, timeout=4).close()  # noqa: S310
            return
        except OSError as error:
            log.write("answer not taken", level="ERROR", attempt=attempt, reason=str(error))
            if attempt == ANSWER_ATTEMPTS:
                raise
            time.sleep(attempt / 2)


def _physical_id(event: Mapping[str, Any]) -> str:
    """An id that follows the bucket: with another bucket CloudFormation deletes the resource of the old one."""
    bucket = event.get("ResourceProperties", {}).get("BucketName")
    if event["RequestType"] == "Delete" or not bucket:
        return str(event.get("PhysicalResourceId") or event["LogicalResourceId"])
    return f"objects-of-{bucket}"
