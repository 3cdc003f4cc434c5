"""An API without AWS: the front with every port as a fake, and callers with keys."""

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from threading import Lock
from typing import Any

from arbiter.answering.answerer import Answerer
from arbiter.answering.retrieval import Retriever
from arbiter.answering.retry import Backoff
from arbiter.answering.serving.journal import Journal
from arbiter.answering.writer import Model
from arbiter.edge.budgets import UNLIMITED, Budget, Spent
from arbiter.edge.callers import ALL_MODES
from arbiter.edge.errors import StoreUnavailable
from arbiter.edge.front import Callers, Deliver, Front, Path, respond
from arbiter.edge.keys import Key, KeyCallers, digest_of, new_secret
from arbiter.edge.receipts import Receipts
from tests.unit.arbiter.answering.router_fakes import World

NOW = datetime(2026, 11, 28, 22, 0, tzinfo=UTC)


@dataclass
class FakeTable:
    """Keys and spending in memory, with conditional writes, and failures before or after a write."""

    keys: dict[str, Key] = field(default_factory=dict)
    spent: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    down: bool = False
    fault: Callable[[str], str | None] = lambda operation: None
    """`before`: the write fails; `after`: it is made and its answer is lost."""
    lock: Lock = field(default_factory=Lock)
    hex: str | None = None
    held: set[str] = field(default_factory=set)
    """Reservations that are not settled."""
    highest: int = 0
    """The most tokens that were ever spent or reserved at once."""

    def find(self, digest: str) -> Key | None:
        if self.down:
            raise StoreUnavailable("down")
        return self.keys.get(digest)

    def reserve(self, account: str, day: str, most: Spent, budget: Budget, name: str) -> Spent | None:
        with self._faulty("reserve"):
            if name in self.held:
                return None
            before = self.of(account, day)
            full = [
                limit is not None and taken + more > limit
                for limit, taken, more in zip((budget.pico, budget.tokens), before, most, strict=True)
            ]
            if any(full):
                return before
            self._add(account, day, most)
            self.held.add(name)
        return None

    def settle(self, account: str, day: str, difference: Spent, name: str | None) -> None:
        with self._faulty("settle"):
            if name is None or name in self.held:
                self._add(account, day, difference)
                self.held.discard(name or "")

    def secret(self) -> str | None:
        if self.down:
            raise StoreUnavailable("down")
        return self.hex

    def keep_secret(self, made: str) -> str:
        self.hex = self.hex or made
        return self.hex

    def of(self, account: str, day: str = "2026-11-28") -> Spent:
        return Spent(self.spent[account, day, "pico"], self.spent[account, day, "tokens"])

    def _add(self, account: str, day: str, amount: Spent) -> None:
        for name, value in amount._asdict().items():
            self.spent[account, day, name] += value
        self.highest = max(self.highest, self.of(account, day).tokens)

    def _faulty(self, operation: str) -> "_Write":
        return _Write(self, None if not self.down else "before", operation)


@dataclass
class _Write:
    table: FakeTable
    fault: str | None
    operation: str

    def __enter__(self) -> None:
        self.fault = self.fault or self.table.fault(self.operation)
        if self.fault == "before":
            raise StoreUnavailable("not written")
        self.table.lock.acquire()

    def __exit__(self, *_: object) -> None:
        self.table.lock.release()
        if self.fault == "after":
            raise StoreUnavailable("written, and nobody knows")


@dataclass
class EdgeWorld(World):
    """The front over the router's fakes."""

    table: FakeTable = field(default_factory=FakeTable)
    at: datetime = NOW
    callers: Callers | None = None
    """Other than those with keys."""
    deliver: Deliver | None = None

    def key(
        self,
        *,
        modes: tuple[str, ...] = tuple(ALL_MODES),
        conditions: dict[str, Any] | None = None,
        budget: Budget = UNLIMITED,
        days: int | None = 90,
        revoked: bool = False,
    ) -> str:
        """A new key, in the table."""
        secret = new_secret()
        created = int(NOW.timestamp())
        expires = None if days is None else int((NOW + timedelta(days=days)).timestamp())
        digest = digest_of(secret)
        self.table.keys[digest] = Key("app", digest, modes, conditions or {}, budget, created, expires, revoked)
        return secret

    def front(self) -> Front:
        backoff = Backoff(sleep=self.clock.sleep, fraction=lambda: 1.0)

        def build(model: Model, retriever: Retriever) -> Answerer:
            return Answerer(
                self.settings,
                model=model,
                retriever=retriever,
                tuned_models=self.tuned_models,
                clock=self.clock,
                backoff=backoff,
                profiles=(lambda: profiles) if (profiles := self.profiles) else None,
            )

        return Front(
            Path(self.settings, self.features, self.model, self.retriever, build, backoff),
            callers=self.callers or KeyCallers(self.table),
            ledger=self.table,
            receipts=Receipts(self.table, self.lines.append),
            journal=Journal(self.settings, write=self.lines.append, now=lambda: NOW, keep=self.keep),
            clock=self.clock,
            now=lambda: self.at,
            write=self.lines.append,
            deliver=self.deliver,
            offers=self.offers,
        )

    def call(self, path: str, body: Any = None, *, key: str | None = None, verb: str = "POST") -> "Replied":
        """A call of the API; a body that is no text is sent as JSON."""
        text = body if isinstance(body, str) or body is None else json.dumps(body)
        headers = {} if key is None else {"Authorization": f"Bearer {key}"}
        event = {"httpMethod": verb, "resource": path, "headers": headers, "body": text, "requestContext": {}}
        reply = respond(event, None, self.front, self.lines.append)
        return Replied(reply["statusCode"], reply["headers"], json.loads(reply["body"]))

    def chat(self, key: str, **fields: Any) -> "Replied":
        asked = {"model": "base", "messages": [{"role": "user", "content": "How early?"}]}
        return self.call("/v1/chat/completions", {**asked, **fields}, key=key)

    @property
    def bought(self) -> bool:
        """Whether anything was asked of AWS for money."""
        return bool(self.model.calls or self.retriever.queries)


@dataclass
class Replied:
    """A reply."""

    status: int
    headers: dict[str, str]
    body: dict[str, Any]

    @property
    def error(self) -> dict[str, Any]:
        error: dict[str, Any] = self.body["error"]
        return error
