"""Tags of custom models, of the jobs that make them and of what hosts them: listed, and seen by policies."""

from collections.abc import Callable
from typing import Any

from local.emulator.base.http import Reply, Request, ServiceError, reply, serve
from local.emulator.base.internals import replace

_KINDS = (
    "model-customization-job",
    "model-invocation-job",
    "evaluation-job",
    "custom-model",
    "custom-model-deployment",
    "provisioned-model",
)
_tags: dict[str, dict[str, str]] = {}


def install() -> None:
    """Serve the tags of these resources, and tell policies what `aws:ResourceTag` holds."""
    serve("bedrock", [("POST", r"^/listTagsForResource$", _list), ("POST", r"^/tagResource$", _add)])
    replace("services.tagging", "resource_tags", _with_models)


def keep(arn: str, tags: list[dict[str, str]] | None) -> None:
    """Remember the tags that a resource was made with."""
    _tags[arn] = {tag["key"]: tag["value"] for tag in tags or ()}


def of(arn: str) -> dict[str, str]:
    """The tags that a resource bears, none where it is of another kind."""
    return _tags.get(arn, {})


def requested(*lists: list[dict[str, str]] | None) -> dict[str, str]:
    """Make the `aws:RequestTag` conditions of the tags that something is to be made with."""
    return {f"aws:requesttag/{tag['key']}".lower(): tag["value"] for tags in lists for tag in tags or ()}


def forget(arn: str) -> None:
    """Forget a resource that is gone."""
    _tags.pop(arn, None)


def _list(request: Request) -> Reply | None:
    tags = _tags_of(request)
    return None if tags is None else reply({"tags": [{"key": key, "value": value} for key, value in tags.items()]})


def _add(request: Request) -> Reply | None:
    tags = _tags_of(request)
    if tags is None:
        return None
    tags.update({tag["key"]: tag["value"] for tag in request.body["tags"]})
    return reply({})


def _tags_of(request: Request) -> dict[str, str] | None:
    """The tags of the resource that is asked about; `None` when it is of another kind."""
    arn = str(request.body.get("resourceARN", ""))
    if not any(f":{kind}/" in arn for kind in _KINDS):
        return None
    if arn not in _tags:
        raise ServiceError("ResourceNotFoundException", f"The resource {arn} does not exist.", 404)
    return _tags[arn]


def _with_models(original: Callable[[str], Any]) -> Callable[[str], Any]:
    def tags(arn: str) -> Any:
        return _tags[arn] if arn in _tags else original(arn)

    return tags
