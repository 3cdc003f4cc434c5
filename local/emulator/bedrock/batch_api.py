"""The API of batch inference: jobs are checked, started, followed, listed and stopped."""

import contextvars
import re
import threading
from typing import Any

from local.emulator.base.http import Reply, Request, ServiceError, reply, serve
from local.emulator.base.identity import RoleSession, assume, require, require_caller
from local.emulator.base.internals import scope
from local.emulator.bedrock import batch, model_tags, models
from local.emulator.bedrock.batch import SERVICE
from local.emulator.bedrock.models import BATCH_JOBS, CUSTOM_MODELS, listed, new_arn, public, record_of, stop
from local.emulator.bedrock.upstream import Upstream
from local.emulator.foundation import catalogue
from local.emulator.knowledge.knowledge_bases import now

# botocore model: ModelInvocationJobName
_NAME = re.compile(r"[a-zA-Z0-9]{1,63}(-*[a-zA-Z0-9\+\-\.]){0,63}")
_HOURS = (24, 168)
_ENDED = ("Completed", "Failed", "Stopped", "PartiallyCompleted", "Expired")


def install(upstream: Upstream | None) -> None:
    """Serve the API; `upstream` generates where it is given."""
    one = r"^/model-invocation-job"
    serve(
        "bedrock",
        [
            ("POST", one + r"$", lambda request: _create(request, upstream)),
            ("POST", one + r"/(.+)/stop$", _stop),
            ("GET", one + r"/(.+)$", lambda _, identifier: reply(public(record_of(BATCH_JOBS, identifier)))),
            ("GET", r"^/model-invocation-jobs$", _list),
        ],
    )


def _create(request: Request, upstream: Upstream | None) -> Reply:
    body = request.body
    for known in BATCH_JOBS.records.values():
        if body.get("clientRequestToken") and known.get("clientRequestToken") == body["clientRequestToken"]:
            return reply({"jobArn": known["jobArn"]})
    _check(body)
    arn = new_arn("model-invocation-job")
    require_caller(request, "iam:PassRole", body["roleArn"], context={"iam:PassedToService": SERVICE})
    tagged = model_tags.requested(body.get("tags"))
    require_caller(request, "bedrock:CreateModelInvocationJob", arn, context=tagged)
    if tagged:
        require_caller(request, "bedrock:TagResource", arn, context=tagged)
    _check_profile(request, assume(body["roleArn"], SERVICE, "BedrockBatchInference", arn), body["modelId"])
    job = _job(body, arn)
    BATCH_JOBS.records[arn] = job
    model_tags.keep(arn, body.get("tags"))
    threading.Thread(target=contextvars.copy_context().run, args=(batch.run, job, upstream), daemon=True).start()
    return reply({"jobArn": arn})


def _check(body: dict[str, Any]) -> None:
    problems = []
    if not _NAME.fullmatch(body["jobName"]):
        problems.append(f"jobName {body['jobName']!r} must match {_NAME.pattern}")
    hours = body.get("timeoutDurationInHours")
    if hours is not None and not _HOURS[0] <= hours <= _HOURS[1]:
        problems.append(f"timeoutDurationInHours {hours} is outside {_HOURS[0]} to {_HOURS[1]}")
    if problems:
        raise ServiceError("ValidationException", "; ".join(problems))
    if body["modelId"] not in CUSTOM_MODELS.records:
        catalogue.check_callable(body["modelId"], scope()[1])
    if any(job["jobName"] == body["jobName"] for job in BATCH_JOBS.records.values()):
        raise ServiceError("ConflictException", f"The job name {body['jobName']} is already in use", 409)


def _check_profile(request: Request, role: RoleSession, model_id: str) -> None:
    """docs: through an inference profile, the caller names its models, and the service role invokes them."""
    account, region = scope()
    named, behind = models.arns(model_id, region, account)
    context = {"bedrock:InferenceProfileArn": named}
    tagged = model_tags.requested(request.body.get("tags"))
    for arn in behind:
        require_caller(request, "bedrock:CreateModelInvocationJob", arn, context={**context, **tagged})
    for arn in (named, *behind) if behind else ():
        require(role, "bedrock:InvokeModel", arn, context=context)


def _job(body: dict[str, Any], arn: str) -> dict[str, Any]:
    copied = ("jobName", "roleArn", "modelId", "inputDataConfig", "outputDataConfig")
    optional = ("clientRequestToken", "timeoutDurationInHours", "vpcConfig")
    return {
        "jobArn": arn,
        **{name: body[name] for name in copied},
        **{name: body[name] for name in optional if name in body},
        "modelInvocationType": body.get("modelInvocationType", "InvokeModel"),
        "status": "Submitted",
        "submitTime": now(),
        "lastModifiedTime": now(),
        "totalRecordCount": 0,
        "processedRecordCount": 0,
        "successRecordCount": 0,
        "errorRecordCount": 0,
        "_stop": threading.Event(),
    }


def _stop(_: Request, identifier: str) -> Reply:
    stop(record_of(BATCH_JOBS, identifier), _ENDED)
    return reply({})


def _list(request: Request) -> Reply:
    page, following = listed(BATCH_JOBS, request, {"statusEquals": "status"})
    return reply({"invocationJobSummaries": [public(job) for job in page], **following})
