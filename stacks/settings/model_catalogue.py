"""Facts about Bedrock models as of one day: which there are, how they are called, from where, and until when."""

import re
from datetime import date
from typing import NamedTuple

from arbiter.base_models import BASE_MODELS, GEOGRAPHIES

AS_OF = date(2026, 11, 28)
"""Read on this day: the Bedrock user guide (*model-lifecycle*, *model-lifecycle-legacy*, model cards,
*inference-profiles-support*); for models that the lifecycle page no longer lists, awslabs/startups
(`ai-model-lifecycle.md`, pull requests 131 and 304) and models.dev (pull request 3708)."""

PROFILE_REGIONS = {
    "us": ("us-east-", "us-west-", "ca-central-"),
    "us-gov": ("us-gov-",),
    "eu": ("eu-",),
    "apac": ("ap-",),
    "jp": ("ap-northeast-1", "ap-northeast-3"),
    "au": ("ap-southeast-2", "ap-southeast-4"),
    "ca": ("ca-",),
    "global": ("us-east-", "us-west-", "ca-", "sa-", "mx-", "eu-", "ap-", "il-", "me-", "af-"),
}
"""Geographic prefixes of inference profiles -> the regions they can be called from, or what these begin with."""

WORLDWIDE = ("anthropic.", "amazon.nova-2-", "cohere.embed-v4")
"""Models with a `global` profile."""

PROFILE_ONLY = re.compile(r"anthropic\.|meta\.llama(3-[1-9]|[4-9])|amazon\.nova-2-|deepseek\.r1|mistral\.pixtral")
"""Models without on-demand throughput under their own id: model cards, and "on-demand throughput isn't supported"."""
ON_DEMAND_IN = {
    "meta.llama3-1-70b-instruct-v1:0": ("us-west-2",),
    "meta.llama3-1-8b-instruct-v1:0": ("us-west-2",),
}
"""Regions in which they have it all the same, by their model cards ("in-region")."""

ACTIVE = (
    "amazon.nova-2-lite-v1:0",
    "amazon.nova-lite-v1:0",
    "amazon.nova-micro-v1:0",
    "amazon.nova-pro-v1:0",
    "amazon.rerank-v1:0",
    "amazon.titan-embed-text-v1",
    "amazon.titan-embed-text-v2:0",
    "anthropic.claude-haiku-4-5-20251001-v1:0",
    "anthropic.claude-haiku-5-5",
    "anthropic.claude-opus-4-5-20251101-v1:0",
    "anthropic.claude-opus-4-6-v1",
    "anthropic.claude-opus-4-7",
    "anthropic.claude-opus-4-8",
    "anthropic.claude-opus-5",
    "anthropic.claude-opus-5-5",
    "anthropic.claude-sonnet-4-6",
    "anthropic.claude-sonnet-5",
    "anthropic.claude-sonnet-5-5",
    "cohere.embed-english-v3",
    "cohere.embed-multilingual-v3",
    "cohere.embed-v4:0",
    "cohere.rerank-v3-5:0",
    "deepseek.r1-v1:0",
    "meta.llama3-1-70b-instruct-v1:0",
    "meta.llama3-1-8b-instruct-v1:0",
    "meta.llama3-3-70b-instruct-v1:0",
    "meta.llama4-maverick-17b-instruct-v1:0",
    "meta.llama4-scout-17b-instruct-v1:0",
    "mistral.mistral-large-2402-v1:0",
    "mistral.pixtral-large-2502-v1:0",
    "openai.gpt-oss-120b-1:0",
    "openai.gpt-oss-20b-1:0",
)

LEGACY = {
    "anthropic.claude-opus-4-1-20250805-v1:0": date(2027, 1, 8),
    "anthropic.claude-sonnet-4-5-20250929-v1:0": date(2027, 4, 8),
}
"""Models that are called until this day, by accounts that call them already."""


SUCCESSORS = {
    "anthropic.claude-haiku-4-5-20251001-v1:0": "anthropic.claude-haiku-5-5",
    "anthropic.claude-opus-4-1-20250805-v1:0": "anthropic.claude-opus-5-5",
    "anthropic.claude-sonnet-4-5-20250929-v1:0": "anthropic.claude-sonnet-5-5",
    "meta.llama3-3-70b-instruct-v1:0": "meta.llama4-maverick-17b-instruct-v1:0",
}
"""Active models of the same provider, by the Legacy models and by the default judges, which will be Legacy one day."""


class Ended(NamedTuple):
    """Models whose calls fail, by a pattern of their ids; the day is none where the lifecycle page has dropped it."""

    models: str
    day: date | None
    successor: str


ENDED = (
    Ended(r"amazon\.nova-premier-", date(2026, 9, 14), "amazon.nova-pro-v1:0"),
    Ended(r"amazon\.nova-sonic-v1", date(2026, 9, 14), "amazon.nova-2-lite-v1:0"),
    Ended(r"amazon\.nova-(canvas|reel)-", date(2026, 9, 30), "amazon.nova-2-lite-v1:0"),
    Ended(r"amazon\.titan-(text-(lite|express|premier)|tg1|image)-", None, "amazon.nova-micro-v1:0"),
    Ended(r"anthropic\.claude-sonnet-4-20250514", date(2026, 10, 14), "anthropic.claude-sonnet-5-5"),
    Ended(r"anthropic\.claude-opus-4-20250514", None, "anthropic.claude-opus-5-5"),
    Ended(r"anthropic\.claude-3-haiku-", date(2026, 9, 10), "anthropic.claude-haiku-4-5-20251001-v1:0"),
    Ended(r"anthropic\.claude-3-7-sonnet-", date(2026, 4, 28), "anthropic.claude-sonnet-5-5"),
    Ended(r"anthropic\.claude-3(-5)?-sonnet-", date(2026, 7, 30), "anthropic.claude-sonnet-5-5"),
    Ended(r"anthropic\.claude-(3-|v1|v2|instant)", None, "anthropic.claude-haiku-4-5-20251001-v1:0"),
    Ended(r"meta\.llama(3-2-|3-1-405b)", date(2026, 7, 7), "meta.llama3-3-70b-instruct-v1:0"),
    Ended(r"cohere\.command-r-", date(2026, 8, 19), "amazon.nova-pro-v1:0"),
    Ended(r"ai21\.jamba-1-5-", date(2026, 11, 26), "amazon.nova-pro-v1:0"),
)

# Regions of the public partition that have every resource type of the stacks: knowledge bases, S3 Vectors and function
# URLs are those that many lack (resource schemas of 2026-10-20, as cfn-lint 1.58.0 bundles them).
REGIONS = (
    "ap-northeast-1", "ap-northeast-2", "ap-northeast-3", "ap-south-1", "ap-southeast-1", "ap-southeast-2",
    "ca-central-1", "eu-central-1", "eu-north-1", "eu-south-1", "eu-south-2", "eu-west-1", "eu-west-2", "eu-west-3",
    "me-south-1", "sa-east-1", "us-east-1", "us-east-2", "us-west-2",
)  # fmt: skip

# Regions that offer Nova customization jobs and on-demand deployments of their results.
FINE_TUNING_REGIONS = ("us-east-1",)

# Sizes an embedding model offers. A model that is not listed is taken as configured.
EMBEDDING_DIMENSIONS = {
    "amazon.titan-embed-text-v2:0": (256, 512, 1024),
    "amazon.titan-embed-text-v1": (1536,),
    "cohere.embed-english-v3": (1024,),
    "cohere.embed-multilingual-v3": (1024,),
    "cohere.embed-v4:0": (256, 512, 1024, 1536),
}

# Rerankers a region does not offer.
ABSENT_RERANKERS = {"us-east-1": ("amazon.rerank-v1:0",)}

KNOWN = (*ACTIVE, *LEGACY)


def profile_prefix(model: str) -> str | None:
    """The geographic prefix when `model` is a cross-region inference profile id."""
    prefix = model.split(".", 1)[0]
    return prefix if prefix in GEOGRAPHIES else None


def foundation_model(model: str) -> str:
    """The foundation model id behind an inference profile id; any other id unchanged."""
    return model.split(".", 1)[1] if profile_prefix(model) else model


def family(model: str) -> str:
    """The provider of a model: judges must not share it with the model they judge."""
    return foundation_model(model).split(".", 1)[0]


def is_known(model: str) -> bool:
    """Whether the catalogue has the model, under its own id or behind a profile."""
    return foundation_model(model) in KNOWN


def ended(model: str) -> Ended | None:
    """The end of a model that has ended."""
    own = foundation_model(model)
    return next((end for end in ENDED if re.match(end.models, own)), None)


def legacy_until(model: str) -> date | None:
    """The last day of a Legacy model."""
    return LEGACY.get(foundation_model(model))


def successor(model: str) -> str | None:
    """The id to use instead of a model once it is Legacy, with the prefix of its profile."""
    own = foundation_model(model)
    return model.removesuffix(own) + SUCCESSORS[own] if own in SUCCESSORS else None


def needs_profile(model: str, region: str) -> bool:
    """Whether the id is a model's own and cannot be called in a region: an inference profile must be named."""
    if profile_prefix(model) or region in ON_DEMAND_IN.get(model, ()):
        return False
    return PROFILE_ONLY.match(model) is not None


def profiles_of(model: str, region: str) -> list[str]:
    """The ids of inference profiles that a model may be called by in a region."""
    name = foundation_model(model)
    offered = [prefix for prefix in PROFILE_REGIONS if prefix != "global" or name.startswith(WORLDWIDE)]
    return [f"{prefix}.{name}" for prefix in offered if is_callable_from(prefix, region)]


def is_callable_from(prefix: str, region: str) -> bool:
    """Whether profiles of a geography are offered in a region."""
    return region.startswith(PROFILE_REGIONS[prefix])


def base_to_tune(answering: str) -> str | None:
    """The customizable id of the model that answers, if Bedrock customizes it."""
    own = foundation_model(answering)
    return next((known.customization_id for known in BASE_MODELS if known.invocation_id == own), None)
