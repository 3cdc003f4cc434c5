"""Full-text search over one metadata key: BM25, as Lucene computes it by default."""

import heapq
import math
from collections import Counter
from collections.abc import Iterator

from local.emulator.knowledge.words.analysis import analyzer

SATURATION, LENGTH_SHARE = 1.2, 0.75  # k1 and b

Hit = tuple[float, str]


class TextIndex:
    """Texts by key, as the terms of one language."""

    def __init__(self, language: str | None) -> None:
        self._terms = analyzer(language)
        self._texts: dict[str, Counter[str]] = {}
        self._lengths: dict[str, int] = {}
        self._postings: dict[str, dict[str, int]] = {}

    def put(self, key: str, text: object) -> None:
        """Add a text, or replace the one with this key; what is no text is not searched."""
        self.delete(key)
        if not isinstance(text, str):
            return
        counts = self._texts[key] = Counter(self._terms(text))
        self._lengths[key] = counts.total()
        for term, count in counts.items():
            self._postings.setdefault(term, {})[key] = count

    def delete(self, key: str) -> None:
        """Forget the text with this key, if there is one."""
        self._lengths.pop(key, None)
        for term in self._texts.pop(key, ()):
            holders = self._postings[term]
            del holders[key]
            if not holders:
                del self._postings[term]

    def best(self, text: str, count: int, keys: set[str] | None) -> list[Hit]:
        """The `count` texts that score best: (score, key), best first, ties by key; of `keys` alone where given."""
        scores: dict[str, float] = {}
        for key, score in self._scores(text):
            if keys is None or key in keys:
                scores[key] = scores.get(key, 0.0) + score
        return heapq.nsmallest(
            count, ((score, key) for key, score in scores.items()), key=lambda hit: (-hit[0], hit[1])
        )

    def most(self, text: str) -> float:
        """The most that any text could score for this one, were it nothing but its words without end."""
        return sum(asked * self._rarity(term) * (SATURATION + 1) for term, asked in Counter(self._terms(text)).items())

    def _rarity(self, term: str) -> float:
        holders = len(self._postings.get(term, ()))
        return math.log(1 + (len(self._lengths) - holders + 0.5) / (holders + 0.5))

    def _scores(self, text: str) -> Iterator[tuple[str, float]]:
        if not self._lengths:
            return
        mean = sum(self._lengths.values()) / len(self._lengths) or 1.0
        for term, asked in Counter(self._terms(text)).items():
            rarity = self._rarity(term)
            for key, count in self._postings.get(term, {}).items():
                length = 1 - LENGTH_SHARE + LENGTH_SHARE * self._lengths[key] / mean
                yield key, asked * rarity * count * (SATURATION + 1) / (count + SATURATION * length)
