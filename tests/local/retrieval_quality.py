"""How often the right page is among five passages: run on the emulator's interpreter, prints one JSON object."""

import json
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from local.emulator.embedding import lexical
from local.emulator.embedding.model import embedder
from local.emulator.knowledge.chunking import Chunking
from local.emulator.knowledge.vector_search import VectorIndex

DIMENSIONS, PASSAGES = 1024, 5


def main(corpus: Path, model: str) -> None:
    """Measure one model: `installed` or `fallback`."""
    name, embed = embedder()
    if model == "fallback":
        name = "hashed words"

        def embed(texts: list[str], dimensions: int) -> list[list[float]]:
            return [lexical.embed(text, dimensions) for text in texts]

    folder = corpus / "documents"
    chunks = [
        (str(page.relative_to(folder)), chunk)
        for page in sorted(folder.rglob("*.md"))
        for chunk in Chunking().split(page.read_text())
    ]
    started = time.monotonic()
    vectors = embed([chunk for _, chunk in chunks], DIMENSIONS)
    seconds = time.monotonic() - started
    index = VectorIndex(DIMENSIONS, "cosine")
    for number, ((page, _), vector) in enumerate(zip(chunks, vectors, strict=True)):
        index.put(f"{number:05}", vector, {"page": page})
    questions = [json.loads(line) for line in (corpus / "questions.jsonl").read_text().splitlines()]
    hits = sum(_found(question, index, embed([question["question"]], DIMENSIONS)[0]) for question in questions)
    print(json.dumps({"model": name, "questions": len(questions), "hits": hits, "seconds": round(seconds, 1)}))  # noqa: T201


def _found(question: dict[str, str], index: VectorIndex, vector: list[float]) -> bool:
    nearest = index.nearest(vector, PASSAGES, None)
    return question["document"] in {index.metadata[key]["page"] for _, key in nearest}


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
