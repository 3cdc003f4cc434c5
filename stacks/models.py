"""What is known about Bedrock models: families, embedding sizes, where and how a model can be called or tuned."""

from dataclasses import dataclass

# Geographic prefixes of cross-region inference profiles -> regions they can be called from.
PROFILE_PREFIXES = {"us": "us-", "eu": "eu-", "apac": "ap-", "global": ""}

# Regions that offer Nova customization jobs and on-demand deployments of their results.
FINE_TUNING_REGIONS = ("us-east-1",)

# Sizes an embedding model offers. A model that is not listed is taken as configured.
EMBEDDING_DIMENSIONS = {
    "amazon.titan-embed-text-v2:0": (256, 512, 1024),
    "amazon.titan-embed-text-v1": (1536,),
    "cohere.embed-english-v3": (1024,),
    "cohere.embed-multilingual-v3": (1024,),
}

# Models without on-demand throughput under their own id: an inference profile must be named.
PROFILE_ONLY = ("amazon.nova-2-lite-v1:0",)

# Rerankers a region does not offer.
ABSENT_RERANKERS = {"us-east-1": ("amazon.rerank-v1:0",)}


@dataclass(frozen=True)
class Tunable:
    """A model that CreateModelCustomizationJob accepts, and the id it is called by untuned."""

    customization_id: str
    invocation_id: str
    minimum_samples: int = 8


TUNABLE = (
    Tunable("amazon.nova-micro-v1:0:128k", "amazon.nova-micro-v1:0"),
    Tunable("amazon.nova-lite-v1:0:300k", "amazon.nova-lite-v1:0"),
    Tunable("amazon.nova-pro-v1:0:300k", "amazon.nova-pro-v1:0"),
    # AWS documents 8 samples; AWS's own validator for this model enforces 200.
    Tunable("amazon.nova-2-lite-v1:0:256k", "amazon.nova-2-lite-v1:0", minimum_samples=200),
)


def profile_prefix(model: str) -> str | None:
    """The geographic prefix when `model` is a cross-region inference profile id."""
    prefix = model.split(".", 1)[0]
    return prefix if prefix in PROFILE_PREFIXES else None


def foundation_model(model: str) -> str:
    """The foundation model id behind an inference profile id; any other id unchanged."""
    return model.split(".", 1)[1] if profile_prefix(model) else model


def family(model: str) -> str:
    """The provider of a model: judges must not share it with the model they judge."""
    return foundation_model(model).split(".", 1)[0]


def minimum_samples(customization_id: str) -> int:
    """Fewest training samples a customization job of this model accepts."""
    return next((t.minimum_samples for t in TUNABLE if t.customization_id == customization_id), 8)


def default_dimensions_only(embedding: str) -> bool:
    """Whether the embedding model has one fixed size, which its API then refuses to be told."""
    return len(EMBEDDING_DIMENSIONS.get(embedding, (0, 0))) == 1
