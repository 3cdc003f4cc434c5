"""Endpoints of models: on-demand deployments looked up by ARN, and the API of provisioned throughput."""

from datetime import UTC, datetime, timedelta
from typing import Any

from local.emulator.base import faults
from local.emulator.base.http import Reply, Request, ServiceError, reply, serve
from local.emulator.base.identity import require_caller
from local.emulator.base.internals import scope
from local.emulator.bedrock import model_tags
from local.emulator.bedrock.deployments import soon
from local.emulator.bedrock.models import (
    CUSTOM_MODELS,
    DEPLOYMENTS,
    THROUGHPUTS,
    check_name,
    listed,
    new_arn,
    public,
    record_of,
)
from local.emulator.foundation import catalogue
from local.emulator.knowledge.knowledge_bases import now
from local.emulator.language.tuning import TunedModel

_START_SECONDS = 0.5
_COMMITTED_DAYS = {"OneMonth": 30, "SixMonths": 182}


def install() -> None:
    """Serve the API of provisioned throughput."""
    one = r"^/provisioned-model-throughput"
    serve(
        "bedrock",
        [
            ("POST", one + r"$", _create),
            ("GET", r"^/provisioned-model-throughputs$", _list),
            ("GET", one + r"/(.+)$", lambda _, name: reply(public(record_of(THROUGHPUTS, name)))),
            ("PATCH", one + r"/(.+)$", _update),
            ("DELETE", one + r"/(.+)$", _delete),
        ],
    )


def served(arn: str) -> TunedModel | None:
    """The tuned model behind an endpoint, or `None` for provisioned throughput of a base model.

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


def _create(request: Request) -> Reply:
    body, arn = request.body, new_arn("provisioned-model")
    token = body.get("clientRequestToken")
    for known in THROUGHPUTS.records.values():
        if token and known["_token"] == token:
            return reply({"provisionedModelArn": known["provisionedModelArn"]}, 201)
    check_name(THROUGHPUTS, body["provisionedModelName"])
    model_arn, base_arn = _provisionable(body["modelId"])
    if body.get("tags"):
        require_caller(request, "bedrock:TagResource", arn, context=model_tags.requested(body.get("tags")))
    model_tags.keep(arn, body.get("tags"))
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
        "_token": token,
        **_commitment(body.get("commitmentDuration")),
    }
    soon(_START_SECONDS, _started, THROUGHPUTS, THROUGHPUTS.records[arn])
    return reply({"provisionedModelArn": arn}, 201)


def _started(record: dict[str, Any]) -> None:
    fault = faults.strike("throughput", name=record["provisionedModelName"])
    record.update({"status": "Failed", "failureMessage": fault["message"]} if fault else {"status": "InService"})
    record["lastModifiedTime"] = now()


def _commitment(duration: str | None) -> dict[str, str]:
    if duration is None:
        return {}
    end = datetime.now(UTC) + timedelta(days=_COMMITTED_DAYS[duration])
    return {"commitmentDuration": duration, "commitmentExpirationTime": end.isoformat()}


def _provisionable(identifier: str) -> tuple[str, str]:
    model = CUSTOM_MODELS.find(identifier)
    if model:
        return model["modelArn"], model["baseModelArn"]
    if not catalogue.is_known(identifier):
        raise ServiceError("ResourceNotFoundException", f"Could not find a model {identifier}", 404)
    arn = f"arn:aws:bedrock:{scope()[1]}::foundation-model/{identifier.rsplit('/', 1)[-1]}"
    return arn, arn


def _list(request: Request) -> Reply:
    page, following = listed(THROUGHPUTS, request, {"modelArnEquals": "modelArn", "statusEquals": "status"})
    summaries = [{key: value for key, value in public(record).items() if key != "failureMessage"} for record in page]
    return reply({"provisionedModelSummaries": summaries, **following})


def _update(request: Request, identifier: str) -> Reply:
    record, body = record_of(THROUGHPUTS, identifier), request.body
    if body.get("desiredProvisionedModelName"):
        record["provisionedModelName"] = body["desiredProvisionedModelName"]
    if body.get("desiredModelId"):
        record.update(status="Updating", desiredModelArn=_provisionable(body["desiredModelId"])[0])
        soon(_START_SECONDS, _updated, THROUGHPUTS, record)
    record["lastModifiedTime"] = now()
    return reply({})


def _updated(record: dict[str, Any]) -> None:
    record.update(status="InService", modelArn=record["desiredModelArn"], lastModifiedTime=now())


def _delete(_: Request, identifier: str) -> Reply:
    record = record_of(THROUGHPUTS, identifier)
    if record.get("commitmentDuration") in _COMMITTED_DAYS:
        message = "You can't delete a Provisioned Throughput before its commitment term is complete"
        raise ServiceError("ConflictException", message, 409)
    del THROUGHPUTS.records[record["provisionedModelArn"]]
    model_tags.forget(record["provisionedModelArn"])
    return reply({})
