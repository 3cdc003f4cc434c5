"""What is known about Bedrock models: families, embedding sizes, where and how they can be called."""

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


def default_dimensions_only(embedding: str) -> bool:
    """Whether the embedding model has one fixed size, which its API then refuses to be told."""
    return len(EMBEDDING_DIMENSIONS.get(embedding, (0, 0))) == 1
