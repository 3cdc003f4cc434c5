"""Resources and tags of calls of Bedrock, as policies are asked about them."""

import re
from typing import Any

from local.emulator.bedrock import model_tags, models

_MODEL_CALL = re.compile(r"^/model/(.+?)/(?:converse|converse-stream|invoke|invoke-with-response-stream)$")
_GUARDRAIL_CALL = re.compile(r"^/guardrail/(.+?)/version/")
_NAMED_BY_ARN = re.compile(
    r"^/(?:model-customization-jobs|custom-models|provisioned-model-throughput|inference-profiles|guardrails"
    r"|model-invocation-job|evaluation-jobs?|model-customization/custom-model-deployments)/(arn:.+?)(?:/stop)?$"
)
_NAMED_BY_ID = re.compile(
    r"^/(model-customization-jobs|custom-models|provisioned-model-throughput|model-invocation-job"
    r"|model-customization/custom-model-deployments)/([^/]+)(?:/stop)?$"
)
_RESOURCE_TYPES = {
    "model-customization-jobs": "model-customization-job",
    "custom-models": "custom-model",
    "provisioned-model-throughput": "provisioned-model",
    "model-invocation-job": "model-invocation-job",
    "model-customization/custom-model-deployments": "custom-model-deployment",
}
_TAGGING = ("/listTagsForResource", "/tagResource", "/untagResource")
_NAMING_MEMBERS = {
    "/model-customization/custom-model-deployments": "modelArn",
    "/model-customization-jobs": "baseModelIdentifier",
    "/provisioned-model-throughput": "modelId",
    "/model-invocation-job": "modelId",
}
_TAG_MEMBERS = ("tags", "jobTags", "customModelTags")


def runtime_resource(path: str, region: str, account: str) -> str | None:
    """The ARN of what a call of a model or of a guardrail acts on."""
    if match := _MODEL_CALL.match(path):
        return models.arns(match.group(1), region, account)[0]
    if match := _GUARDRAIL_CALL.match(path):
        name = match.group(1)
        return name if name.startswith("arn:") else f"arn:aws:bedrock:{region}:{account}:guardrail/{name}"
    return None


def resource(method: str, path: str, body: dict[str, Any], region: str, account: str) -> str | None:
    """The ARN of what another call of Bedrock acts on; `None` where the emulator knows by itself."""
    if path in _TAGGING:
        return str(body.get("resourceARN", "*"))
    if path == "/evaluation-jobs" and method == "POST":
        return f"arn:aws:bedrock:{region}:{account}:evaluation-job/new"
    if match := _NAMED_BY_ARN.match(path):
        return match.group(1)
    if match := _NAMED_BY_ID.match(path):
        # Named by its name or id: AWS checks the ARN behind it.
        kind = _RESOURCE_TYPES[match.group(1)]
        return models.arn_of(kind, match.group(2)) or f"arn:aws:bedrock:{region}:{account}:{kind}/{match.group(2)}"
    member = _NAMING_MEMBERS.get(path) if method == "POST" else None
    named = str(body.get(member, "")) if member else ""
    if not named:
        return None
    # Created from a model: that is the resource, a custom one by its ARN.
    return models.arn_of("custom-model", named) or models.arns(named, region, account)[0]


def tags(body: dict[str, Any]) -> dict[str, str]:
    """The `aws:RequestTag` conditions of a call: jobs name their tags in members of their own."""
    return model_tags.requested(*(body.get(name) for name in _TAG_MEMBERS))
