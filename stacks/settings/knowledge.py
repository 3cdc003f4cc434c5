"""The settings of the knowledge base: where passages are kept, and how they are searched."""

from typing import Literal

from pydantic import Field

from stacks.settings.block import Block

Language = Literal["en", "fr", "es", "pt", "it", "de", "nl", "zh", "ja", "ko"]
"""botocore, s3vectors: LanguageCode."""


class KnowledgeBase(Block):
    """The store of the passages."""

    existing: str | None = Field(
        default=None,
        pattern=r"^[0-9A-Z]{10}$",
        description="the id of a knowledge base that others made and fill, 10 capitals and digits, or null",
    )
    language: Language | None = Field(
        default="en",
        description="en, fr, es, pt, it, de, nl, zh, ja or ko, or null for no search by words",
    )
