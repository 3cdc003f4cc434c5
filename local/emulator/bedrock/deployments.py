"""Custom models, and the deployments that serve them on demand: created, updated in place, deleted."""

import threading
from collections.abc import Callable
from typing import Any

from local.emulator.base import faults
from local.emulator.base.http import Reply, Request, ServiceError, reply, serve
from local.emulator.base.identity import require_caller
from local.emulator.bedrock import model_tags
from local.emulator.bedrock.models import (
    CUSTOM_MODELS,
    DEPLOYMENTS,
    THROUGHPUTS,
    Registry,
    check_name,
    listed,
    new_arn,
    public,
    record_of,
)
from local.emulator.knowledge.knowledge_bases import now

_START_SECONDS = 0.5
_UPDATE_SECONDS = 0.3
_MOST = 10
"""Deployments of an account, as seen in Service Quotas of a new one."""
_HELD_AS = {DEPLOYMENTS.kind: "deployment", THROUGHPUTS.kind: "throughput"}


def install() -> None:
    """Serve the API."""
    deployments = r"^/model-customization/custom-model-deployments"
    serve(
        "bedrock",
        [
            ("GET", r"^/custom-models$", _list_models),
            ("GET", r"^/custom-models/(.+)$", lambda _, name: reply(public(record_of(CUSTOM_MODELS, name)))),
            ("DELETE", r"^/custom-models/(.+)$", _delete_model),
            ("POST", deployments + r"$", _create),
            ("GET", deployments + r"$", _list),
            ("GET", deployments + r"/(.+)$", lambda _, name: reply(public(record_of(DEPLOYMENTS, name)))),
            ("PATCH", deployments + r"/(.+)$", _update),
            ("DELETE", deployments + r"/(.+)$", _delete),
        ],
    )


def _list_models(request: Request) -> Reply:
    names = ("modelArn", "modelName", "creationTime", "baseModelArn", "customizationType", "modelStatus")
    filters = {"modelStatus": "modelStatus", "baseModelArnEquals": "baseModelArn"}
    page, following = listed(CUSTOM_MODELS, request, filters)
    summaries = [
        {**{name: model[name] for name in names}, "baseModelName": model["baseModelArn"].rsplit("/", 1)[-1]}
        for model in page
    ]
    return reply({"modelSummaries": summaries, **following})


def _delete_model(_: Request, identifier: str) -> Reply:
    arn = record_of(CUSTOM_MODELS, identifier)["modelArn"]
    hosted = [*DEPLOYMENTS.records.values(), *THROUGHPUTS.records.values()]
    if any(arn in (record["modelArn"], (record.get("updateDetails") or {}).get("modelArn")) for record in hosted):
        raise ServiceError("ConflictException", "The model is in use by a deployment or provisioned throughput", 409)
    del CUSTOM_MODELS.records[arn]
    model_tags.forget(arn)
    return reply({})


def _create(request: Request) -> Reply:
    body = request.body
    token = body.get("clientRequestToken")
    for known in DEPLOYMENTS.records.values():
        if token and known["_token"] == token:
            return reply({"customModelDeploymentArn": known["customModelDeploymentArn"]}, 202)
    check_name(DEPLOYMENTS, body["modelDeploymentName"])
    model = record_of(CUSTOM_MODELS, body["modelArn"])
    most = (faults.ordered("quota", what="deployment") or {"limit": _MOST})["limit"]
    if len(DEPLOYMENTS.records) >= most:
        text = f"Your account has reached the quota of {most} on-demand custom model deployments"
        raise ServiceError("ServiceQuotaExceededException", text)
    arn = new_arn("custom-model-deployment")
    if body.get("tags"):
        require_caller(request, "bedrock:TagResource", arn, context=model_tags.requested(body.get("tags")))
    model_tags.keep(arn, body.get("tags"))
    DEPLOYMENTS.records[arn] = {
        "customModelDeploymentArn": arn,
        "modelDeploymentName": body["modelDeploymentName"],
        "modelArn": model["modelArn"],
        "createdAt": now(),
        "lastUpdatedAt": now(),
        "status": "Creating",
        "_token": token,
        **({"description": body["description"]} if body.get("description") else {}),
    }
    soon(_START_SECONDS, _started, DEPLOYMENTS, DEPLOYMENTS.records[arn])
    return reply({"customModelDeploymentArn": arn}, 202)


def _started(record: dict[str, Any]) -> None:
    fault = faults.strike("deployment", name=record["modelDeploymentName"])
    record.update({"status": "Failed", "failureMessage": fault["message"]} if fault else {"status": "Active"})
    record["lastUpdatedAt"] = now()


def _list(request: Request) -> Reply:
    fields = ("customModelDeploymentArn", "modelArn", "createdAt", "status", "lastUpdatedAt", "failureMessage")
    page, following = listed(DEPLOYMENTS, request, {"modelArnEquals": "modelArn", "statusEquals": "status"})
    summaries = [
        {
            **{name: record[name] for name in fields if name in record},
            "customModelDeploymentName": record["modelDeploymentName"],
        }
        for record in page
    ]
    return reply({"modelDeploymentSummaries": summaries, **following})


def _update(request: Request, identifier: str) -> Reply:
    """The model before goes on serving until the update is complete."""
    record, model = record_of(DEPLOYMENTS, identifier), record_of(CUSTOM_MODELS, request.body["modelArn"])
    require_caller(request, "bedrock:UpdateCustomModelDeployment", model["modelArn"])
    if record["status"] != "Active":
        message = f"The deployment {identifier} is {record['status']}: only an Active one can be updated"
        raise ServiceError("ValidationException", message)
    if (record.get("updateDetails") or {}).get("updateStatus") == "Updating":
        raise ServiceError("ValidationException", f"An update of the deployment {identifier} is in progress")
    details = {"modelArn": model["modelArn"], "updateStatus": "Updating"}
    record.update(lastUpdatedAt=now(), updateDetails=details)
    soon(_UPDATE_SECONDS, _updated, DEPLOYMENTS, record)
    return reply({"customModelDeploymentArn": record["customModelDeploymentArn"]}, 202)


def _updated(record: dict[str, Any]) -> None:
    details = record["updateDetails"]
    if faults.strike("deployment", name=record["modelDeploymentName"]):
        record.update(lastUpdatedAt=now(), updateDetails={**details, "updateStatus": "UpdateFailed"})
        return
    completed = {**details, "updateStatus": "UpdateCompleted"}
    record.update(modelArn=details["modelArn"], lastUpdatedAt=now(), updateDetails=completed)


def _delete(_: Request, identifier: str) -> Reply:
    arn = record_of(DEPLOYMENTS, identifier)["customModelDeploymentArn"]
    del DEPLOYMENTS.records[arn]
    model_tags.forget(arn)
    return reply({})


def soon(seconds: float, change: Callable[[dict[str, Any]], None], registry: Registry, record: dict[str, Any]) -> None:
    """Change a record a little later, as AWS does with what it makes."""

    def go_on() -> None:
        faults.wait_while_held(_HELD_AS[registry.kind], record[registry.name_field])
        change(record)

    timer = threading.Timer(seconds, go_on)
    timer.daemon = True
    timer.start()
