"""The front: a call of the API in, a reply out, through the same answering path as every other caller's."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from arbiter.answering.answer import Answer
from arbiter.answering.answerer import Answerer
from arbiter.answering.request import Features, Request
from arbiter.answering.retrieval import Retriever
from arbiter.answering.retry import Backoff, Clock, Deadline
from arbiter.answering.serving.journal import Journal, defect
from arbiter.answering.writer import Model
from arbiter.edge.budgets import Ledger
from arbiter.edge.callers import BoundRetriever, Caller, bound_payload, check
from arbiter.edge.delivery import DELIVERED, Delivery
from arbiter.edge.errors import BrokenOff, NoRoute
from arbiter.edge.formats import openai
from arbiter.edge.formats.format import OWN, Answered, Asked, Format
from arbiter.edge.http import Call, decision_headers, reply, retrying
from arbiter.edge.metering import MeteredModel
from arbiter.edge.receipts import Receipts
from arbiter.edge.routes import ROUTES
from arbiter.edge.spending import Retries, Spending
from arbiter.errors import ArbiterError, Internal, InvalidRequest, Problem
from arbiter.feedback import parse_feedback
from arbiter.log import entry
from arbiter.settings.answering import RouterSettings

if TYPE_CHECKING:  # Only where a setting asks for it.
    from arbiter.answering.serving.shadow import Offers

_DEFECT = "Arbiter failed in a way it did not expect. The function's log holds the details under this request id."


class Callers(Protocol):
    """Tells the callers of the API, by a key, a token or a signature."""

    def of(self, call: Call, now: datetime) -> Caller:
        """The caller of a call.

        Raises:
            NotAuthenticated: it has not shown who it is.
        """


Deliver = Callable[[Asked, Call, int], Delivery]
"""The delivery of an answer to a call, which is made at that second since 1970."""


class Path(NamedTuple):
    """The answering path, whose model and knowledge base are wrapped for each request."""

    settings: RouterSettings
    features: Features
    model: Model
    retriever: Retriever
    build: Callable[[Model, Retriever], Answerer]
    backoff: Backoff = Backoff()
    """Between attempts at the ledger."""


class Front:
    """Serves calls; what is wrong with one is a reply too, never an exception."""

    def __init__(
        self,
        path: Path,
        *,
        callers: Callers,
        ledger: Ledger,
        receipts: Receipts,
        journal: Journal,
        clock: Clock,
        now: Callable[[], datetime],
        write: Callable[[str], None],
        deliver: Deliver | None = None,
        offers: "Offers | None" = None,
    ) -> None:
        """Serve by one path.

        Args:
            deliver: how answers go out while they are written; in one piece by default.
            offers: where requests of `auto` are answered again, off their callers' path; nowhere by default.
        """
        self._deliver, self._receipts = deliver, receipts
        self._path, self._callers, self._ledger, self._journal = path, callers, ledger, journal
        self._clock, self._now, self._write, self._offers = clock, now, write, offers

    def serve(self, call: Call) -> Mapping[str, Any]:
        """Serve one call."""
        started, route = self._clock(), ROUTES.get(call.route)
        own = route is not None and not call.route[1].startswith("/v1/")
        fail = OWN.fail if own else openai.fail
        try:
            if route is None:
                raise NoRoute("There is no such path. " + ", ".join(f"{verb} {path}" for verb, path in ROUTES))
            caller = self._callers.of(call, self._now())
            if route.format:
                call.request_id = self._receipts.issued(call.request_id, caller)
                call.seconds -= self._clock() - started  # A key, an issuer or a secret that was slow took them.
                return self._ask(route.format, caller, call)
            return reply(200, self._other(call, caller), call.request_id)
        except ArbiterError as error:
            return self._fail(error, fail, call, started)
        except Exception as unexpected:  # The caller gets a sentence, the log the traceback.
            internal = Internal(_DEFECT)
            internal.__cause__ = unexpected
            return self._fail(internal, fail, call, started)

    def _other(self, call: Call, caller: Caller) -> Mapping[str, Any]:
        match call.route:
            case (_, "/v1/models"):
                return openai.models(caller.modes)
            case (_, "/feedback"):
                given = parse_feedback({"feedback": call.body()})
                self._receipts.check(given.request_id, caller)
                return {"feedback": self._journal.rated(given)}
            case _:
                return {"status": "ok", "environment": self._path.settings.environment, "caller": caller.name}

    def _ask(self, form: Format, caller: Caller, call: Call) -> Mapping[str, Any]:
        asked = form.read(call.body())
        streams = call.hears_events if asked.stream is None else asked.stream
        delivery = self._delivery(asked, call) if streams else None
        request = call.asked = asked.request(self._path.features)
        check(caller, request)
        answer = self._answer(asked, request, caller, call, delivery)
        self._journal.answered(request, answer, call.request_id)
        answered = Answered(asked, request, answer, call.request_id, int(self._now().timestamp()))
        if delivery is not None:
            delivery.end(answered)
            return DELIVERED
        return reply(200, form.write(answered), call.request_id, decision_headers(request, answer))

    def _delivery(self, asked: Asked, call: Call) -> Delivery:
        if self._deliver is None:
            problem = "cannot be honoured: this deployment answers in one piece"
            allowed = "leave it and the header Accept: text/event-stream out, or deploy with edge.stream"
            raise InvalidRequest([Problem("stream", problem, allowed)])
        delivery = call.delivery = self._deliver(asked, call, int(self._now().timestamp()))
        return delivery

    def _answer(self, asked: Asked, request: Request, caller: Caller, call: Call, delivery: Delivery | None) -> Answer:
        seconds, path = call.seconds, self._path
        if request.limits.max_latency_ms is not None:
            seconds = min(seconds, request.limits.max_latency_ms / 1000)
        deadline = Deadline(seconds, self._clock)
        tries = Retries(deadline, path.backoff, self._clock)
        spending = Spending(self._ledger, path.settings, tries, self._write)
        limited = spending.start(caller, request, self._now())
        most, retriever = spending.most_tokens(caller), spending.counted(path.retriever)
        meter = delivery.meter(path.model, most) if delivery else MeteredModel(path.model, most=most, stop=asked.stop)
        if caller.filter is not None:
            retriever = BoundRetriever(retriever, caller.filter)
        try:
            if self._offers and request.mode is None:
                self._offers.offer(bound_payload(caller, asked.payload, request), call.request_id)
            model = delivery.streamed(meter, limited, deadline) if delivery else meter
            answerer = path.build(model, retriever)
            answer = answerer.answer(limited, deadline, delivery.stand_on if delivery else None)
        except BrokenOff as broken:
            spending.failed(meter, request)
            raise broken.billed() from broken
        except BaseException:
            spending.failed(meter, request)
            raise
        spending.answered(meter, request, answer)
        return answer

    def _fail(
        self, error: ArbiterError, fail: Callable[[ArbiterError, str], dict[str, Any]], call: Call, started: float
    ) -> Mapping[str, Any]:
        self._journal.failed(call.asked, error, call.request_id, self._clock() - started)
        if call.delivery is not None and call.delivery.fail(error):
            return DELIVERED
        status = openai.status_of(error) if fail is openai.fail else error.status
        return reply(status, fail(error, call.request_id), call.request_id, retrying(error))


def respond(
    event: object, context: object, front: Callable[[], Front], write: Callable[[str], None]
) -> Mapping[str, Any]:
    """Serve an event, even when the front itself cannot be built from the function's settings."""
    return respond_to(Call(event, context), front, write)


def respond_to(call: Call, front: Callable[[], Front], write: Callable[[str], None]) -> Mapping[str, Any]:
    """The same for a call."""
    try:
        return front().serve(call)
    except Exception as unexpected:
        write(entry("front unusable", level="ERROR", request_id=call.request_id, **defect(unexpected)))
        return reply(Internal.status, openai.fail(Internal(_DEFECT), call.request_id), call.request_id)
