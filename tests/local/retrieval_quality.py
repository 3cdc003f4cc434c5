"""How often the right page is among five passages, and the first of one that names something: prints a JSON object.

By meaning, by words, and by both.

Run on the emulator's interpreter, with the corpus and a file of its passages as an index holds them, a JSON line each
with `page`, `text` and `vector`; or with `fallback`, for the model that needs no packages.
"""

import json
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "lambda"))

from arbiter.answering.searching.fusion import fused
from arbiter.answering.searching.hybrid import LEAST_READ, query_text
from local.emulator.embedding import lexical
from local.emulator.embedding.model import Embed, embedder
from local.emulator.knowledge.reading.chunking import Chunking
from local.emulator.knowledge.vectors.search import VectorIndex

DIMENSIONS, PASSAGES = 1024, 5
IDENTIFIERS = Path(__file__).with_name("identifiers.jsonl")
"""Questions that hang on an error code, an instance type, an operation, each with the one page that has it."""
SEARCHES = ("semantic", "words", "hybrid")
LETTER = (
    "Hello,\nI am new in this team and have read for a while without getting any wiser, so I hope that somebody here "
    "can help me out.\n{}\nI would be glad about an answer before the weekend, when I am away for a few days.\nThanks"
)
WORDINGS: dict[str, Callable[[str], str]] = {
    "as it is": str,
    "on two lines": lambda question: question.replace(" ", "\n", 1),
    "in a letter": LETTER.format,
}


def main(corpus: Path, passages: str) -> None:
    """Measure the model that made the vectors of the passages, or the fallback."""
    name, embed = ("hashed words", hashed) if passages == "fallback" else embedder()
    started = time.monotonic()
    read = cut(corpus / "documents") if passages == "fallback" else kept(Path(passages))
    index = VectorIndex(DIMENSIONS, "cosine", {"text": "en"})
    for number, passage in enumerate(read):
        index.put(f"{number:05}", passage.pop("vector"), passage)
    seconds = time.monotonic() - started
    questions, identifiers = _questions(corpus / "questions.jsonl"), _questions(IDENTIFIERS)
    hits: dict[str, dict[str, int]] = {search: {} for search in SEARCHES}
    for wording, reword in WORDINGS.items():
        asked = {reword(question): document for question, document in questions.items()}
        for search, count in _hits(index, embed, asked, PASSAGES).items():
            hits[search][wording] = count
    result = {"model": name, "questions": len(questions), "hits": hits, "seconds": round(seconds, 1)}
    named = {"questions": len(identifiers), "first": _hits(index, embed, identifiers, 1)}
    print(json.dumps({**result, "identifiers": named}))  # noqa: T201


def _questions(file: Path) -> dict[str, str]:
    """The page that answers each question of a file."""
    questions = map(json.loads, file.read_text().splitlines())
    return {question["question"]: question["document"] for question in questions}


def _hits(index: VectorIndex, embed: Embed, asked: Mapping[str, str], passages: int) -> dict[str, int]:
    """For how many questions the page is among so many passages, by each search."""
    vectors = embed(list(asked), DIMENSIONS, passages=False)
    found = [_searched(index, question, vector) for question, vector in zip(asked, vectors, strict=True)]
    pages = [{search: [index.metadata[key]["page"] for key in keys] for search, keys in one.items()} for one in found]
    return {
        search: sum(page in one[search][:passages] for page, one in zip(asked.values(), pages, strict=True))
        for search in SEARCHES
    }


def hashed(texts: list[str], dimensions: int, *, passages: bool) -> list[list[float]]:
    """Embed without numpy, as the local AWS does where it has none."""
    return [lexical.embed(text, dimensions, passage=passages) for text in texts]


def kept(passages: Path) -> Iterator[dict[str, Any]]:
    """The passages of a file."""
    with passages.open() as lines:
        yield from map(json.loads, lines)


def cut(documents: Path) -> Iterator[dict[str, Any]]:
    """The passages of some documents, with the fallback's vectors."""
    for page in sorted(documents.rglob("*.md")):
        texts = Chunking().split(page.read_text())
        for text, vector in zip(texts, hashed(texts, DIMENSIONS, passages=True), strict=True):
            yield {"page": str(page.relative_to(documents)), "text": text, "vector": vector}


def _searched(index: VectorIndex, question: str, vector: list[float]) -> dict[str, list[str]]:
    """The passages of each search, best first."""
    meaning = [key for _, key in index.nearest(vector, LEAST_READ, None)]
    words = [key for _, key in index.containing("text", query_text(question), LEAST_READ, None)]
    return {"semantic": meaning, "words": words, "hybrid": fused([meaning, words])}


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
