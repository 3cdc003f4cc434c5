"""Exact nearest-neighbour search and full-text search with metadata filters, on numpy where it is installed."""

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from local.emulator.knowledge.vectors.filters import matches
from local.emulator.knowledge.words.bm25 import TextIndex

try:
    import numpy
except ImportError:
    numpy = None  # type: ignore[assignment]

Hit = tuple[float, str]


class VectorIndex:
    """Vectors with metadata, by key."""

    def __init__(self, dimension: int, metric: str, languages: Mapping[str, str | None] | None = None) -> None:
        """`languages` names the metadata keys that are searched by words, each with the language of its texts."""
        self.texts = {key: TextIndex(language) for key, language in (languages or {}).items()}
        self.dimension = dimension
        self.metric = metric
        self.metadata: dict[str, dict[str, Any]] = {}
        self._vectors: dict[str, Sequence[float]] = {}
        self._matrix: Any = None

    def put(self, key: str, vector: Sequence[float], metadata: dict[str, Any]) -> None:
        """Add a vector, or replace the one with this key."""
        self._vectors[key] = vector
        if numpy is not None:
            compact: Any = numpy.asarray(vector, dtype=numpy.float32)
            self._vectors[key] = compact
        self.metadata[key] = metadata
        for name, texts in self.texts.items():
            texts.put(key, metadata.get(name))
        self._matrix = None

    def delete(self, keys: Iterable[str]) -> None:
        """Forget these vectors; unknown keys are nothing to forget."""
        for key in keys:
            self._vectors.pop(key, None)
            self.metadata.pop(key, None)
            for texts in self.texts.values():
                texts.delete(key)
        self._matrix = None

    def vector(self, key: str) -> list[float]:
        """The vector with this key."""
        return [float(value) for value in self._vectors[key]]

    def keys(self) -> list[str]:
        """All keys, in the order of insertion."""
        return list(self._vectors)

    def nearest(self, query: Sequence[float], count: int, condition: dict[str, Any] | None) -> list[Hit]:
        """The `count` nearest vectors that satisfy the filter: (distance, key), nearest first, ties by key."""
        keys = self.keys()
        if not keys:
            return []
        distances = self._distances(query, keys)
        hits = [
            (distance, key)
            for distance, key in zip(distances, keys, strict=True)
            if condition is None or matches(condition, self.metadata[key])
        ]
        return sorted(hits)[:count]

    def containing(self, name: str, text: str, count: int, condition: dict[str, Any] | None) -> list[Hit]:
        """The `count` vectors whose text under a metadata key fits best: (BM25 score, key), best first."""
        allowed = (
            None if condition is None else {k for k, values in self.metadata.items() if matches(condition, values)}
        )
        return self.texts[name].best(text, count, allowed)

    def _distances(self, query: Sequence[float], keys: list[str]) -> list[float]:
        if numpy is None:
            return [_distance(self.metric, query, self._vectors[key]) for key in keys]
        if self._matrix is None:
            matrix = numpy.stack([self._vectors[key] for key in keys])
            self._matrix = (matrix, numpy.maximum(numpy.linalg.norm(matrix, axis=1), 1e-12))
        matrix, norms = self._matrix
        wanted = numpy.asarray(query, dtype=numpy.float32)
        if self.metric == "cosine":
            measured = 1 - (matrix @ wanted) / (norms * max(float(numpy.linalg.norm(wanted)), 1e-12))
        else:
            measured = ((matrix - wanted) ** 2).sum(axis=1)
        return [float(value) for value in measured]


def _distance(metric: str, left: Sequence[float], right: Sequence[float]) -> float:
    if metric != "cosine":
        return sum((a - b) ** 2 for a, b in zip(left, right, strict=True))
    norm = math.sqrt(sum(a * a for a in left)) * math.sqrt(sum(b * b for b in right))
    return 1 - sum(a * b for a, b in zip(left, right, strict=True)) / (norm or 1e-12)
