"""The router: an invocation in, an answer or an error object out, and one line in the log."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from arbiter.answering.answerer import Answerer
from arbiter.answering.request import Features, Request, parse_request
from arbiter.answering.retry import Clock, Deadline
from arbiter.answering.serving.invocation import Invocation
from arbiter.answering.serving.journal import Journal, defect
from arbiter.answering.serving.response import to_object
from arbiter.errors import ArbiterError, Internal
from arbiter.log import entry

if TYPE_CHECKING:  # Only where a setting asks for it.
    from arbiter.answering.serving.shadow import Offers

_DEFECT = "Arbiter failed in a way it did not expect. The function's log holds the details under this request id."


class Router:
    """Answers invocations; what is wrong with one is an object too, never an exception."""

    def __init__(
        self, answerer: Answerer, journal: Journal, features: Features, clock: Clock, offers: "Offers | None" = None
    ) -> None:
        """`offers`: where requests of `auto` are answered again, off their callers' path; nowhere by default."""
        self._answerer, self._journal = answerer, journal
        self._features, self._clock, self._offers = features, clock, offers

    def serve(self, invocation: Invocation) -> Mapping[str, Any]:
        """Answer one invocation."""
        started, request = self._clock(), None
        try:
            payload = invocation.payload()
            if isinstance(payload, dict) and "feedback" in payload:
                return self._note(payload, invocation)
            request = parse_request(payload, self._features)
            if self._offers and request.mode is None:
                self._offers.offer(payload, invocation.request_id)
            return self._answer(request, invocation)
        except ArbiterError as error:
            return self._fail(error, request, invocation, started)
        except Exception as unexpected:  # The caller gets a sentence, the log the traceback.
            internal = Internal(_DEFECT)
            internal.__cause__ = unexpected
            return self._fail(internal, request, invocation, started)

    def _answer(self, request: Request, invocation: Invocation) -> Mapping[str, Any]:
        seconds = invocation.seconds
        if request.limits.max_latency_ms is not None:
            seconds = min(seconds, request.limits.max_latency_ms / 1000)
        answer = self._answerer.answer(request, Deadline(seconds, self._clock))
        self._journal.answered(request, answer, invocation.request_id)
        return invocation.reply(200, to_object(request, answer, invocation.request_id))

    def _note(self, payload: object, invocation: Invocation) -> Mapping[str, Any]:
        from arbiter.feedback import parse_feedback  # Rare: questions start without it.

        return invocation.reply(200, {"feedback": self._journal.rated(parse_feedback(payload))})

    def _fail(
        self, error: ArbiterError, request: Request | None, invocation: Invocation, started: float
    ) -> Mapping[str, Any]:
        self._journal.failed(request, error, invocation.request_id, self._clock() - started)
        return invocation.reply(error.status, error.to_object(invocation.request_id))


def respond(
    event: object, context: object, router: Callable[[], Router], write: Callable[[str], None]
) -> Mapping[str, Any]:
    """Answer an event, even when the router itself cannot be built from the function's settings."""
    invocation = Invocation(event, context)
    try:
        return router().serve(invocation)
    except Exception as unexpected:
        write(entry("router unusable", level="ERROR", request_id=invocation.request_id, **defect(unexpected)))
        return invocation.reply(Internal.status, Internal(_DEFECT).to_object(invocation.request_id))
