"""How often the right page is among five passages, by meaning, by words, by both: prints one JSON object.

Run on the emulator's interpreter, with the corpus and `installed` or `fallback`.
"""

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "lambda"))

from arbiter.answering.searching.fusion import fused
from arbiter.answering.searching.hybrid import LEAST_READ, query_text
from local.emulator.embedding import lexical
from local.emulator.embedding.model import embedder
from local.emulator.knowledge.reading.chunking import Chunking
from local.emulator.knowledge.vector_search import VectorIndex

DIMENSIONS, PASSAGES = 1024, 5
BATCH = 250
"""Passages at once: about as many as those of the documents that an ingestion reads at once."""
LETTER = (
    "Hello,\nI am new in this team and have read for a while without getting any wiser, so I hope that somebody here "
    "can help me out.\n{}\nI would be glad about an answer before the weekend, when I am away for a few days.\nThanks"
)
WORDINGS: dict[str, Callable[[str], str]] = {
    "as it is": str,
    "on two lines": lambda question: question.replace(" ", "\n", 1),
    "in a letter": LETTER.format,
}


def main(corpus: Path, model: str) -> None:
    """Measure one model: `installed` or `fallback`."""
    name, embed = embedder()
    if model == "fallback":
        name = "hashed words"

        def embed(texts: list[str], dimensions: int, *, passages: bool) -> list[list[float]]:
            return [lexical.embed(text, dimensions, passage=passages) for text in texts]

    folder = corpus / "documents"
    chunks = [
        (str(page.relative_to(folder)), chunk)
        for page in sorted(folder.rglob("*.md"))
        for chunk in Chunking().split(page.read_text())
    ]
    started = time.monotonic()
    batches = (chunks[start : start + BATCH] for start in range(0, len(chunks), BATCH))
    vectors = [
        vector for batch in batches for vector in embed([chunk for _, chunk in batch], DIMENSIONS, passages=True)
    ]
    seconds = time.monotonic() - started
    index = VectorIndex(DIMENSIONS, "cosine", {"text": "en"})
    for number, ((page, chunk), vector) in enumerate(zip(chunks, vectors, strict=True)):
        index.put(f"{number:05}", vector, {"page": page, "text": chunk})
    questions = [json.loads(line) for line in (corpus / "questions.jsonl").read_text().splitlines()]
    documents = [question["document"] for question in questions]
    hits: dict[str, dict[str, int]] = {search: {} for search in ("semantic", "words", "hybrid")}
    for wording, reword in WORDINGS.items():
        asked = [reword(question["question"]) for question in questions]
        found = [_searched(index, *one) for one in zip(asked, embed(asked, DIMENSIONS, passages=False), strict=True)]
        for search, count in hits.items():
            keys = [one[search][:PASSAGES] for one in found]
            pages = [{index.metadata[key]["page"] for key in one} for one in keys]
            count[wording] = sum(page in five for page, five in zip(documents, pages, strict=True))
    print(json.dumps({"model": name, "questions": len(questions), "hits": hits, "seconds": round(seconds, 1)}))  # noqa: T201


def _searched(index: VectorIndex, question: str, vector: list[float]) -> dict[str, list[str]]:
    """The passages of each search, best first."""
    meaning = [key for _, key in index.nearest(vector, LEAST_READ, None)]
    words = [key for _, key in index.containing("text", query_text(question), LEAST_READ, None)]
    return {"semantic": meaning, "words": words, "hybrid": fused([meaning, words])}


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
