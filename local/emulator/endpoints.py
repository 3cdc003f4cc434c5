"""Custom models and what serves them: on-demand deployments and provisioned throughput."""

import re
import threading
from typing import Any

from local.emulator.http import Reply, Request, ServiceError, reply, serve
from local.emulator.internals import scope
from local.emulator.knowledge_bases import now
from local.emulator.language.tuning import TunedModel
from local.emulator.models import CUSTOM_MODELS, DEPLOYMENTS, THROUGHPUTS, Registry, is_foundation_model, new_arn

_START_SECONDS = 0.5
_NAME = re.compile(r"([0-9a-zA-Z][_-]?){1,63}")


def install() -> None:
    """Serve the API."""
    deployments = r"^/model-customization/custom-model-deployments"
    serve(
        "bedrock",
        [
            ("GET", r"^/custom-models$", _list_models),
            ("GET", r"^/custom-models/(.+)$", lambda _, name: reply(_public(_find(CUSTOM_MODELS, name)))),
            ("DELETE", r"^/custom-models/(.+)$", _delete_model),
            ("POST", deployments + r"$", _create_deployment),
            ("GET", deployments + r"$", _list_deployments),
            ("GET", deployments + r"/(.+)$", lambda _, name: reply(_public(_find(DEPLOYMENTS, name)))),
            ("PATCH", deployments + r"/(.+)$", _update_deployment),
            ("DELETE", deployments + r"/(.+)$", _delete_deployment),
            ("POST", r"^/provisioned-model-throughput$", _create_throughput),
            ("GET", r"^/provisioned-model-throughputs$", _list_throughputs),
            ("GET", r"^/provisioned-model-throughput/(.+)$", lambda _, name: reply(_public(_find(THROUGHPUTS, name)))),
            ("PATCH", r"^/provisioned-model-throughput/(.+)$", _update_throughput),
            ("DELETE", r"^/provisioned-model-throughput/(.+)$", _delete_throughput),
        ],
    )


def served(arn: str) -> TunedModel | None:
    """What an endpoint serves: a tuned model, or `None` for provisioned throughput of a base model.

    Raises:
        ServiceError: when there is no such endpoint or it is not ready.
    """
    record = DEPLOYMENTS.records.get(arn) or THROUGHPUTS.records.get(arn)
    if record is None:
        raise ServiceError("ResourceNotFoundException", f"The model {arn} does not exist.", 404)
    if record["status"] not in ("Active", "InService"):
        raise ServiceError("ModelNotReadyException", f"The model {arn} is not ready for inference.", 429)
    model = CUSTOM_MODELS.records.get(record["modelArn"])
    return model["_learned"] if model else None


def _find(registry: Registry, identifier: str) -> dict[str, Any]:
    record = registry.find(identifier)
    if record is None:
        raise ServiceError("ResourceNotFoundException", f"Could not find {registry.kind} {identifier}", 404)
    return record


def _public(record: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in record.items() if not key.startswith("_")}


def _ready_soon(record: dict[str, Any], status: str) -> None:
    timer = threading.Timer(_START_SECONDS, lambda: record.update(status=status, lastUpdatedAt=now()))
    timer.daemon = True
    timer.start()


def _check_name(registry: Registry, name: str) -> None:
    if not _NAME.fullmatch(name):
        raise ServiceError("ValidationException", f"{registry.name_field} {name!r} must match {_NAME.pattern}")
    if any(record[registry.name_field] == name for record in registry.records.values()):
        raise ServiceError("ConflictException", f"The {registry.name_field} {name} is already in use", 409)


def _list_models(request: Request) -> Reply:
    names = ("modelArn", "modelName", "creationTime", "baseModelArn", "customizationType", "modelStatus")
    wanted = request.parameter("nameContains") or ""
    found = [model for model in CUSTOM_MODELS.records.values() if wanted in model["modelName"]]
    summaries = [
        {**{name: model[name] for name in names}, "baseModelName": model["baseModelArn"].rsplit("/", 1)[-1]}
        for model in found
    ]
    return reply({"modelSummaries": summaries})


def _delete_model(_: Request, identifier: str) -> Reply:
    arn = _find(CUSTOM_MODELS, identifier)["modelArn"]
    if any(
        record["modelArn"] == arn for registry in (DEPLOYMENTS, THROUGHPUTS) for record in registry.records.values()
    ):
        raise ServiceError("ConflictException", "The model is in use by a deployment or provisioned throughput", 409)
    del CUSTOM_MODELS.records[arn]
    return reply({})


def _create_deployment(request: Request) -> Reply:
    body = request.body
    token = body.get("clientRequestToken")
    for known in DEPLOYMENTS.records.values():
        if token and known["_token"] == token:
            return reply({"customModelDeploymentArn": known["customModelDeploymentArn"]}, 202)
    _check_name(DEPLOYMENTS, body["modelDeploymentName"])
    model = _find(CUSTOM_MODELS, body["modelArn"])
    arn = new_arn("custom-model-deployment")
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
    _ready_soon(DEPLOYMENTS.records[arn], "Active")
    return reply({"customModelDeploymentArn": arn}, 202)


def _list_deployments(request: Request) -> Reply:
    fields = ("customModelDeploymentArn", "modelArn", "createdAt", "status", "lastUpdatedAt")
    wanted, model = request.parameter("nameContains") or "", request.parameter("modelArnEquals")
    summaries = [
        {**{name: record[name] for name in fields}, "customModelDeploymentName": record["modelDeploymentName"]}
        for record in DEPLOYMENTS.records.values()
        if wanted in record["modelDeploymentName"] and model in (None, record["modelArn"])
    ]
    return reply({"modelDeploymentSummaries": summaries})


def _update_deployment(request: Request, identifier: str) -> Reply:
    record = _find(DEPLOYMENTS, identifier)
    model = _find(CUSTOM_MODELS, request.body["modelArn"])
    details = {"modelArn": model["modelArn"], "updateStatus": "UpdateCompleted"}
    record.update(modelArn=model["modelArn"], lastUpdatedAt=now(), updateDetails=details)
    return reply({"customModelDeploymentArn": record["customModelDeploymentArn"]}, 202)


def _delete_deployment(_: Request, identifier: str) -> Reply:
    del DEPLOYMENTS.records[_find(DEPLOYMENTS, identifier)["customModelDeploymentArn"]]
    return reply({})


def _create_throughput(request: Request) -> Reply:
    body, arn = request.body, new_arn("provisioned-model")
    _check_name(THROUGHPUTS, body["provisionedModelName"])
    model_arn, base_arn = _provisionable(body["modelId"])
    THROUGHPUTS.records[arn] = {
        "provisionedModelArn": arn,
        "provisionedModelName": body["provisionedModelName"],
        "modelArn": model_arn,
        "desiredModelArn": model_arn,
        "foundationModelArn": base_arn,
        "modelUnits": body["modelUnits"],
        "desiredModelUnits": body["modelUnits"],
        "status": "Creating",
        "creationTime": now(),
        "lastModifiedTime": now(),
    }
    _ready_soon(THROUGHPUTS.records[arn], "InService")
    return reply({"provisionedModelArn": arn}, 201)


def _provisionable(identifier: str) -> tuple[str, str]:
    model = CUSTOM_MODELS.find(identifier)
    if model:
        return model["modelArn"], model["baseModelArn"]
    if not is_foundation_model(identifier):
        raise ServiceError("ResourceNotFoundException", f"Could not find a model {identifier}", 404)
    arn = f"arn:aws:bedrock:{scope()[1]}::foundation-model/{identifier.rsplit('/', 1)[-1]}"
    return arn, arn


def _list_throughputs(_: Request) -> Reply:
    return reply({"provisionedModelSummaries": [_public(record) for record in THROUGHPUTS.records.values()]})


def _update_throughput(request: Request, identifier: str) -> Reply:
    record = _find(THROUGHPUTS, identifier)
    if request.body.get("desiredModelId"):
        model_arn = _provisionable(request.body["desiredModelId"])[0]
        record.update(modelArn=model_arn, desiredModelArn=model_arn, lastModifiedTime=now())
    return reply({})


def _delete_throughput(_: Request, identifier: str) -> Reply:
    del THROUGHPUTS.records[_find(THROUGHPUTS, identifier)["provisionedModelArn"]]
    return reply({})
