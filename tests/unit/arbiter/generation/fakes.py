"""Generation without AWS: a model that is told what to say, a bucket in memory, pairs at hand."""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from arbiter.answering.prompts import Passage
from arbiter.answering.retrieval import Query
from arbiter.answering.writer import Completion, Generation
from arbiter.aws.objects import Objects, StoredObject
from arbiter.costs.prices import Prices
from arbiter.costs.tokens import Usage
from arbiter.errors import ArbiterError
from arbiter.generation.estimate import Ceiling
from arbiter.generation.pairs import Pair
from arbiter.generation.plan import Planning
from arbiter.generation.planner import Planner
from arbiter.generation.replies import Verdict
from arbiter.generation.sources.passages import Excerpt
from arbiter.store import ObjectMissingError

GENERATOR, VERIFIER = "amazon.nova-lite-v1:0", "us.anthropic.claude-haiku-4-5-20251001-v1:0"
PRICES = {
    GENERATOR: {"input_per_1k": 0.00006, "output_per_1k": 0.00024},
    VERIFIER: {"input_per_1k": 0.001, "output_per_1k": 0.005},
}
SUPPORTED = json.dumps({"reason": "It stands there.", "verdict": "supported"})
UNANSWERABLE = json.dumps({"reason": "It stands nowhere.", "verdict": "unanswerable"})


def written(*pairs: tuple[str, str, str]) -> str:
    """A generator's reply with these pairs of kind, question and answer."""
    return json.dumps({"pairs": [{"kind": k, "question": q, "answer": a} for k, q, a in pairs]})


@dataclass
class ScriptedModel:
    """Says what `say` makes of a call; errors are raised."""

    say: Callable[[Generation], str | ArbiterError]
    calls: list[Generation] = field(default_factory=list)

    def generate(self, generation: Generation, timeout: float) -> Completion:
        self.calls.append(generation)
        reply = self.say(generation)
        if isinstance(reply, ArbiterError):
            raise reply
        return Completion(reply, "end_turn", Usage(100, 20))


@dataclass
class FixedSearch:
    """A knowledge base that always finds the same."""

    passages: tuple[Passage, ...] = ()
    queries: list[Query] = field(default_factory=list)

    def retrieve(self, query: Query, timeout: float) -> tuple[Passage, ...]:
        self.queries.append(query)
        return self.passages


class MemoryObjects(Objects):
    """A bucket in memory."""

    def __init__(self, bucket: str, contents: dict[str, bytes] | None = None) -> None:
        super().__init__(None, bucket)
        self.contents = dict(contents or {})
        self.writes: list[str] = []

    def stream(self, key: str) -> Iterator[bytes]:
        if key not in self.contents:
            raise ObjectMissingError(f"There is no {self.uri(key)}.")
        yield self.contents[key]

    def write(self, key: str, body: Any, **options: Any) -> datetime:
        self.contents[key] = body
        self.writes.append(key)
        return datetime.now(UTC)

    def listing(self, prefix: str = "") -> Iterator[StoredObject]:
        for key in sorted(key for key in list(self.contents) if key.startswith(prefix)):
            yield StoredObject(key, len(self.contents[key]), "etag", datetime.now(UTC))


def a_pair(
    number: int = 1, *, kind: str = "fact", document: str = "guides/stove.md", distractors: tuple[Passage, ...] = ()
) -> Pair:
    """A pair that differs from others by its number."""
    words = ("anchor", "basket", "candle", "dragon", "engine", "falcon", "garden", "hammer", "island", "jungle")
    name = " ".join(words[int(digit)] for digit in f"{number:03d}")
    return Pair(
        id=f"q-{number:016d}",
        question=f"Where does the {name} stand?",
        answer=f"The {name} stands in hall {number}.",
        kind=kind,
        document=document,
        passage=Excerpt(f"The {name} stands in hall {number}.", 0, 40),
        verdict=Verdict("It stands there.", "supported"),
        distractors=distractors,
    )


NAMES = ("anchor", "basket", "candle", "dragon", "engine", "falcon", "garden", "hammer")
DOCUMENT = "\n\n".join((f"The {name} kettle boils one litre of water at sea level. " * 6).strip() for name in NAMES)
DOCUMENTS = {f"guides/{n}.md": DOCUMENT.encode() for n in range(8)} | {"scan.pdf": b"%PDF", "a.md.metadata.json": b"{}"}
EVENT = {"run": "run-1", "purpose": "training", "pairs": 10}


def opened(models: Sequence[str]) -> list[str]:
    return []


def planner(results: MemoryObjects, found: tuple[Passage, ...] = (), **change: Any) -> Planner:
    known: dict[str, Any] = {
        "generator": GENERATOR, "verifier": VERIFIER, "prices": Prices(PRICES), "held_out_percentage": 20,
        "passage_tokens": 100, "results": 5, "ceiling": Ceiling(tokens=10**6, usd=1.0),
    }  # fmt: skip
    return Planner(
        MemoryObjects("documents", DOCUMENTS), results, FixedSearch(found), opened, Planning(**known | change)
    )
