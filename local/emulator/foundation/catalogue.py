"""Amazon Bedrock's models as of 2026-11-28, as far as they are used here: the names, dates and limits that AWS holds.

Sources: the model cards and the lifecycle pages of the Bedrock user guide; error messages as AWS was seen to send them.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from local.emulator.base.http import ServiceError


@dataclass(frozen=True, kw_only=True)
class Model:
    """A foundation model: its limits in tokens, how it may be named, and when it ended."""

    context: int = 128_000
    output: int = 8_192
    profile_only: bool = False
    """On-demand throughput only through an inference profile."""
    in_region: tuple[str, ...] = ()
    """Where it has on-demand throughput under its own id all the same."""
    sampling: bool = True
    """Whether temperature and topP are accepted."""
    thinks: bool = False
    """Whether a reasoning block comes before the answer."""
    ended: date | None = None


_NOVA: dict[str, Any] = {"context": 300_000, "output": 10_000}
_CLAUDE: dict[str, Any] = {"context": 200_000, "output": 64_000, "profile_only": True}
_LLAMA = Model(profile_only=True)
_LLAMA_3_1 = Model(profile_only=True, in_region=("us-west-2",))
_GPT_OSS = Model(output=32_768)

MODELS: dict[str, Model] = {
    "amazon.nova-micro-v1:0": Model(context=128_000, output=10_000),
    "amazon.nova-lite-v1:0": Model(**_NOVA),
    "amazon.nova-pro-v1:0": Model(**_NOVA),
    "amazon.nova-premier-v1:0": Model(profile_only=True, ended=date(2026, 9, 14)),
    "amazon.nova-2-lite-v1:0": Model(context=1_000_000, output=64_000, profile_only=True),
    "amazon.titan-embed-text-v1": Model(context=8_192),
    "amazon.titan-embed-text-v2:0": Model(context=8_192),
    "cohere.embed-english-v3": Model(context=512),
    "cohere.embed-multilingual-v3": Model(context=512),
    "cohere.embed-v4:0": Model(),
    "amazon.rerank-v1:0": Model(),
    "cohere.rerank-v3-5:0": Model(),
    "anthropic.claude-3-haiku-20240307-v1:0": Model(ended=date(2026, 9, 10)),
    "anthropic.claude-3-5-haiku-20241022-v1:0": Model(profile_only=True, ended=date(2026, 8, 29)),
    "anthropic.claude-3-7-sonnet-20250219-v1:0": Model(profile_only=True, ended=date(2026, 4, 28)),
    "anthropic.claude-sonnet-4-20250514-v1:0": Model(profile_only=True, ended=date(2026, 10, 14)),
    "anthropic.claude-opus-4-1-20250805-v1:0": Model(**_CLAUDE, ended=date(2027, 1, 8)),
    "anthropic.claude-sonnet-4-5-20250929-v1:0": Model(**_CLAUDE, ended=date(2027, 4, 8)),
    "anthropic.claude-haiku-4-5-20251001-v1:0": Model(**_CLAUDE),
    "anthropic.claude-opus-4-5-20251101-v1:0": Model(**_CLAUDE),
    "anthropic.claude-opus-4-6-v1": Model(**_CLAUDE),
    "anthropic.claude-sonnet-4-6": Model(**_CLAUDE),
    "anthropic.claude-sonnet-5": Model(**_CLAUDE, thinks=True),
    "anthropic.claude-sonnet-5-5": Model(**_CLAUDE, thinks=True),
    "anthropic.claude-haiku-5-5": Model(**_CLAUDE, sampling=False),
    "anthropic.claude-opus-4-7": Model(**_CLAUDE, sampling=False),
    "anthropic.claude-opus-4-8": Model(**_CLAUDE, sampling=False),
    "anthropic.claude-opus-5": Model(**_CLAUDE, sampling=False, thinks=True),
    "anthropic.claude-opus-5-5": Model(**_CLAUDE, sampling=False, thinks=True),
    "meta.llama3-1-8b-instruct-v1:0": _LLAMA_3_1,
    "meta.llama3-1-70b-instruct-v1:0": _LLAMA_3_1,
    "meta.llama3-3-70b-instruct-v1:0": _LLAMA,
    "meta.llama4-maverick-17b-instruct-v1:0": _LLAMA,
    "meta.llama4-scout-17b-instruct-v1:0": _LLAMA,
    "deepseek.r1-v1:0": Model(output=32_768, profile_only=True, thinks=True),
    "mistral.mistral-large-2402-v1:0": Model(context=32_000),
    "mistral.pixtral-large-2502-v1:0": Model(profile_only=True),
    "openai.gpt-oss-20b-1:0": _GPT_OSS,
    "openai.gpt-oss-120b-1:0": _GPT_OSS,
}

PROFILES: dict[str, tuple[str, ...]] = {
    "us-gov.": ("us-gov-",),
    "us.": ("us-east-", "us-west-", "ca-central-"),
    "eu.": ("eu-",),
    "apac.": ("ap-",),
    "jp.": ("ap-northeast-1", "ap-northeast-3"),
    "au.": ("ap-southeast-2", "ap-southeast-4"),
    "ca.": ("ca-",),
    "global.": ("",),
}
"""Geographic prefixes of inference profiles, and the regions that each may be named from."""

_RANGES = {"maxTokens": (1, float("inf")), "temperature": (0, 1), "topP": (0, 1)}
"""API model: what every model takes of Converse's inferenceConfig."""


def model_of(identifier: str) -> str:
    """The foundation model behind an id, a profile's id or an ARN; sizes such as `:128k` are no part of it."""
    name = identifier.rsplit("/", 1)[-1]
    prefix = next((prefix for prefix in PROFILES if name.startswith(prefix)), "")
    name = name.removeprefix(prefix)
    stem, _, size = name.rpartition(":")
    return stem if stem and size.endswith("k") and size[:-1].isdigit() else name


def is_known(identifier: str) -> bool:
    """Whether Bedrock has the model, or had it."""
    return model_of(identifier) in MODELS


def own_profile(region: str) -> str:
    """The geographic prefix under which models are served in a region."""
    return next(prefix for prefix, regions in PROFILES.items() if region.startswith(regions))


def check_callable(identifier: str, region: str, today: date | None = None) -> None:
    """Refuse a name by which AWS serves no model in this region: unknown, ended, or without an inference profile.

    Raises:
        ServiceError: with AWS's code and sentence.
    """
    name = identifier.rsplit("/", 1)[-1]
    regions = next((regions for prefix, regions in PROFILES.items() if name.startswith(prefix)), None)
    model = MODELS.get(model_of(identifier))
    if model is None or (regions is not None and not region.startswith(regions)):
        raise ServiceError("ValidationException", "The provided model identifier is invalid.")
    if model.ended and model.ended <= (today or date.today()):  # noqa: DTZ011 - a day is exact enough
        text = "This model version has reached the end of its life. Please refer to the AWS documentation for more"
        raise ServiceError("ResourceNotFoundException", f"{text} details.", 404)
    if model.profile_only and regions is None and region not in model.in_region:
        raise no_on_demand(name)


def no_on_demand(name: str) -> ServiceError:
    """AWS's refusal of a model's own id where it is served through inference profiles only."""
    return ServiceError(
        "ValidationException",
        f"Invocation of model ID {name} with on-demand throughput isn\u2019t supported. Retry your request with "
        "the ID or ARN of an inference profile that contains this model.",
    )


def check_request(identifier: str, configuration: dict[str, Any], tokens: int) -> None:
    """Refuse inference parameters that the model does not take, and more input than it reads.

    Raises:
        ServiceError: ValidationException with AWS's sentence.
    """
    for problem in _problems(model_of(identifier), configuration, tokens):
        raise ServiceError("ValidationException", problem)


def _problems(name: str, configuration: dict[str, Any], tokens: int) -> Iterator[str]:
    model = MODELS[name]
    for member, (least, most) in _RANGES.items():
        value = configuration.get(member)
        if value is not None and not least <= value <= most:
            bound, limit = ("greater", least) if value < least else ("less", most)
            yield (
                f"1 validation error detected: Value '{value}' at 'inferenceConfig.{member}' failed to satisfy "
                f"constraint: Member must have value {bound} than or equal to {limit:g}"
            )
    if int(configuration.get("maxTokens") or 0) > model.output:
        yield (
            f"The maximum tokens you requested exceeds the model limit of {model.output}. Try again with a maximum "
            f"tokens value that is lower than {model.output}."
        )
    for member, parameter in (("temperature", "temperature"), ("topP", "top_p")):
        if member in configuration and not model.sampling:
            yield f"The model returned the following errors: `{parameter}` is deprecated for this model."
    if tokens > model.context:
        yield _overflow(name.partition(".")[0], tokens, model.context)


def _overflow(provider: str, tokens: int, context: int) -> str:
    if provider == "amazon":
        text = "Number of input tokens exceeds maximum length. Please update the input to try again."
        return f"InvalidInput: Input Tokens Exceeded: {text}"
    if provider == "anthropic":
        return f"The model returned the following errors: prompt is too long: {tokens} tokens > {context} maximum"
    return f"This model's maximum context length is {context} tokens. Please reduce the length of the prompt"
