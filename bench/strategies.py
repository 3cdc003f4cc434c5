"""`python -m bench.strategies CORPUS`: how often both documents of a question about two matters are read, by strategy.

CORPUS holds `documents/` in Markdown and `questions.jsonl`, each line with `question` and `document`. The questions are
asked as they are, two in one sentence, and as comparisons of two subjects. Passages are found by hashed words, and the
searches are planned by the local AWS's stand-in, which goes by grammar: a language model may do better or worse.
"""

import json
import re
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import combinations
from pathlib import Path
from typing import Any, NamedTuple

from arbiter.answering.answerer import Answerer
from arbiter.answering.prompts import Passage
from arbiter.answering.request import Request, Retrieval
from arbiter.answering.retrieval import BOUNDS, Query
from arbiter.answering.retry import Backoff, Deadline
from arbiter.answering.writer import Completion, Generation
from arbiter.costs.tokens import Usage
from arbiter.modes import Mode
from arbiter.settings.answering import RouterSettings
from arbiter.tuned_models.service.pointer import TunedModel
from local.emulator.embedding import lexical
from local.emulator.knowledge.reading.chunking import Chunking
from local.emulator.knowledge.reading.tokens import count_tokens
from local.emulator.knowledge.vectors.search import VectorIndex
from local.emulator.language.decomposition import replied

DIMENSIONS, RESULTS, MOST_COMPARISONS, APART, SECONDS = 1024, 5, 60, 7, 60.0
_SUBJECT = re.compile(r"(?i)what (?:is|are) (.+?)[?.\s]*$")


class Asked(NamedTuple):
    """A question, and the documents that hold its answer."""

    question: str
    documents: frozenset[str]


class WordSearch:
    """A knowledge base that finds passages by their hashed words."""

    def __init__(self, documents: Mapping[str, str]) -> None:
        self._index = VectorIndex(DIMENSIONS, "cosine")
        chunks = [(name, chunk) for name, text in documents.items() for chunk in Chunking().split(text)]
        for number, (name, chunk) in enumerate(chunks):
            vector = lexical.embed(chunk, DIMENSIONS, passage=True)
            self._index.put(f"{number:06}", vector, {"name": name, "text": chunk})

    def retrieve(self, query: Query, timeout: float) -> list[Passage]:
        """The passages nearest to a question."""
        found = self._index.nearest(lexical.embed(query.text, DIMENSIONS), query.read, None)
        stored = [(self._index.metadata[key], distance) for distance, key in found]
        return [Passage(metadata["text"], metadata["name"], 1 - distance) for metadata, distance in stored]


class Planner:
    """The stand-in as a planner of searches; its answers are of no interest here."""

    def generate(self, generation: Generation, timeout: float) -> Completion:
        """Write, and count the tokens that were read."""
        turns = [{"role": turn.role, "content": [{"text": turn.text}]} for turn in generation.prompt.turns]
        body: dict[str, Any] = {"system": [{"text": text} for text in generation.prompt.system], "messages": turns}
        return Completion(replied(body) or "-", "end_turn", Usage(sum(map(count_tokens, generation.prompt.texts())), 1))


class NoTunedModel:
    """No tuned model."""

    def current(self, timeout: float, *, fresh: bool = False) -> TunedModel | None:
        """Nothing is in service."""


def asked(questions: Sequence[Mapping[str, str]]) -> dict[str, list[Asked]]:
    """The questions as they are, two in one sentence, and as comparisons."""
    several = [
        (one, other)
        for one, other in zip(questions, [*questions[APART:], *questions[:APART]], strict=True)
        if one["document"] != other["document"]
    ]
    named = [(match[1], one["document"]) for one in questions if (match := _SUBJECT.match(one["question"]))]
    pairs = [(a, b) for a, b in combinations(named, 2) if a[1] != b[1]]
    pairs = pairs[:: max(1, len(pairs) // MOST_COMPARISONS)][:MOST_COMPARISONS]
    return {
        "as it is": [Asked(one["question"], frozenset([one["document"]])) for one in questions],
        "two in one": [
            Asked(_sentence(a["question"], b["question"]), frozenset([a["document"], b["document"]]))
            for a, b in several
        ],
        "compared": [Asked(f"Compare {a[0]} with {b[0]}.", frozenset([a[1], b[1]])) for a, b in pairs],
    }


def _sentence(first: str, second: str) -> str:
    return f"{first.rstrip('? ')}, and {second[:1].lower()}{second[1:]}"


def measure(documents: Mapping[str, str], questions: Sequence[Mapping[str, str]]) -> Iterator[dict[str, Any]]:
    """How many questions have all their documents read, at how many tokens, by wording and strategy."""
    settings = RouterSettings(environment="bench", base_model="m", knowledge_base_id="k", tuned_model_parameter="p")
    clock: Callable[[], float] = time.monotonic
    answerer = Answerer(
        settings, model=Planner(), retriever=WordSearch(documents), tuned_models=NoTunedModel(), clock=clock,
        backoff=Backoff(),
    )  # fmt: skip
    for wording, cases in asked(questions).items():
        for strategy in BOUNDS:
            options = Retrieval(results=RESULTS, strategy=strategy)  # type: ignore[arg-type]
            requests = (Request(case.question, mode=Mode.RAG, retrieval=options) for case in cases)
            answers = [answerer.answer(request, Deadline(SECONDS, clock)) for request in requests]
            read = [{passage.uri for passage in answer.passages} for answer in answers]
            yield {
                "wording": wording,
                "strategy": strategy,
                "questions": len(cases),
                "all documents read": sum(case.documents <= names for case, names in zip(cases, read, strict=True)),
                "input tokens": round(sum(answer.usage.input_tokens for answer in answers) / len(cases)),
            }


def main(corpus: Path) -> None:
    """Print a JSON object for each wording and strategy."""
    folder = corpus / "documents"
    documents = {str(file.relative_to(folder)): file.read_text() for file in sorted(folder.rglob("*.md"))}
    questions = [json.loads(line) for line in (corpus / "questions.jsonl").read_text().splitlines()]
    for measured in measure(documents, questions):
        print(json.dumps(measured), flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
