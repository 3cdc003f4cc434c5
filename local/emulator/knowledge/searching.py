"""Searches of an index that is kept here: by meaning, and by meaning and words at once."""

from typing import Any

from local.emulator.embedding.model import embedder
from local.emulator.knowledge.knowledge_bases import KnowledgeBase
from local.emulator.knowledge.vectors.search import Hit

_CANDIDATES, _RANK_CONSTANT = 40, 60

Found = list[tuple[dict[str, Any], float]]
"""Metadata and similarity of each hit, best first; words alone give a similarity of 0."""


def by_meaning(knowledge_base: KnowledgeBase, question: str, count: int, condition: dict[str, Any] | None) -> Found:
    """The passages nearest to the question."""
    metadata, hits = knowledge_base.index.vectors.metadata, _nearest(knowledge_base, question, count, condition)
    return [(metadata[key], 1 - distance) for distance, key in hits]


def by_both(knowledge_base: KnowledgeBase, question: str, count: int, condition: dict[str, Any] | None) -> Found:
    """Both rankings fused by reciprocal rank."""
    vectors, wanted = knowledge_base.index.vectors, max(count, _CANDIDATES)
    meant = _nearest(knowledge_base, question, wanted, condition)
    by_words = vectors.containing("AMAZON_BEDROCK_TEXT", question, wanted, condition)
    scores = {key: 1 - distance for distance, key in meant}
    sums: dict[str, float] = {}
    for ranking in (meant, by_words):
        for rank, (_, key) in enumerate(ranking, start=1):
            sums[key] = sums.get(key, 0.0) + 1 / (_RANK_CONSTANT + rank)
    best = sorted((-total, key) for key, total in sums.items())[:count]
    return [(vectors.metadata[key], scores.get(key, 0.0)) for _, key in best]


def _nearest(knowledge_base: KnowledgeBase, question: str, count: int, condition: dict[str, Any] | None) -> list[Hit]:
    vector = embedder()[1]([question], knowledge_base.dimensions, passages=False)[0]
    return knowledge_base.index.vectors.nearest(vector, count, condition)
