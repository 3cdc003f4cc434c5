"""A stand-in for reranking models: passages in the order of their words, by BM25 among themselves."""

from local.emulator.knowledge.words.bm25 import TextIndex


def reranked(question: str, passages: list[str], count: int) -> list[tuple[int, float]]:
    """The best passages with their places and a relevance from 0 to 1, best first.

    The relevance is the part that a passage reaches of the most that any text could score for the question.
    """
    index = TextIndex("en")
    for position, passage in enumerate(passages):
        index.put(f"{position:04}", passage)
    most = index.most(question)
    scores = {int(key): score / most for score, key in index.best(question, len(passages), None)} if most else {}
    return sorted(
        ((position, scores.get(position, 0.0)) for position in range(len(passages))), key=lambda one: -one[1]
    )[:count]
