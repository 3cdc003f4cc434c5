"""Allotment of pairs: to documents by their size, to kinds in turn."""

from collections.abc import Mapping, Sequence
from hashlib import blake2b

from arbiter.generation.sources.passages import BYTES_PER_TOKEN

TOKENS_A_PAIR = 60
"""Tokens of text that a pair needs, so that the questions do not repeat each other."""
TURN = (
    "fact", "procedure", "fact", "comparison", "fact", "style", "fact", "procedure", "comparison", "out_of_scope",
)  # fmt: skip
"""Ten pairs of a mixed run: mostly facts, one question in ten without an answer."""


def allot(sizes: Mapping[str, int], pairs: int) -> dict[str, int]:
    """Pairs by document, in proportion to its bytes and at most as many as its length yields; documents with none
    are left out. Largest remainders get what rounding leaves, so that the sum is exact where the documents allow it."""
    most = {key: max(1, size // (TOKENS_A_PAIR * BYTES_PER_TOKEN)) for key, size in sizes.items() if size}
    allotted = dict.fromkeys(most, 0)
    left = min(pairs, sum(most.values()))
    while left:
        open_keys = [key for key in most if allotted[key] < most[key]]
        weight = sum(sizes[key] for key in open_keys)
        parts = {key: left * sizes[key] / weight for key in open_keys}
        rounded = {key: min(most[key] - allotted[key], int(part)) for key, part in parts.items()}
        if not any(rounded.values()):
            ranked = sorted(open_keys, key=lambda key: (-parts[key], document_id(key)))
            rounded = dict.fromkeys(ranked[:left], 1)
        for key, part in rounded.items():
            allotted[key] += part
        left -= sum(rounded.values())
    return {key: count for key, count in allotted.items() if count}


def document_id(key: str) -> str:
    """A short name for a document, good as part of a key whatever the document is called."""
    return blake2b(key.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()


def kinds_of(kinds: Sequence[str], document: str, count: int) -> list[str]:
    """Kinds for so many pairs of a document, in turn; where the turn begins differs by document, so that short
    documents do not all give the first kind."""
    first, turn = int(document_id(document), 16), weighted(kinds)
    return [turn[(first + index) % len(turn)] for index in range(count)]


def weighted(kinds: Sequence[str]) -> list[str]:
    """The turn of kinds, with those left out that are not wanted."""
    return [kind for kind in TURN if kind in kinds]
