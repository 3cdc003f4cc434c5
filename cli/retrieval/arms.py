"""The ways to retrieve that are measured beside each other: chunking, search, number of passages, reranking."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

from cli.core.errors import CliError
from stacks.settings.documents import APPLIES, Chunking

DEFAULTS = ("fixed:300:20", "fixed:600:20", "hierarchical:1500:300:60", "none")
"""Ways to cut that are measured where nobody names others."""
SEARCHES = ("semantic", "hybrid")
FORMS = "fixed:TOKENS:PERCENT, hierarchical:PARENT:CHILD:OVERLAP, semantic:TOKENS:BUFFER:PERCENTILE, none"


@dataclass(frozen=True)
class Arm:
    """One way to retrieve."""

    chunking: str
    search: str
    results: int
    rerank: bool

    @property
    def name(self) -> str:
        """The arm in a word, as tables show it."""
        return f"{self.chunking} {self.search} {self.results}{' rerank' if self.rerank else ''}"

    def settings(self) -> dict[str, Any]:
        """The settings of `cdk.json` that make a deployment retrieve so."""
        cut = chunking_of(self.chunking).model_dump(exclude_unset=True)
        return {"chunking": cut, "retrieval": {"search": self.search, "results": self.results}}


def grid(chunkings: Sequence[str], searches: Sequence[str], results: Sequence[int], *, rerank: bool) -> Iterator[Arm]:
    """Every combination."""
    for cut, search, count, reranked in product(chunkings, searches, results, (False, True) if rerank else (False,)):
        yield Arm(cut, search, count, reranked)


def chunking_of(text: str) -> Chunking:
    """The chunking that a person names, such as `fixed:300:20`.

    Raises:
        CliError: there is no such chunking.
    """
    strategy, *numbers = text.split(":")
    names = {
        "fixed": ("max_tokens", "overlap_percentage"),
        "hierarchical": ("parent_tokens", "max_tokens", "overlap_tokens"),
        "semantic": ("max_tokens", "buffer_sentences", "breakpoint_percentile"),
        "none": (),
    }.get(strategy)
    try:
        if names is None or len(numbers) > len(names):
            raise ValueError(text)
        values: dict[str, Any] = dict(zip(names, map(int, numbers), strict=False))
        return Chunking(strategy=strategy, **values)  # type: ignore[arg-type]
    except ValueError:
        raise CliError(f"There is no chunking {text!r}; allowed: {FORMS}.", code="bad_chunking") from None


def name_of(chunking: Chunking) -> str:
    """The name of a chunking, as a person would write it."""
    order = {"hierarchical": ("parent_tokens", "max_tokens", "overlap_tokens")}
    names = order.get(chunking.strategy, APPLIES[chunking.strategy])
    return ":".join([chunking.strategy, *(str(getattr(chunking, name)) for name in names)])


def configuration_of(text: str) -> dict[str, Any]:
    """The chunking as Bedrock's API has it (`chunkingConfiguration`)."""
    cut = chunking_of(text)
    if cut.strategy == "fixed":
        sizes = {"maxTokens": cut.max_tokens, "overlapPercentage": cut.overlap_percentage}
        return {"chunkingStrategy": "FIXED_SIZE", "fixedSizeChunkingConfiguration": sizes}
    if cut.strategy == "hierarchical":
        levels = [{"maxTokens": cut.parent_tokens}, {"maxTokens": cut.max_tokens}]
        hierarchy = {"levelConfigurations": levels, "overlapTokens": cut.overlap_tokens}
        return {"chunkingStrategy": "HIERARCHICAL", "hierarchicalChunkingConfiguration": hierarchy}
    if cut.strategy == "semantic":
        turns = {
            "maxTokens": cut.max_tokens,
            "bufferSize": cut.buffer_sentences,
            "breakpointPercentileThreshold": cut.breakpoint_percentile,
        }
        return {"chunkingStrategy": "SEMANTIC", "semanticChunkingConfiguration": turns}
    return {"chunkingStrategy": "NONE"}
