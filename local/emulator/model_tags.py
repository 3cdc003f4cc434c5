"""Tags of custom models, of the jobs that make them and of what hosts them: listed, and seen by policies."""

from collections.abc import Callable
from typing import Any

from local.emulator.http import Reply, Request, ServiceError, reply, serve
from local.emulator.internals import replace

_KINDS = (
    "model-customization-job",
    "model-invocation-job",
    "custom-model",
    "custom-model-deployment",
    "provisioned-model",
)
_tags: dict[str, dict[str, str]] = {}


def install() -> None:
    """Serve ListTagsForResource for these resources, and tell policies what `aws:ResourceTag` holds."""
    serve("bedrock", [("POST", r"^/listTagsForResource$", _list)])
    replace("services.tagging", "resource_tags", _with_models)


def keep(arn: str, tags: list[dict[str, str]] | None) -> None:
    """Remember the tags that a resource was made with."""
    _tags[arn] = {tag["key"]: tag["value"] for tag in tags or ()}


def forget(arn: str) -> None:
    """Forget a resource that is gone."""
    _tags.pop(arn, None)


def _list(request: Request) -> Reply | None:
    arn = str(request.body.get("resourceARN", ""))
    if not any(f":{kind}/" in arn for kind in _KINDS):
        return None
    if arn not in _tags:
        raise ServiceError("ResourceNotFoundException", f"The resource {arn} does not exist.", 404)
    return reply({"tags": [{"key": key, "value": value} for key, value in _tags[arn].items()]})


def _with_models(original: Callable[[str], Any]) -> Callable[[str], Any]:
    def tags(arn: str) -> Any:
        return _tags[arn] if arn in _tags else original(arn)

    return tags
