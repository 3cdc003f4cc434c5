"""Events of ConverseStream put together to the response that Converse would have given."""

from typing import Any

from arbiter.aws.calls.text import object_of, text_of
from arbiter.aws.converse import usage_of
from arbiter.costs.tokens import Usage
from arbiter.errors import BadModelOutput


class Assembled:
    """A response of text, as far as its events have come."""

    def __init__(self) -> None:
        self._texts: list[str] = []
        self._reasons = False
        self._stop_reason, self._metadata = "", dict[str, Any]()
        self.written = 0
        """Bytes of text and reasoning so far."""
        self.redacted = False
        """Whether reasoning came that cannot be read: its bytes are those of a cipher, not of its tokens."""

    @property
    def usage(self) -> Usage | None:
        """The tokens that the model reported, once it did so readably."""
        try:
            return usage_of(object_of(self._metadata.get("usage")))
        except BadModelOutput:
            return None

    def add(self, event: Any) -> str:
        """The text that an event adds."""
        named = object_of(event)
        delta = object_of(object_of(named.get("contentBlockDelta")).get("delta"))
        text = text_of(delta.get("text"))
        if "reasoningContent" in delta:
            self._reasons = True
            reasoning = object_of(delta["reasoningContent"])
            self.redacted |= "redactedContent" in reasoning
            self.written += len(text_of(reasoning.get("text")).encode())
        self._texts.append(text)
        self.written += len(text.encode())
        self._stop_reason = text_of(object_of(named.get("messageStop")).get("stopReason")) or self._stop_reason
        self._metadata |= object_of(named.get("metadata"))
        return text

    def response(self) -> dict[str, Any]:
        """The response, in the form of Converse's.

        Raises:
            BadModelOutput: the stream ended before the message did.
        """
        if not self._stop_reason or self.usage is None:
            raise BadModelOutput("The model's stream ended before its message did.")
        reasoned: list[dict[str, Any]] = [{"reasoningContent": {}}] if self._reasons else []
        content = [*reasoned, {"text": "".join(self._texts)}]
        return {"output": {"message": {"content": content}}, "stopReason": self._stop_reason, **self._metadata}
