"""The API of evaluation jobs: jobs are checked, started, followed, listed and stopped."""

import contextvars
import re
import threading
from typing import Any

from local.emulator.base.http import Reply, Request, ServiceError, reply, serve
from local.emulator.base.identity import assume, require_caller
from local.emulator.base.internals import scope
from local.emulator.bedrock import evaluation_jobs, model_tags
from local.emulator.bedrock.evaluation_jobs import SERVICE, TASK_TYPE, VARIABLE, judge_of, metric_of
from local.emulator.bedrock.models import Registry, listed, new_arn, public, record_of, stop
from local.emulator.bedrock.upstream import Upstream
from local.emulator.foundation import catalogue
from local.emulator.knowledge.knowledge_bases import now

# botocore model: EvaluationJobName, EvaluationPrecomputedInferenceSourceIdentifier
_NAME = re.compile(r"[a-z0-9](-*[a-z0-9]){0,62}")
_SOURCE = re.compile(r"[a-zA-Z0-9]([a-zA-Z0-9._-]){0,255}")
_ENDED = ("Completed", "Failed", "Stopped", "Deleting")
_JOBS = Registry("evaluation-job", "jobName")


def install(upstream: Upstream | None) -> None:
    """Serve the API; `upstream` judges where it is given."""
    serve(
        "bedrock",
        [
            ("POST", r"^/evaluation-jobs$", lambda request: _create(request, upstream)),
            ("GET", r"^/evaluation-jobs$", _list),
            ("GET", r"^/evaluation-jobs/(.+)$", lambda _, identifier: reply(public(record_of(_JOBS, identifier)))),
            ("POST", r"^/evaluation-job/(.+)/stop$", _stop),
            ("POST", r"^/evaluation-jobs/batch-delete$", _delete),
        ],
    )


def _create(request: Request, upstream: Upstream | None) -> Reply:
    body = request.body
    for known in _JOBS.records.values():
        if body.get("clientRequestToken") and known["_token"] == body["clientRequestToken"]:
            return reply({"jobArn": known["jobArn"]}, 202)
    _check(body)
    arn = new_arn("evaluation-job")
    require_caller(request, "iam:PassRole", body["roleArn"], context={"iam:PassedToService": SERVICE})
    if body.get("jobTags"):
        require_caller(request, "bedrock:TagResource", arn, context=model_tags.requested(body["jobTags"]))
    assume(body["roleArn"], SERVICE, "BedrockEvaluation", arn)
    copied = ("jobName", "roleArn", "applicationType", "evaluationConfig", "inferenceConfig", "outputDataConfig")
    job = {
        "jobArn": arn,
        **{name: body[name] for name in copied},
        "jobType": "Automated",
        "status": "InProgress",
        "creationTime": now(),
        "lastModifiedTime": now(),
        "_token": body.get("clientRequestToken"),
        "_stop": threading.Event(),
    }
    _JOBS.records[arn] = job
    model_tags.keep(arn, body.get("jobTags"))
    threading.Thread(
        target=contextvars.copy_context().run, args=(evaluation_jobs.run, job, upstream), daemon=True
    ).start()
    return reply({"jobArn": arn}, 202)


def _check(body: dict[str, Any]) -> None:
    problems = []
    if not _NAME.fullmatch(body["jobName"]):
        problems.append(f"jobName {body['jobName']!r} must match {_NAME.pattern}")
    (model,) = body["inferenceConfig"]["models"]
    source = model.get("precomputedInferenceSource", {}).get("inferenceSourceIdentifier", "")
    if not _SOURCE.fullmatch(source):
        problems.append(f"inferenceSourceIdentifier {source!r} must match {_SOURCE.pattern}")
    automated = body["evaluationConfig"]["automated"]
    (configured,) = automated["datasetMetricConfigs"]
    if configured["taskType"] != TASK_TYPE:
        problems.append(f"taskType {configured['taskType']} is not supported for a job with a judge; use {TASK_TYPE}")
    metric, judge = metric_of(automated), judge_of(automated)
    if configured["metricNames"] != [metric["name"]] or len(metric["instructions"]) > 5000:
        problems.append("metricNames must name the custom metric, whose instructions have at most 5000 characters")
    if not {"prompt", "prediction"} <= set(VARIABLE.findall(metric["instructions"])):
        problems.append("the instructions must hold {{prompt}} and {{prediction}}")
    if not 1 <= len(metric.get("ratingScale", [])) <= 10:
        problems.append("ratingScale must have 1 to 10 items")
    if problems:
        raise ServiceError("ValidationException", "; ".join(problems))
    catalogue.check_callable(judge, scope()[1])
    if any(job["jobName"] == body["jobName"] for job in _JOBS.records.values()):
        raise ServiceError("ConflictException", f"The job name {body['jobName']} is already in use", 409)


def _stop(_: Request, identifier: str) -> Reply:
    stop(record_of(_JOBS, identifier), _ENDED)
    return reply({})


def _delete(request: Request) -> Reply:
    """botocore model: only jobs that have ended are deleted; each that is not has an error of its own."""
    deleted, errors = list[dict[str, str]](), list[dict[str, str]]()
    for identifier in request.body["jobIdentifiers"]:
        job = _JOBS.find(identifier)
        if job is None or job["status"] not in _ENDED:
            errors.append({"jobIdentifier": identifier, "code": "400" if job else "404", "message": "not deleted"})
            continue
        del _JOBS.records[job["jobArn"]]
        model_tags.forget(job["jobArn"])
        deleted.append({"jobIdentifier": identifier, "jobStatus": "Deleting"})
    return reply({"errors": errors, "evaluationJobs": deleted})


def _list(request: Request) -> Reply:
    page, following = listed(_JOBS, request, {"statusEquals": "status", "applicationTypeEquals": "applicationType"})
    shown = ("jobArn", "jobName", "status", "creationTime", "jobType", "applicationType")
    summaries = [{**{name: job[name] for name in shown}, "evaluationTaskTypes": [TASK_TYPE]} for job in page]
    return reply({"jobSummaries": summaries, **following})
