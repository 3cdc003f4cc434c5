"""The base of every block of settings: closed, frozen and strict about types."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

ModelId = Annotated[str, Field(pattern=r"^[a-z0-9-]+(\.[A-Za-z0-9-]+)+(:[A-Za-z0-9]+)*$", max_length=140)]


class Block(BaseModel):
    """A block that knows all its settings: an unknown one is a problem, not an extra."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)
