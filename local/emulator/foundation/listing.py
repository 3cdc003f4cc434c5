"""Foundation models and inference profiles as Bedrock lists them: of one region, without what has ended."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from local.emulator.base.http import Reply, Request, Route, ServiceError, reply, serve
from local.emulator.base.internals import scope
from local.emulator.foundation import access, catalogue
from local.emulator.foundation.catalogue import MODELS, PROFILES, Model

_PROVIDERS = {"amazon": "Amazon", "anthropic": "Anthropic", "cohere": "Cohere", "deepseek": "DeepSeek", "meta": "Meta"}
_PROVIDERS |= {"mistral": "Mistral AI", "openai": "OpenAI"}
_NAMES = {
    "amazon.rerank-v1:0": "Rerank 1.0",
    "amazon.titan-embed-text-v1": "Titan Embeddings G1 - Text",
    "amazon.titan-embed-text-v2:0": "Titan Text Embeddings V2",
    "anthropic.claude-haiku-4-5-20251001-v1:0": "Claude Haiku 4.5",
    "anthropic.claude-opus-4-1-20250805-v1:0": "Claude Opus 4.1",
    "anthropic.claude-opus-4-5-20251101-v1:0": "Claude Opus 4.5",
    "anthropic.claude-sonnet-4-5-20250929-v1:0": "Claude Sonnet 4.5",
    "meta.llama3-1-8b-instruct-v1:0": "Llama 3.1 8B Instruct",
    "meta.llama3-1-70b-instruct-v1:0": "Llama 3.1 70B Instruct",
    "meta.llama3-3-70b-instruct-v1:0": "Llama 3.3 70B Instruct",
}
"""Names for people where an id does not spell them."""
_CUSTOMISED = {
    "amazon.nova-micro-v1:0": ":128k",
    "amazon.nova-lite-v1:0": ":300k",
    "amazon.nova-pro-v1:0": ":300k",
    "amazon.nova-2-lite-v1:0": ":256k",
}
"""The context size by which the model that is customised is listed beside the one that is called."""


def install() -> None:
    """Serve ListFoundationModels, GetFoundationModel and ListInferenceProfiles."""
    routes: list[Route] = [
        ("GET", r"^/foundation-models$", _list),
        ("GET", r"^/foundation-models/(.+)$", _get),
        ("GET", r"^/inference-profiles$", _list_profiles),
    ]
    serve("bedrock", routes)


def name_of(identifier: str) -> str:
    """A model's name for people, without its provider."""
    if identifier in _NAMES:
        return _NAMES[identifier]
    words = identifier.partition(".")[2].partition(":")[0].split("-")
    return " ".join(word.capitalize() for word in words if word not in ("v1", "1"))


def provider_of(identifier: str) -> str:
    """The name of a model's provider."""
    return _PROVIDERS[identifier.partition(".")[0]]


def available() -> Iterator[tuple[str, Model]]:
    """The models that have not ended, Legacy ones among them."""
    today = date.today()  # noqa: DTZ011 - a day is exact enough
    yield from ((identifier, model) for identifier, model in MODELS.items() if not model.ended or model.ended > today)


def profiles(identifier: str, region: str) -> list[str]:
    """The prefixes of a model's inference profiles in a region; models that need none have one all the same."""
    served = MODELS[identifier].profile_only or identifier in _CUSTOMISED
    return [prefix for prefix, regions in PROFILES.items() if served and region.startswith(regions)]


def _list(request: Request) -> Reply:
    wanted = {
        "customizationsSupported": request.parameter("byCustomizationType"),
        "inferenceTypesSupported": request.parameter("byInferenceType"),
        "outputModalities": request.parameter("byOutputModality"),
    }
    listed = [
        summary
        for summary in _summaries()
        if request.parameter("byProvider") in (None, summary["providerName"])
        and all(value is None or value in summary[member] for member, value in wanted.items())
    ]
    return reply({"modelSummaries": listed})


def _get(_: Request, identifier: str) -> Reply:
    wanted = identifier.rsplit("/", 1)[-1]
    details = next((summary for summary in _summaries() if summary["modelId"] == wanted), None)
    if details is None:
        raise ServiceError("ValidationException", "The provided model identifier is invalid.")
    return reply({"modelDetails": details})


def _summaries() -> Iterator[dict[str, Any]]:
    for identifier, model in available():
        yield _summary(identifier, model, [], _called(identifier, model))
        if size := _CUSTOMISED.get(identifier):
            teaching = ["FINE_TUNING", "DISTILLATION"]
            yield _summary(identifier + size, model, teaching, ["PROVISIONED"])


def _called(identifier: str, model: Model) -> list[str]:
    only = model.profile_only or access.missing(identifier) == "profile"
    return ["INFERENCE_PROFILE"] if only else ["ON_DEMAND"]


def _summary(identifier: str, model: Model, customised: list[str], called: list[str]) -> dict[str, Any]:
    own = catalogue.model_of(identifier)
    legacy = model.ended is not None or access.missing(own) == "legacy"
    lifecycle: dict[str, Any] = {"status": "LEGACY" if legacy else "ACTIVE"}
    if model.ended:
        lifecycle["endOfLifeTime"] = f"{model.ended.isoformat()}T00:00:00Z"
    return {
        "modelArn": f"arn:aws:bedrock:{scope()[1]}::foundation-model/{identifier}",
        "modelId": identifier,
        "modelName": name_of(own),
        "providerName": provider_of(own),
        "inputModalities": ["TEXT"],
        "outputModalities": ["EMBEDDING"] if "embed" in own else ["TEXT"],
        "responseStreamingSupported": "embed" not in own and "rerank" not in own,
        "customizationsSupported": customised,
        "inferenceTypesSupported": called,
        "modelLifecycle": lifecycle,
    }


def _list_profiles(request: Request) -> Reply | None:
    """Profiles that AWS defines; those of applications are the emulator's own."""
    if request.parameter("type") == "APPLICATION":
        return None
    account, region = scope()
    summaries = [
        {
            "inferenceProfileName": f"{prefix.rstrip('.').upper()} {provider_of(identifier)} {name_of(identifier)}",
            "inferenceProfileId": f"{prefix}{identifier}",
            "inferenceProfileArn": f"arn:aws:bedrock:{region}:{account}:inference-profile/{prefix}{identifier}",
            "models": [{"modelArn": f"arn:aws:bedrock:{region}::foundation-model/{identifier}"}],
            "status": "ACTIVE",
            "type": "SYSTEM_DEFINED",
        }
        for identifier, _ in available()
        for prefix in profiles(identifier, region)
    ]
    start = int(request.parameter("nextToken") or 0)
    end = start + int(request.parameter("maxResults") or 100)
    following = {"nextToken": str(end)} if end < len(summaries) else {}
    return reply({"inferenceProfileSummaries": summaries[start:end], **following})
