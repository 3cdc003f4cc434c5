"""The owner's own prompts, by setting: files of the repository, read when the app is synthesised."""

from functools import lru_cache
from pathlib import Path
from typing import Literal

from pydantic import Field

from arbiter.answering.prompting.files import Example, House, read_examples, read_house
from stacks.settings.block import Block

ROOT = Path(__file__).resolve().parents[2]
FILE = r"^[\w-][\w.-]*(/[\w-][\w.-]*)*$"


class Prompting(Block):
    """The prompts that are shown to a model beside the question."""

    examples: str | None = Field(
        default=None,
        pattern=FILE,
        description="a file of the repository, by its path in it: JSON Lines with question and answer; or null",
    )
    example_tokens: int = Field(default=600, ge=50, le=8000, description="a whole number from 50 to 8000")
    house: str | None = Field(
        default=None,
        pattern=FILE,
        description="a file of the repository, by its path in it: JSON with system, format and examples; or null",
    )
    technique: Literal["zero_shot", "few_shot", "chain_of_thought", "house"] = Field(
        default="zero_shot", description='"zero_shot", "few_shot", "chain_of_thought" or "house"'
    )
    """Of requests that name none."""
    thinking_tokens: int = Field(default=1024, ge=100, le=16000, description="a whole number from 100 to 16000")


def examples_in(file: str) -> tuple[Example, ...]:
    """The examples in a file of the repository.

    Raises:
        OSError: it cannot be read.
        MalformedPromptsError: it cannot be used.
    """
    path = ROOT / file
    return _examples(path, path.stat().st_mtime_ns)


def house_in(file: str) -> House:
    """The house prompt in a file of the repository.

    Raises:
        OSError: it cannot be read.
        MalformedPromptsError: it cannot be used.
    """
    return read_house((ROOT / file).read_bytes())


def house_tokens(settings: Prompting) -> int:
    """About how many tokens the house prompt takes; none where there is none."""
    return house_in(settings.house).tokens if settings.house else 0


@lru_cache(maxsize=8)
def _examples(path: Path, _modified: int) -> tuple[Example, ...]:
    return tuple(read_examples(path.read_bytes()))
