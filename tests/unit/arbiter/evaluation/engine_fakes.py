"""An evaluation without AWS: a bucket in memory, and judges that say what they are told."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from arbiter.answering.writer import Completion, Generation
from arbiter.aws.objects import Objects, StoredObject
from arbiter.costs.prices import Prices
from arbiter.costs.tokens import Usage
from arbiter.errors import ArbiterError
from arbiter.evaluation.run.arms import Arm
from arbiter.evaluation.run.batches import batches
from arbiter.evaluation.run.keys import cases_key, plan_key
from arbiter.evaluation.run.plan import Plan, digest
from arbiter.evaluation.run.throttling import Pace
from arbiter.evaluation.verdicts.panel import Judge
from arbiter.modes import Mode
from arbiter.store import ObjectMissingError

JUDGES = ("anthropic.one", "meta.two")
BASE, RAG = Arm("base", Mode.BASE), Arm("rag", Mode.RAG)
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


class Bucket(Objects):
    """A bucket in memory that counts what is written to it."""

    def __init__(self, contents: dict[str, bytes] | None = None) -> None:
        super().__init__(None, "results")
        self.contents = contents or {}
        self.writes: list[str] = []

    def stream(self, key: str) -> Iterator[bytes]:
        if key not in self.contents:
            raise ObjectMissingError(f"There is no {self.uri(key)}.")
        yield self.contents[key]

    def read_range(self, key: str, offset: int, size: int) -> bytes:
        return self.read(key)[offset : offset + size]

    def listing(self, prefix: str = "") -> Iterator[StoredObject]:
        return iter([StoredObject(key, 1, "", NOW) for key in sorted(self.contents) if key.startswith(prefix)])

    def write(self, key: str, body: Any, **options: Any) -> datetime:
        self.contents[key] = body
        self.writes.append(key)
        return NOW

    def record(self, key: str) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.contents[key])
        return found


@dataclass
class ScriptedModel:
    """Says or raises what its script holds, in order, then what `always` makes of the question."""

    script: list[str | ArbiterError] = field(default_factory=list)
    always: Callable[[Generation], str | ArbiterError] = lambda generation: grades()
    asked: list[Generation] = field(default_factory=list)

    def generate(self, generation: Generation, timeout: float) -> Completion:
        self.asked.append(generation)
        reply = self.script.pop(0) if self.script else self.always(generation)
        if isinstance(reply, ArbiterError):
            raise reply
        return Completion(reply, "end_turn", Usage(100, 10))


def grades(score: int = 7, *, grounded: bool = False, **changes: Any) -> str:
    """A judge's reply as it ought to be."""
    criteria = dict.fromkeys(("accuracy", "completeness", "relevance", "clarity"), score)
    faithful = {"faithfulness": score} if grounded else {}
    return json.dumps({"reason": "It says so.", **criteria, **faithful, "score": score, **changes})


def either(generation: Generation) -> str:
    """Good grades for whatever is asked: with faithfulness where passages are shown."""
    return grades(grounded="<passages>" in generation.prompt.turns[0].text)


def judge(model: ScriptedModel, name: str = JUDGES[0], slept: list[float] | None = None) -> Judge:
    pace = Pace((slept if slept is not None else []).append, lambda: 1.0)
    prices = Prices({name: {"input_per_1k": 1.0, "output_per_1k": 10.0}})
    return Judge(name, model, pace, prices, lambda error: None)


def plan(cases: bytes, arms: Sequence[Arm] = (BASE, RAG), **changes: Any) -> Plan:
    values: dict[str, Any] = {
        "run": "r",
        "arms": tuple(arms),
        "judges": JUDGES,
        "pairwise": False,
        "repeat": 1,
        "cases": cases.count(b"\n"),
        "cases_key": cases_key("r"),
        "cases_digest": digest(cases),
        "started_at": NOW.isoformat(),
        "started_by": None,
        "estimate": {},
        "prices": {},
        "prices_as_of": "2026-11-21",
        "tuned": {},
        "doubts": (),
    }
    return Plan(**values | changes)


def planned(cases: Sequence[Mapping[str, Any]], **changes: Any) -> tuple[Bucket, list[dict[str, Any]]]:
    """A bucket with a planned run, and the events that its maps send."""
    content = b"".join(json.dumps(case).encode() + b"\n" for case in cases)
    made = plan(content, **changes)
    bucket = Bucket({cases_key("r"): content, plan_key("r"): json.dumps(made.dump()).encode()})
    return bucket, [{"run": "r", "batch": batch, "retry_failed": True} for batch in batches(content)]


def response(text: str = "Two metres.", mode: str = "base", passages: Sequence[str] = ()) -> dict[str, Any]:
    """A router's response."""
    return {
        "answer": text,
        "mode": mode,
        "citations": [{"text": passage, "uri": "s3://d/a.md", "score": 0.5} for passage in passages],
        "model": "amazon.nova-micro-v1:0",
        "usage": {"input_tokens": 10, "output_tokens": 2},
        "latency_ms": {"retrieve": 0.0, "generate": 90.0, "total": 100.0},
    }


@dataclass
class Context:
    """Lambda's description of an invocation."""

    seconds: float = 900.0
    aws_request_id: str = "request-1"

    def get_remaining_time_in_millis(self) -> int:
        return int(self.seconds * 1000)
