"""The API of model customization: jobs are checked, started, followed and stopped."""

import contextvars
import re
import threading
from typing import Any

from local.emulator.base.http import Reply, Request, ServiceError, reply, serve
from local.emulator.base.identity import assume, require_caller
from local.emulator.base.internals import scope
from local.emulator.bedrock import customization, model_tags
from local.emulator.bedrock.customization_data import SERVICE
from local.emulator.bedrock.models import CUSTOM_MODELS, JOBS, listed, new_arn, public, record_of
from local.emulator.foundation import catalogue
from local.emulator.knowledge.knowledge_bases import now

_TUNABLE = {
    "amazon.nova-micro-v1:0:128k",
    "amazon.nova-lite-v1:0:300k",
    "amazon.nova-pro-v1:0:300k",
    "amazon.nova-2-lite-v1:0:256k",
}
_RANGES = {"epochCount": (1, 5), "learningRate": (1e-6, 1e-4), "learningRateWarmupSteps": (0, 100), "batchSize": (1, 1)}
_JOB_NAME = re.compile(r"[a-zA-Z0-9](-*[a-zA-Z0-9+\-.]){0,62}")
_MODEL_NAME = re.compile(r"([0-9a-zA-Z][_-]?){1,63}")


def install() -> None:
    """Serve the API."""
    jobs = r"^/model-customization-jobs"
    serve(
        "bedrock",
        [
            ("POST", jobs + r"$", _create),
            ("GET", jobs + r"$", _list),
            ("POST", jobs + r"/(.+)/stop$", _stop),
            ("GET", jobs + r"/(.+)$", lambda _, identifier: reply(public(record_of(JOBS, identifier)))),
        ],
    )


def _create(request: Request) -> Reply:
    body = request.body
    for job in JOBS.records.values():
        if body.get("clientRequestToken") and job["_token"] == body["clientRequestToken"]:
            return reply({"jobArn": job["jobArn"]}, 201)  # AWS ignores a repeated token without an error
    base = body["baseModelIdentifier"].split("foundation-model/")[-1]
    _check(body, base)
    arn = new_arn("model-customization-job", base + "/")
    model_arn = arn.replace(":model-customization-job/", ":custom-model/")
    require_caller(request, "iam:PassRole", body["roleArn"], context={"iam:PassedToService": SERVICE})
    tagged = model_tags.requested(body.get("jobTags"), body.get("customModelTags"))
    for resource in (arn, model_arn):
        require_caller(request, "bedrock:CreateModelCustomizationJob", resource, context=tagged)
    for resource, tags in ((arn, body.get("jobTags")), (model_arn, body.get("customModelTags"))):
        if tags:
            require_caller(request, "bedrock:TagResource", resource, context=model_tags.requested(tags))
    assume(body["roleArn"], SERVICE, "BedrockModelCustomization", arn)
    job = _job(body, base, arn, model_arn)
    JOBS.records[arn] = job
    model_tags.keep(arn, body.get("jobTags"))
    threading.Thread(target=contextvars.copy_context().run, args=(customization.run, job), daemon=True).start()
    return reply({"jobArn": arn}, 201)


def _check(body: dict[str, Any], base: str) -> None:
    problems = []
    if base not in _TUNABLE:
        problems.append(f"baseModelIdentifier {base!r} cannot be fine-tuned; allowed: {', '.join(sorted(_TUNABLE))}")
    if not _JOB_NAME.fullmatch(body["jobName"]):
        problems.append(f"jobName {body['jobName']!r} must match {_JOB_NAME.pattern}")
    if not _MODEL_NAME.fullmatch(body["customModelName"]):
        problems.append(f"customModelName {body['customModelName']!r} must match {_MODEL_NAME.pattern}")
    if body.get("customizationType") == "DISTILLATION" and not _teacher(body):
        problems.append("customizationConfig.distillationConfig.teacherModelConfig.teacherModelIdentifier is missing")
    for name, value in (body.get("hyperParameters") or {}).items():
        problems.extend(_hyperparameter_problems(name, value))
    if problems:
        raise ServiceError("ValidationException", "; ".join(problems))
    if teacher := _teacher(body):
        catalogue.check_callable(teacher, scope()[1])
    if JOBS.find(body["jobName"]):
        raise ServiceError("ConflictException", f"The job name {body['jobName']} is already in use", 409)
    if CUSTOM_MODELS.find(body["customModelName"]):
        raise ServiceError("ConflictException", f"The model name {body['customModelName']} is already in use", 409)


def _teacher(body: dict[str, Any]) -> str | None:
    configuration = (body.get("customizationConfig") or {}).get("distillationConfig") or {}
    teacher: str | None = (configuration.get("teacherModelConfig") or {}).get("teacherModelIdentifier")
    return teacher


def _hyperparameter_problems(name: str, value: str) -> list[str]:
    if name not in _RANGES:
        return [f"hyperparameter {name} is unknown; allowed: {', '.join(_RANGES)}"]
    low, high = _RANGES[name]
    try:
        number = float(value)
    except ValueError:
        return [f"hyperparameter {name}={value!r} is not a number"]
    return [] if low <= number <= high else [f"hyperparameter {name}={value} is outside {low:g} to {high:g}"]


def _job(body: dict[str, Any], base: str, arn: str, model_arn: str) -> dict[str, Any]:
    return {
        "jobArn": arn,
        "jobName": body["jobName"],
        "outputModelName": body["customModelName"],
        "roleArn": body["roleArn"],
        "status": "InProgress",
        "creationTime": now(),
        "lastModifiedTime": now(),
        "baseModelArn": f"arn:aws:bedrock:{scope()[1]}::foundation-model/{base}",
        "hyperParameters": body.get("hyperParameters") or {},
        "trainingDataConfig": body["trainingDataConfig"],
        "validationDataConfig": body.get("validationDataConfig") or {"validators": []},
        "outputDataConfig": body["outputDataConfig"],
        "customizationType": body.get("customizationType", "FINE_TUNING"),
        **({"customizationConfig": body["customizationConfig"]} if body.get("customizationConfig") else {}),
        "_token": body.get("clientRequestToken"),
        "_model": model_arn,
        "_model_tags": body.get("customModelTags"),
        "_stop": threading.Event(),
    }


def _stop(_: Request, identifier: str) -> Reply:
    job = record_of(JOBS, identifier)
    if job["status"] != "InProgress":
        raise ServiceError("ConflictException", f"The job {job['jobName']} is {job['status']}", 409)
    job["status"] = "Stopping"
    job["_stop"].set()
    return reply({})


def _list(request: Request) -> Reply:
    fields = ("jobArn", "baseModelArn", "jobName", "status", "lastModifiedTime", "creationTime", "endTime")
    page, following = listed(JOBS, request, {"statusEquals": "status"})
    summaries = []
    for job in page:
        summary = {name: job[name] for name in (*fields, "statusDetails", "customizationType") if name in job}
        if "outputModelArn" in job:
            summary.update(customModelArn=job["outputModelArn"], customModelName=job["outputModelName"])
        summaries.append(summary)
    return reply({"modelCustomizationJobSummaries": summaries, **following})
