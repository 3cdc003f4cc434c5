"""The chunks of a chat completion (OpenAI's API reference, *The chat completion chunk object*)."""

import json
from collections.abc import Iterator
from typing import Any

from arbiter.edge.delivery import Begun
from arbiter.edge.formats import openai
from arbiter.edge.formats.chat import CHAT
from arbiter.edge.formats.format import Answered, Asked
from arbiter.errors import ArbiterError


class ChatEvents:
    """A completion as its chunks."""

    def __init__(self, asked: Asked, request_id: str, created: int) -> None:
        self._asked, self._request_id, self._created = asked, request_id, created
        self._model = ""

    def begin(self, begun: Begun) -> Iterator[str]:
        """The chunk before the first piece."""
        self._model = openai.model_of(begun.mode)
        yield self._chunk({"role": "assistant", "content": "", "refusal": None})

    def piece(self, text: str) -> Iterator[str]:
        """The chunk of a piece."""
        yield self._chunk({"content": text})

    def end(self, answered: Answered) -> Iterator[str]:
        """The chunks after the last piece: why it ended, its citations and everything that the answer is told with."""
        completion = CHAT.write(answered)
        (choice,) = completion["choices"]
        cited = choice["message"]["annotations"]
        extension = {openai.EXTENSION: completion[openai.EXTENSION]}
        yield self._chunk({"annotations": cited} if cited else {}, choice["finish_reason"], **extension)
        if self._asked.usage:
            yield _event({**self._frame(), "choices": [], "usage": completion["usage"]})
        yield "data: [DONE]\n\n"

    def fail(self, error: ArbiterError) -> Iterator[str]:
        """The end of a completion that broke off. There is no `[DONE]`, for it is not."""
        yield _event(openai.fail(error, self._request_id))

    def _chunk(self, delta: dict[str, Any], finished: str | None = None, **more: Any) -> str:
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finished}
        return _event({**self._frame(), "choices": [choice], **more})

    def _frame(self) -> dict[str, Any]:
        frame = {
            "id": f"chatcmpl-{self._request_id}",
            "object": "chat.completion.chunk",
            "created": self._created,
            "model": self._model,
        }
        return {**frame, "usage": None} if self._asked.usage else frame


def _event(content: dict[str, Any]) -> str:
    return f"data: {json.dumps(content)}\n\n"
