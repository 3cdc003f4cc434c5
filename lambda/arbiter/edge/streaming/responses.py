"""The events of a response (OpenAI's API reference, *Streaming events*)."""

import json
from collections.abc import Iterator
from typing import Any

from arbiter.edge.delivery import Begun
from arbiter.edge.formats import openai
from arbiter.edge.formats.format import Answered, Asked
from arbiter.edge.formats.responses import RESPONSES, response_of
from arbiter.errors import ArbiterError


class ResponseEvents:
    """A response as its events: of one message, with one part of text."""

    def __init__(self, asked: Asked, request_id: str, created: int) -> None:
        self._asked, self._request_id, self._created = asked, request_id, created
        self._number = 0
        self._response: dict[str, Any] = {}
        self._place = {"item_id": f"msg_{request_id}", "output_index": 0, "content_index": 0}

    def begin(self, begun: Begun) -> Iterator[str]:
        """The events before the first piece."""
        self._response = response_of(self._asked, self._request_id, self._created, begun.mode)
        yield self._event("response.created", response=self._response)
        yield self._event("response.in_progress", response=self._response)
        item = {"type": "message", "id": self._place["item_id"], "status": "in_progress", "role": "assistant"}
        yield self._event("response.output_item.added", output_index=0, item={**item, "content": []})
        part = {"type": "output_text", "text": "", "annotations": [], "logprobs": []}
        yield self._event("response.content_part.added", **self._place, part=part)

    def piece(self, text: str) -> Iterator[str]:
        """The event of a piece."""
        yield self._event("response.output_text.delta", **self._place, delta=text, logprobs=[])

    def end(self, answered: Answered) -> Iterator[str]:
        """The events after the last piece; the last one holds the response as it is without a stream."""
        response = RESPONSES.write(answered._replace(created=self._created))
        (item,) = response["output"]
        (part,) = item["content"]
        for index, cited in enumerate(part["annotations"]):
            yield self._event(
                "response.output_text.annotation.added", **self._place, annotation_index=index, annotation=cited
            )
        yield self._event("response.output_text.done", **self._place, text=part["text"], logprobs=[])
        yield self._event("response.content_part.done", **self._place, part=part)
        yield self._event("response.output_item.done", output_index=0, item=item)
        yield self._event(f"response.{response['status']}", response=response)

    def fail(self, error: ArbiterError) -> Iterator[str]:
        """The end of a response that broke off."""
        details = openai.fail(error, self._request_id)["error"]
        reason = {"code": details["code"], "message": details["message"]}
        yield self._event("response.failed", response={**self._response, "status": "failed", "error": reason})
        # Clients that look for no failed response take this one for an exception.
        yield self._event("error", **reason, param=details["param"], error=details)

    def _event(self, kind: str, **fields: Any) -> str:
        content = {"type": kind, "sequence_number": self._number, **fields}
        self._number += 1
        return f"event: {kind}\ndata: {json.dumps(content)}\n\n"
