"""The settings of the knowledge base: where passages are kept, and how they are searched."""

from typing import Literal

from pydantic import Field

from stacks.settings.block import Block

Language = Literal["en", "fr", "es", "pt", "it", "de", "nl", "zh", "ja", "ko"]
"""botocore, s3vectors: LanguageCode."""


class KnowledgeBase(Block):
    """The store of the passages."""

    store: Literal["s3_vectors", "managed"] = Field(
        default="s3_vectors",
        description='"s3_vectors", or "managed" for one that AWS keeps, embeds and searches itself',
    )
    """Beside `existing`, of which kind that one is."""
    existing: str | None = Field(
        default=None,
        pattern=r"^[0-9A-Z]{10}$",
        description="the id of a knowledge base that others made and fill, 10 capitals and digits, or null",
    )
    language: Language | None = Field(
        default="en",
        description="en, fr, es, pt, it, de, nl, zh, ja or ko, or null for no search by words",
    )

    @property
    def embeds(self) -> bool:
        """Whether it embeds by the model of the settings."""
        return not self.managed and self.existing is None

    @property
    def managed(self) -> bool:
        """Whether it is searched as AWS's managed knowledge bases are: always by meaning and by words."""
        return self.store == "managed"
