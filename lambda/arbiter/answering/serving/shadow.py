"""A share of the requests of `auto`, answered again in another mode off the caller's path."""

import json
import zlib
from collections.abc import Callable, Mapping
from contextlib import suppress
from random import uniform
from threading import Thread
from time import sleep
from typing import Any, Protocol

from arbiter.answering.answer import Answer
from arbiter.answering.answerer import Answerer
from arbiter.answering.expected import expected_of
from arbiter.answering.prompts import output_tokens
from arbiter.answering.request import Features, Request, parse_request
from arbiter.answering.retry import Clock, Deadline
from arbiter.errors import ArbiterError, Throttled
from arbiter.log import entry
from arbiter.modes import Mode
from arbiter.settings.answering import ShadowSettings
from arbiter.store import ObjectMissingError

MESSAGE = "shadowed"
KEY = "routing/shadow.json"
"""The day, and the US dollars of that day."""
TRIES = 10
"""Of taking money from the budget at the same time as others."""


def chosen(request_id: str, share: float) -> bool:
    """Tell whether a request is one of the share: the same of a request that comes again."""
    return zlib.crc32(request_id.encode()) < share * 2**32


class Offers:
    """Hands requests over to the function that answers them again, on a thread that nobody waits for."""

    def __init__(self, share: float, start: Callable[[Mapping[str, Any]], None], write: Callable[[str], None]) -> None:
        self._share, self._start, self._write = share, start, write

    def offer(self, payload: object, request_id: str) -> None:
        """Hand over a request, if it is one of the share."""
        if chosen(request_id, self._share):
            Thread(target=self._hand_over, args=(payload, request_id), daemon=True).start()

    def _hand_over(self, payload: object, request_id: str) -> None:
        try:
            self._start({"request": payload, "request_id": request_id})
        except Exception as error:  # Whatever it is: the caller's answer has nothing to do with it.
            self._write(entry("not shadowed", level="WARNING", request_id=request_id, reason=type(error).__name__))


class Ledger(Protocol):
    """The objects that the money of a day is counted in."""

    def read_tagged(self, key: str) -> tuple[bytes, str]: ...
    def replace(self, key: str, body: bytes, *, etag: str, content_type: str) -> bool: ...
    def create(self, key: str, body: bytes, *, content_type: str) -> bool: ...


def _pause() -> None:
    sleep(uniform(0.01, 0.1))  # noqa: S311 - nobody gains by guessing it


class DailyBudget:
    """US dollars a day, for however many functions at once."""

    def __init__(self, ledger: Ledger, usd: float, pause: Callable[[], None] = _pause) -> None:
        self._ledger, self._usd, self._pause = ledger, usd, pause

    def take(self, day: str, usd: float) -> bool:
        """Take an amount from the budget of a day; returns whether it was left.

        Raises:
            Throttled: too many write it at once.
        """
        for _ in range(TRIES):
            last_day, spent, etag = self._spent()
            if usd < 0 and last_day > day:
                return True  # What was taken yesterday is nothing of today's.
            counted = max(day, last_day)
            spent = spent if last_day == counted else 0.0
            if usd > 0 and spent + usd > self._usd:
                return False
            if self._write(counted, max(0.0, spent + usd), etag):
                return True
            self._pause()
        raise Throttled("Too many functions write at once what the answers of the day have cost.")

    def give_back(self, day: str, usd: float) -> None:
        """Give back what was taken and not used; where too many write at once, it counts as spent."""
        with suppress(Throttled):
            self.take(day, -usd)

    def _write(self, day: str, usd: float, etag: str | None) -> bool:
        body = json.dumps({"day": day, "usd": round(usd, 9)}).encode()
        if etag is None:
            return self._ledger.create(KEY, body, content_type="application/json")
        return self._ledger.replace(KEY, body, etag=etag, content_type="application/json")

    def _spent(self) -> tuple[str, float, str | None]:
        """The last day that anything was spent on, empty for none, and how much that was."""
        try:
            body, etag = self._ledger.read_tagged(KEY)
        except ObjectMissingError:
            return "", 0.0, None
        with suppress(ValueError, TypeError, KeyError):
            kept = json.loads(body)
            return str(kept["day"]), float(kept["usd"]), etag
        return "", 0.0, etag


class Shadow:
    """Answers what is handed over, in its mode, for as long as the budget of the day lasts."""

    def __init__(
        self, settings: ShadowSettings, answerer: Answerer, features: Features, budget: DailyBudget,
        clock: Clock, today: Callable[[], str], write: Callable[[str], None],
    ) -> None:  # fmt: skip
        self._settings, self._answerer, self._features = settings, answerer, features
        self._budget, self._clock, self._today, self._write = budget, clock, today, write
        self._mode = Mode(settings.shadow_mode)

    def answer(self, event: Mapping[str, Any], seconds: float) -> bool:
        """Answer a request that was handed over, and write the record of it; returns whether it was answered."""
        name, day = str(event["request_id"]), self._today()
        try:
            request = parse_request(event["request"], self._features)._replace(mode=self._mode)
            most = self._most(request)
            if most is None or not self._budget.take(day, most):
                reason = "has no known price" if most is None else "exceeds what is left of the day's budget"
                self._write(entry("not shadowed", request_id=name, reason=reason))
                return False
            # The answering path keeps this limit: what is taken from the budget is the most that can be spent.
            limits = request.limits._replace(max_latency_ms=None, max_cost_usd=most)
            answer = self._answerer.answer(request._replace(limits=limits), Deadline(seconds, self._clock))
        except ArbiterError as error:
            self._write(entry("not shadowed", level="WARNING", request_id=name, reason=error.code))
            return False
        # Before the rest is given back: what was answered and paid for stays, whatever becomes of that.
        self._record(name, request, answer)
        if answer.cost_usd is not None and answer.cost_usd < most:
            self._budget.give_back(day, most - answer.cost_usd)
        return True

    def _most(self, request: Request) -> float | None:
        """US dollars of the longest answer in this mode, or the caller's own limit; `None` without a price."""
        longest = {self._mode.value: {"output_tokens": output_tokens(request, self._settings)}}
        most = expected_of(request, self._settings, longest)[self._mode].usual.cost_usd
        limit = request.limits.max_cost_usd
        return most if most is None or limit is None else min(most, limit)

    def _record(self, name: str, request: Request, answer: Answer) -> None:
        kept: dict[str, Any] = {"question": request.question, "answer": answer.text} if self._settings.log_text else {}
        milliseconds = round(answer.latency.total * 1000, 3)
        self._write(
            entry(MESSAGE, request_id=name, Environment=self._settings.environment, mode=answer.mode.value,
                  model=answer.model, milliseconds=milliseconds, cost_usd=answer.cost_usd, **kept)
        )  # fmt: skip
