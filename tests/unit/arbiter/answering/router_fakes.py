"""A router without AWS: every port as a fake that remembers what it was asked."""

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from arbiter.answering.answerer import Answerer
from arbiter.answering.decision import ProfileSource
from arbiter.answering.prompting.prompter import Prompter
from arbiter.answering.prompts import Passage
from arbiter.answering.request import Features, Request
from arbiter.answering.retrieval import Query
from arbiter.answering.retry import Backoff, Deadline
from arbiter.answering.serving.journal import Journal
from arbiter.answering.serving.router import Router, respond
from arbiter.answering.serving.shadow import Offers
from arbiter.answering.writer import Completion, Generation
from arbiter.costs.tokens import Usage
from arbiter.errors import ArbiterError
from arbiter.feedback import Feedback
from arbiter.settings.answering import RouterSettings
from arbiter.tuned_models.service.pointer import TunedModel

BASE = "amazon.nova-micro-v1:0"
TUNED = TunedModel("arn:tuned", "arn:custom", "amazon.nova-micro-v1:0:128k", "run-1")
RETRAINED = TunedModel("arn:retrained", "arn:custom-2", "amazon.nova-micro-v1:0:128k", "run-2")
PASSAGES = (Passage("Kits are booked 84 days ahead.", "s3://docs/a.md", 0.8), Passage("Tents.", "s3://docs/b.md", 0.6))
ASKS_FOR_ALL = "Write a reply to a customer who asks how long the warranty lasts."
"""A question that `auto` answers in mode combined."""
PRICES = {
    BASE: {"input_per_1k": 0.001, "output_per_1k": 0.002},
    "custom:amazon.nova-micro-v1:0:128k": {"input_per_1k": 0.01, "output_per_1k": 0.02},
    "search": {"embedding_per_1k": 0.00002, "queries_per_1m": 2.5, "rerank_per_1k": 2.0},
}


class FakeClock:
    """Time that passes only when somebody sleeps or a fake takes its time."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


@dataclass
class FakeModel:
    """Fails with each error in `failures` once, then writes the `texts`, then `text`."""

    failures: list[ArbiterError] = field(default_factory=list)
    by_model: dict[str, ArbiterError] = field(default_factory=dict)
    text: str = "an answer"
    texts: list[str] = field(default_factory=list)
    stop_reason: str = "end_turn"
    calls: list[Generation] = field(default_factory=list)
    timeouts: list[float] = field(default_factory=list)

    def generate(self, generation: Generation, timeout: float) -> Completion:
        self.calls.append(generation)
        self.timeouts.append(timeout)
        if generation.model in self.by_model:
            raise self.by_model[generation.model]
        if self.failures:
            raise self.failures.pop(0)
        return Completion(self.texts.pop(0) if self.texts else self.text, self.stop_reason, Usage(100, 10))


@dataclass
class FakeRetriever:
    """Finds the same passages for every query, or what `by_text` says."""

    passages: Sequence[Passage] = PASSAGES
    failures: list[ArbiterError] = field(default_factory=list)
    by_text: dict[str, Sequence[Passage]] = field(default_factory=dict)
    queries: list[Query] = field(default_factory=list)

    def retrieve(self, query: Query, timeout: float) -> Sequence[Passage]:
        self.queries.append(query)
        if self.failures:
            raise self.failures.pop(0)
        return self.by_text.get(query.text, self.passages)


@dataclass
class FakeTunedModels:
    """Knows a model in service, and maybe another one for who asks afresh."""

    known: TunedModel | None = TUNED
    fresh: TunedModel | None = TUNED
    failures: list[ArbiterError] = field(default_factory=list)
    reads: list[bool] = field(default_factory=list)

    def current(self, timeout: float, *, fresh: bool = False) -> TunedModel | None:
        self.reads.append(fresh)
        if self.failures:
            raise self.failures.pop(0)
        return self.fresh if fresh else self.known


def settings(**changes: Any) -> RouterSettings:
    values: dict[str, Any] = {
        "environment": "test",
        "base_model": BASE,
        "knowledge_base_id": "KB12345678",
        "tuned_model_parameter": "in-service",
        "prices": PRICES,
    }
    return RouterSettings(**values | changes)


@dataclass
class World:
    """A router and everything around it."""

    settings: RouterSettings = field(default_factory=settings)
    model: FakeModel = field(default_factory=FakeModel)
    retriever: FakeRetriever = field(default_factory=FakeRetriever)
    tuned_models: FakeTunedModels = field(default_factory=FakeTunedModels)
    clock: FakeClock = field(default_factory=FakeClock)
    features: Features = field(default_factory=Features)
    profiles: ProfileSource | None = None
    prompts: Prompter | None = None
    offers: Offers | None = None
    keep: Callable[[Feedback], None] | None = None
    lines: list[str] = field(default_factory=list)

    def answerer(self) -> Answerer:
        return Answerer(
            self.settings,
            model=self.model,
            retriever=self.retriever,
            tuned_models=self.tuned_models,
            clock=self.clock,
            backoff=Backoff(sleep=self.clock.sleep, fraction=lambda: 1.0),
            profiles=(lambda: profiles) if (profiles := self.profiles) else None,
            prompts=(lambda: prompts) if (prompts := self.prompts) else None,
        )

    def answer(self, seconds: float = 30.0, **request: Any) -> Any:
        return self.answerer().answer(Request(**{"question": "How early?", **request}), Deadline(seconds, self.clock))

    def router(self) -> Router:
        now = datetime(2026, 11, 21, tzinfo=UTC)
        journal = Journal(self.settings, write=self.lines.append, now=lambda: now, keep=self.keep)
        return Router(self.answerer(), journal, self.features, self.clock, self.offers)

    def respond(self, event: object, context: object = None) -> Any:
        return respond(event, context, self.router, self.lines.append)

    @property
    def log(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.lines]


def http(body: str | None, *, encoded: bool = False, method: str | None = "POST") -> dict[str, Any]:
    """An event of the function URL."""
    return {"requestContext": {"http": {"method": method}}, "body": body, "isBase64Encoded": encoded}


def raising(error: Exception) -> Callable[..., Any]:
    def fail(*_: object, **__: object) -> Any:
        raise error

    return fail


def paths(error: dict[str, Any]) -> Iterable[str]:
    return [problem["path"] for problem in error["error"]["problems"]]
