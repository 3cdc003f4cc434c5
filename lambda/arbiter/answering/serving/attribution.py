"""The sentences of an answer beside the passages that share their words."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from arbiter.answering.prompts import Passage

LEAST_SHARED = 0.5
"""Part of a sentence's words that a passage must have for the sentence to be set beside it."""
SHORTEST_WORD = 4
"""Letters: the commonest words of most languages are shorter, and stand in any passage."""

_SENTENCE = re.compile(r"(?<=[.!?])\s+|(?<=[\u3002\uff01\uff1f])|\n+")
_WORD = re.compile(r"[^\W_]+")
_UNSPACED = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\u0e00-\u0e7f]")
"""Scripts that are written without spaces, or whose words bear their grammar: taken by pairs of characters."""


class Shared(NamedTuple):
    """A sentence of an answer, and the part of its words that stand in a passage too."""

    text: str
    shared_words: float


def by_shared_words(answer: str, passages: Sequence[Passage]) -> Mapping[int, list[Shared]]:
    """The sentences of an answer by the passage that has most of their words, or the passages that have equally many.

    It is no proof: words can be shared by accident, and a sentence can mean the contrary. Sentences that share less
    than half of their words with every passage stand under none.
    """
    known = [_words(passage.text) for passage in passages]
    shared: dict[int, list[Shared]] = {}
    for sentence in filter(None, (part.strip() for part in _SENTENCE.split(answer))):
        words = _words(sentence)
        shares = [len(words & there) / len(words) for there in known] if words else []
        best = max(shares, default=0.0)
        for index, share in enumerate(shares):
            if share == best >= LEAST_SHARED:
                shared.setdefault(index, []).append(Shared(sentence, round(share, 3)))
    return shared


def _words(text: str) -> frozenset[str]:
    return frozenset(word for run in _WORD.findall(text.lower()) for word in _parts(run))


def _parts(run: str) -> Iterable[str]:
    if _UNSPACED.search(run):
        return (run[start : start + 2] for start in range(max(1, len(run) - 1)))
    return (run,) if len(run) >= SHORTEST_WORD or not run.isalpha() else ()
