"""`python -m local.emulator.knowledge.measuring`: what each way to cut documents lets be found, without any AWS.

Reads an order from standard input: `folder`, `documents` (keys in it), `chunkings` (name -> `chunkingConfiguration`),
`questions` (pairs: as they are asked, and their words as they are searched for) and `read`, how deep each search goes.
Writes a JSON object a line: progress as {"stage", "done", "total"}, and at the end of each way its result.
"""

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from local.emulator.embedding.model import Embed, embedder
from local.emulator.knowledge.reading.chunking import Chunk, Chunking
from local.emulator.knowledge.reading.parsed import DocumentError
from local.emulator.knowledge.reading.parsers import parse
from local.emulator.knowledge.reading.tokens import count_tokens
from local.emulator.knowledge.vectors.search import VectorIndex
from local.emulator.knowledge.words.bm25 import TextIndex

DIMENSIONS = 1024
BATCH = 250
"""Passages that are embedded at once."""


def measured(order: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Progress and results of an order."""
    model, embed = embedder(remembers=True)
    texts, unread = _texts(Path(order["folder"]), order["documents"])
    for name, configuration in order["chunkings"].items():
        stage = f"Cutting and embedding: {name}"
        chunking = Chunking.parse(configuration)
        chunks = [(key, chunk) for key, text in texts.items() for chunk in chunking.cut(text)]
        index = VectorIndex(DIMENSIONS, "cosine")
        words = TextIndex("en")
        for start in range(0, len(chunks), BATCH):
            yield {"stage": stage, "done": start, "total": len(chunks)}
            _put(index, words, start, [chunk for _, chunk in chunks[start : start + BATCH]], embed)
        searches = [_search(index, words, embed, *question, read=order["read"]) for question in order["questions"]]
        yield {"chunking": name, "model": model, "unread": unread, **_given(chunks, searches)}


def _texts(folder: Path, keys: Sequence[str]) -> tuple[dict[str, str], list[str]]:
    texts: dict[str, str] = {}
    unread = []
    for key in keys:
        try:
            texts[key] = parse(key, (folder / key).read_bytes()).text
        except DocumentError as error:
            unread.append(f"{key}: {error}")
    return texts, unread


def _put(index: VectorIndex, words: TextIndex, start: int, chunks: Sequence[Chunk], embed: Embed) -> None:
    vectors = embed([chunk.text for chunk in chunks], DIMENSIONS, passages=True)
    for number, (chunk, vector) in enumerate(zip(chunks, vectors, strict=True), start=start):
        index.put(f"{number:07}", vector, {})
        words.put(f"{number:07}", chunk.text)


def _search(
    index: VectorIndex, words: TextIndex, embed: Embed, question: str, terms: str, *, read: int
) -> tuple[list[int], list[int], dict[int, float]]:
    """The passages nearest in meaning, those that share most words, and how many words each of both shares."""
    vector = embed([question], DIMENSIONS, passages=False)[0]
    meaning = [key for _, key in index.nearest(vector, read, None)]
    best = [key for _, key in words.best(terms, read, None)]
    scores = words.best(terms, 2 * read, {*meaning, *best})
    return [int(key) for key in meaning], [int(key) for key in best], {int(key): score for score, key in scores}


def _given(
    chunks: Sequence[tuple[str, Chunk]], searches: Sequence[tuple[list[int], list[int], dict[int, float]]]
) -> dict[str, Any]:
    """The rankings over what is given to a model: of small chunks in one large one, the best stands for all."""
    numbers: dict[tuple[str, str], int] = {}
    given = [numbers.setdefault((key, chunk.parent or chunk.text), len(numbers)) for key, chunk in chunks]
    questions = [
        {
            "meaning": list(dict.fromkeys(given[chunk] for chunk in meaning)),
            "words": list(dict.fromkeys(given[chunk] for chunk in words)),
            "scores": {given[chunk]: score for chunk, score in sorted(scores.items(), key=lambda item: item[1])},
        }
        for meaning, words, scores in searches
    ]
    return {"passages": [(key, count_tokens(text)) for key, text in numbers], "questions": questions}


def main() -> None:
    """Measure what standard input orders."""
    for line in measured(json.load(sys.stdin)):
        print(json.dumps(line), flush=True)  # noqa: T201 - the protocol


if __name__ == "__main__":
    main()
