"""The settings of documents: how they are cut, how they are parsed, how they are looked after."""

from typing import Literal

from pydantic import Field

from stacks.settings.block import WHEN, Block, ModelId, Schedule

EMBEDDED_TOKENS = 8192
"""The longest input of Titan's text embeddings (model card), and the largest passage that Bedrock cuts."""
APPLIES = {
    "fixed": ("max_tokens", "overlap_percentage"),
    "hierarchical": ("max_tokens", "parent_tokens", "overlap_tokens"),
    "semantic": ("max_tokens", "buffer_sentences", "breakpoint_percentile"),
    "none": (),
}
"""The settings of each strategy; `transformation` goes with all of them."""


class Chunking(Block):
    """How documents are cut into passages."""

    strategy: Literal["fixed", "hierarchical", "semantic", "none"] = Field(
        default="fixed", description='"fixed", "hierarchical", "semantic" or "none"'
    )
    max_tokens: int = Field(default=300, ge=1, le=EMBEDDED_TOKENS, description="a whole number from 1 to 8192")
    overlap_percentage: int = Field(default=20, ge=1, le=99, description="a whole number from 1 to 99")
    parent_tokens: int = Field(
        default=1500, ge=1, le=EMBEDDED_TOKENS, description="a whole number from 1 to 8192, above max_tokens"
    )
    """Of the passage that is read in place of the small ones in it that are found."""
    overlap_tokens: int = Field(default=60, ge=1, le=EMBEDDED_TOKENS, description="a whole number from 1 to 8192")
    buffer_sentences: int = Field(default=0, ge=0, le=1, description="0 or 1 (sentences compared on either side)")
    breakpoint_percentile: int = Field(default=95, ge=50, le=99, description="a whole number from 50 to 99")
    transformation: str | None = Field(
        default=None,
        pattern=r"^arn:aws[a-zA-Z-]*:lambda:[a-z]{2}(-gov)?-[a-z]+-\d:\d{12}:function:[a-zA-Z0-9-_.]+(:[a-zA-Z0-9-_]+)?$",
        description="the ARN of a function that gets the passages of each document and returns them changed, or null",
    )

    @property
    def passage_tokens(self) -> int:
        """The most tokens of a passage that a model is given."""
        return {"hierarchical": self.parent_tokens, "none": EMBEDDED_TOKENS}.get(self.strategy, self.max_tokens)

    @property
    def embedded_tokens(self) -> int:
        """The most tokens of a passage that is embedded."""
        return EMBEDDED_TOKENS if self.strategy == "none" else self.max_tokens

    @property
    def overlap(self) -> float:
        """The share of a passage that is embedded twice."""
        if self.strategy == "hierarchical":
            return min(0.99, self.overlap_tokens / self.max_tokens)
        return self.overlap_percentage / 100 if self.strategy == "fixed" else 0.0

    @property
    def idle_settings(self) -> list[str]:
        """The settings that are given and that the strategy does not know."""
        known = {"strategy", "transformation", *APPLIES[self.strategy]}
        return sorted(self.model_fields_set - known)


class Parsing(Block):
    """How the text is taken out of documents that are more than text."""

    strategy: Literal["default", "foundation_model", "data_automation"] = Field(
        default="default", description='"default", "foundation_model" or "data_automation"'
    )
    model: ModelId | None = Field(default=None, description="the id of a model that reads pages, or null")
    prompt: str | None = Field(
        default=None, min_length=1, max_length=10_000, description="a text of 1 to 10000 characters, or null"
    )


class Documents(Block):
    """How the documents are looked after."""

    check_schedule: Schedule | None = Field(
        default=None, description=f"when each document is looked for in the knowledge base, {WHEN}"
    )
