"""Language models behind Bedrock's ConverseStream."""

import time
from collections.abc import Iterator
from functools import partial
from threading import Thread
from typing import Any

from botocore.eventstream import ParserError
from urllib3.exceptions import HTTPError, ReadTimeoutError

from arbiter.answering.writer import Completion, Generation
from arbiter.aws.calls.bounded import within
from arbiter.aws.converse import ConverseModel
from arbiter.aws.errors import Callee, translate
from arbiter.aws.streaming.events import Assembled
from arbiter.edge.errors import BrokenOff
from arbiter.edge.streaming.model import OnPiece, bound
from arbiter.errors import ArbiterError, BadModelOutput, DeadlineExceeded

SCREENED_FIRST = {"streamProcessingMode": "sync"}
"""Nothing is streamed that the guardrail has not looked at."""


class StreamingConverseModel(ConverseModel):
    """Any model or deployment that Converse takes, streamed while it writes."""

    def stream(self, generation: Generation, timeout: float, on_piece: OnPiece) -> Completion:
        """Write within so many seconds, and hand on each piece.

        Raises:
            BrokenOff: the reply ended in the middle, whatever the reason; nothing more is written then.
            DeadlineExceeded: nothing came in time, which tells nothing of what was written.
            ArbiterError: it did not begin.
        """
        return self._adapted(generation, timeout, partial(self._assembled, generation, on_piece))

    def _assembled(
        self, generation: Generation, on_piece: OnPiece, callee: Callee, timeout: float, **parameters: Any
    ) -> dict[str, Any]:
        ends = time.monotonic() + timeout
        if "guardrailConfig" in parameters:
            parameters["guardrailConfig"] |= SCREENED_FIRST
        stream = self._client.call("converse_stream", callee, timeout, **parameters).get("stream")
        if stream is None:
            raise BadModelOutput("The model's response holds no stream.")
        assembled, complete = Assembled(), False
        try:
            events = iter(stream)
            while (event := _next(events, callee, ends)) is not None:
                if (text := assembled.add(event)) and (left := on_piece(text)) is not None:
                    ends = time.monotonic() + left
            response = assembled.response()
            complete = True
        except Exception as error:
            if isinstance(error, DeadlineExceeded) and not (assembled.written or assembled.redacted):
                raise
            # A guardrail holds back what it has not looked at yet.
            hidden = assembled.redacted or "guardrailConfig" in parameters
            # By bytes even where tokens were told: a guardrail, which bills for those, told nothing.
            raise BrokenOff(error, bound(generation, assembled.written, hidden=hidden)) from error
        finally:
            if not complete:
                # On a thread of its own: a read that was given up holds the stream until it returns.
                Thread(target=stream.close, daemon=True).start()
        return response


def _next(events: Iterator[Any], callee: Callee, ends: float) -> Any:
    """The next event, within the time that is left; `None` at the end.

    Raises:
        ArbiterError: the failure in Arbiter's words.
    """
    try:
        return within(max(0.0, ends - time.monotonic()), lambda: next(events, None))
    except Exception as error:
        raise _translated(error, callee) from error


def _translated(error: Exception, callee: Callee) -> ArbiterError:
    match error:
        case ReadTimeoutError():  # The socket's clock rang before that of the call.
            return translate(TimeoutError(str(error)), callee)
        case HTTPError() | OSError() if not isinstance(error, TimeoutError):
            return callee.failed(f"{callee.name} was cut off: {str(error).rstrip('.')}.", retryable=True)
        case ParserError():
            return callee.unreadable(f"The stream of {callee.name} cannot be read: {error}")
        case _:
            return translate(error, callee)
