"""Model identifiers: what a caller may name, the ARN behind it, and the custom models and endpoints made here."""

import re
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from local.emulator.base.http import Request, ServiceError
from local.emulator.base.internals import inside, scope
from local.emulator.foundation import catalogue


@dataclass
class Registry:
    """Records of one kind, by ARN."""

    kind: str
    name_field: str
    records: dict[str, dict[str, Any]] = field(default_factory=dict)

    def find(self, identifier: str) -> dict[str, Any] | None:
        """The record with this ARN, name or id."""
        for arn, record in self.records.items():
            if identifier in (arn, record.get(self.name_field)) or arn.endswith("/" + identifier):
                return record
        return None


JOBS = Registry("model-customization-job", "jobName")
CUSTOM_MODELS = Registry("custom-model", "modelName")
DEPLOYMENTS = Registry("custom-model-deployment", "modelDeploymentName")
THROUGHPUTS = Registry("provisioned-model", "provisionedModelName")
BATCH_JOBS = Registry("model-invocation-job", "jobName")
_REGISTRIES = {registry.kind: registry for registry in (JOBS, CUSTOM_MODELS, DEPLOYMENTS, THROUGHPUTS, BATCH_JOBS)}
_ARN_FIELDS = {
    "model-customization-job": "jobArn",
    "custom-model": "modelArn",
    "custom-model-deployment": "customModelDeploymentArn",
    "provisioned-model": "provisionedModelArn",
    "model-invocation-job": "jobArn",
}
_NAME = re.compile(r"([0-9a-zA-Z][_-]?){1,63}")
_DEFAULT_PAGE = 100


def record_of(registry: Registry, identifier: str) -> dict[str, Any]:
    """The record with this ARN, name or id.

    Raises:
        ServiceError: when there is none.
    """
    record = registry.find(identifier)
    if record is None:
        raise ServiceError("ResourceNotFoundException", f"Could not find {registry.kind} {identifier}", 404)
    return record


def stop(job: dict[str, Any], ended: Iterable[str]) -> None:
    """Ask a job at work to stop.

    Raises:
        ServiceError: when it has ended, or was asked before.
    """
    if job["status"] in (*ended, "Stopping"):
        raise ServiceError("ConflictException", f"The job {job['jobName']} is {job['status']}", 409)
    job["status"] = "Stopping"
    job["_stop"].set()


def public(record: dict[str, Any]) -> dict[str, Any]:
    """A record as the API shows it."""
    return {key: value for key, value in record.items() if not key.startswith("_")}


def check_name(registry: Registry, name: str) -> None:
    """Refuse a name that is malformed or taken."""
    if not _NAME.fullmatch(name):
        raise ServiceError("ValidationException", f"{registry.name_field} {name!r} must match {_NAME.pattern}")
    if any(record[registry.name_field] == name for record in registry.records.values()):
        raise ServiceError("ConflictException", f"The {registry.name_field} {name} is already in use", 409)


def listed(
    registry: Registry, request: Request, filters: dict[str, str]
) -> tuple[list[dict[str, Any]], dict[str, str]]:
    """A page of records, newest first unless asked otherwise, and the token of the next; `filters` by query member."""
    records = [
        record
        for record in registry.records.values()
        if (request.parameter("nameContains") or "") in record[registry.name_field]
        and all(request.parameter(name) in (None, record.get(field)) for name, field in filters.items())
    ]
    if request.parameter("sortOrder") != "Ascending":
        records.reverse()
    start = int(request.parameter("nextToken") or 0)
    end = start + int(request.parameter("maxResults") or _DEFAULT_PAGE)
    return records[start:end], {"nextToken": str(end)} if end < len(records) else {}


def new_arn(kind: str, prefix: str = "") -> str:
    """A fresh ARN of this kind; custom models and their jobs carry the base model's id in it."""
    account, region = scope()
    return f"arn:aws:bedrock:{region}:{account}:{kind}/{prefix}{uuid.uuid4().hex[:12]}"


def arn_of(kind: str, identifier: str) -> str | None:
    """The ARN of a record named by ARN, name or id."""
    record = _REGISTRIES[kind].find(identifier)
    return str(record[_ARN_FIELDS[kind]]) if record else None


def arns(identifier: str, region: str, account: str) -> tuple[str, list[str]]:
    """The ARN that the caller names, and the foundation models behind it."""
    if identifier.startswith("arn:"):
        named = identifier
    elif identifier.startswith(tuple(catalogue.PROFILES)):
        named = f"arn:aws:bedrock:{region}:{account}:inference-profile/{identifier}"
    else:
        named = f"arn:aws:bedrock:{region}::foundation-model/{identifier}"
    if ":application-inference-profile/" in named:
        profile = inside("services.bedrock", "_inference_profiles_apps").get(named.rsplit("/", 1)[-1]) or {}
        return named, [model.get("modelArn") or model["ModelArn"] for model in profile.get("Models", [])]
    if ":inference-profile/" in named:
        model = named.rsplit("/", 1)[-1].partition(".")[2]
        return named, [f"arn:aws:bedrock:{region}::foundation-model/{model}"]
    return named, []


def base_of(identifier: str) -> str:
    """The foundation model's id behind anything that can be invoked: a model, a profile, an endpoint of either."""
    hosted = DEPLOYMENTS.records.get(identifier) or THROUGHPUTS.records.get(identifier)
    arn = str(hosted["modelArn"]) if hosted else identifier
    custom = CUSTOM_MODELS.records.get(arn)
    if custom:
        return catalogue.model_of(custom["baseModelArn"])
    account, region = scope()
    named, behind = arns(arn, region, account)
    return catalogue.model_of((behind or [named])[0])
