"""The settings of one environment: one block of `environments` in `cdk.json`, checked as a whole."""

import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Field, field_validator, model_validator

from arbiter.base_models import find
from stacks.settings.block import Block, ModelId
from stacks.settings.documents import Chunking, Documents, Parsing
from stacks.settings.edge import Edge
from stacks.settings.evaluation import Evaluation
from stacks.settings.fine_tuning import FineTuning, Generation
from stacks.settings.guardrail import Guardrail
from stacks.settings.knowledge import KnowledgeBase
from stacks.settings.model_catalogue import base_to_tune, needs_profile, profiles_of
from stacks.settings.prompting import Prompting

TAG_KEY = re.compile(r"[A-Za-z0-9 _.:/=+@-]{1,128}")
LogRetention = Literal[1, 3, 5, 7, 14, 30, 60, 90, 180, 365, 731, 1827, 3653]


LOCAL = "local"
"""The environment of the local AWS."""


class Models(Block):
    """Which Bedrock models answer, embed and rerank."""

    base: ModelId = Field(default="amazon.nova-micro-v1:0", description="a foundation model or inference profile id")
    embedding: ModelId = Field(default="amazon.titan-embed-text-v2:0", description="an embedding model id")
    embedding_dimensions: int = Field(
        default=1024, ge=1, le=4096, description="a size the embedding model offers, 1 to 4096"
    )
    embedding_type: Literal["float32", "binary"] = Field(default="float32", description='"float32"')
    rerank: ModelId | None = Field(default=None, description="a reranking model id, or null for no reranking")


class Retrieval(Block):
    """How passages are found when a request does not say."""

    results: int = Field(default=5, ge=1, le=100, description="a whole number from 1 to 100")
    search: Literal["semantic", "hybrid"] = Field(default="semantic", description='"semantic" or "hybrid"')
    minimum_score: float = Field(default=0.0, ge=0, le=1, description="a number from 0 to 1")


class Shadow(Block):
    """A share of the requests of `auto`, answered again in another mode where nobody waits for it."""

    share: float = Field(default=0.0, ge=0, le=1, description="a number from 0 (none) to 1 (every request of auto)")
    mode: Literal["base", "rag", "fine_tuned", "combined"] = Field(
        default="rag", description='"base", "rag", "fine_tuned" or "combined"'
    )
    daily_usd: float = Field(default=1.0, gt=0, le=10_000, description="an amount above 0, at most 10000")


class Router(Block):
    """The router function."""

    memory_mb: int = Field(default=512, ge=128, le=10240, description="a whole number from 128 to 10240")
    timeout_seconds: int = Field(default=29, ge=3, le=900, description="a whole number from 3 to 900")
    log_retention_days: LogRetention = Field(
        default=30, description="1, 3, 5, 7, 14, 30, 60, 90, 180, 365, 731, 1827 or 3653"
    )
    log_text: bool = Field(default=False, description="true or false (true writes questions and answers to the log)")
    tuned_model_cache_seconds: float = Field(default=30.0, ge=0, le=900, description="a number from 0 to 900")
    shadow: Shadow = Field(default_factory=Shadow, description="a block of settings")


class Feedback(Block):
    """Verdicts on answers, beside the log."""

    keep_text_days: int | None = Field(
        default=None,
        ge=1,
        le=3653,
        description="a whole number from 1 to 3653 (days that the texts of rated answers are kept), or null for none",
    )


class Settings(Block):
    """Everything that can differ between two environments."""

    account: str | None = Field(
        default=None, pattern=r"^\d{12}$", description="12 digits, or null for the credentials' account"
    )
    region: str = Field(
        default="us-east-1", pattern=r"^[a-z]{2}(-[a-z]+)+-\d$", description="an AWS region such as us-east-1"
    )
    protection: Literal["retained", "disposable"] = Field(
        default="disposable", description='"retained" or "disposable"'
    )
    encryption: Literal["s3_managed", "customer_managed"] = Field(
        default="s3_managed", description='"s3_managed" or "customer_managed"'
    )
    models: Models = Field(default_factory=Models, description="a block of settings")
    knowledge_base: KnowledgeBase = Field(default_factory=KnowledgeBase, description="a block of settings")
    chunking: Chunking = Field(default_factory=Chunking, description="a block of settings")
    parsing: Parsing = Field(default_factory=Parsing, description="a block of settings")
    documents: Documents = Field(default_factory=Documents, description="a block of settings")
    retrieval: Retrieval = Field(default_factory=Retrieval, description="a block of settings")
    prompting: Prompting = Field(default_factory=Prompting, description="a block of settings")
    fine_tuning: FineTuning = Field(default_factory=FineTuning, description="a block of settings")
    generation: Generation = Field(default_factory=Generation, description="a block of settings")
    router: Router = Field(default_factory=Router, description="a block of settings")
    feedback: Feedback = Field(default_factory=Feedback, description="a block of settings")
    evaluation: Evaluation = Field(default_factory=Evaluation, description="a block of settings")
    guardrail: Guardrail | None = Field(default=None, description="a block of settings, or null for no guardrail")
    edge: Edge = Field(default_factory=Edge, description='a block of settings, or "none" or "api"')
    alarm_email: str | None = Field(
        default=None,
        pattern=r"^[^@\s]+@[^@\s]+\.[^@\s]+$",
        description="an e-mail address, or null for no notification",
    )
    monthly_budget_usd: float | None = Field(default=None, gt=0, description="an amount above 0, or null for no budget")
    poll_seconds: int = Field(default=30, ge=1, le=600, description="a whole number from 1 to 600")
    permissions_boundary: str | None = Field(
        default=None, pattern=r"^[\w+=,.@-]{1,128}$", description="the name of a managed policy in the account, or null"
    )
    tags: dict[str, Annotated[str, Field(pattern=r"^[A-Za-z0-9 _.:/=+@-]{0,256}$")]] = Field(
        default_factory=dict,
        max_length=40,
        description="at most 40 tags, each a text of up to 256 letters, digits, spaces and _.:/=+@-",
    )

    @field_validator("tags")
    @classmethod
    def _keys_that_are_free(cls, tags: dict[str, str]) -> dict[str, str]:
        """Bedrock takes fewer characters than IAM (botocore, TagKey); Arbiter's own tags decide who may do what."""
        for key in tags:
            if not TAG_KEY.fullmatch(key):
                raise ValueError(f"{key!r} is no key; allowed: 1 to 128 letters, digits, spaces and _.:/=+@-")
            if key.lower().startswith(("aws:", "arbiter:")):
                raise ValueError(f"{key!r} is not free: keys that begin with aws: or arbiter: are taken")
        return tags

    @field_validator("edge", mode="before")
    @classmethod
    def _edge_in_a_word(cls, value: Any) -> Any:
        """`"api"` is an API with the settings that it has by default."""
        return {"serve": value} if isinstance(value, str) else value

    @model_validator(mode="before")
    @classmethod
    def _tune_what_answers(cls, block: Any) -> Any:
        """The model that is tuned is the one that answers, unless another is named."""
        if not isinstance(block, Mapping):
            return block
        models, tuning = block.get("models", {}), block.get("fine_tuning", {})
        base = models.get("base") if isinstance(models, Mapping) else None
        if not isinstance(base, str) or not isinstance(tuning, Mapping) or "base_model" in tuning:
            return block
        followed = base_to_tune(base)
        return {**block, "fine_tuning": {**tuning, "base_model": followed}} if followed else block

    @property
    def disposable(self) -> bool:
        """Whether data may be destroyed together with its stack."""
        return self.protection == "disposable"

    @property
    def hybrid_search(self) -> bool:
        """Whether passages may be found by words, too; of a knowledge base made elsewhere only Bedrock knows."""
        knowledge = self.knowledge_base
        return knowledge.managed or knowledge.language is not None or knowledge.existing is not None

    @property
    def model_to_tune(self) -> str | None:
        """The id by which the model that is tuned is called before it is; `None` where no table has it."""
        known = find(self.fine_tuning.base_model)
        if known is None or base_to_tune(self.models.base) == known.customization_id:
            return self.models.base if known else None
        profiles = profiles_of(known.invocation_id, self.region)
        return profiles[0] if needs_profile(known.invocation_id, self.region) else known.invocation_id

    @property
    def embedding_model(self) -> str | None:
        """The model that embeds questions and passages; `None` where a knowledge base has its own."""
        return self.models.embedding if self.knowledge_base.embeds else None

    @property
    def answering_in_batch(self) -> list[str]:
        """The models whose answers an evaluation may take from batch inference."""
        return [self.models.base, *self.evaluation.models] if self.evaluation.batch_answers else []
