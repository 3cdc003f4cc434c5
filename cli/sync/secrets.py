"""Secrets in a document, found before it is sent: a model would quote them to whoever asks."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

Policy = Literal["refused", "noted", "not looked for"]
"""Whether a document with a secret is refused, or sent with a note of it."""

WINDOW, OVERLAP = 100_000, 1_000
"""Characters that are searched at once, and those that the next search sees again: without an end a search is slow."""
REFUSED = "secret"
DOUBTED = "possible_secret"


@dataclass
class Secrets:
    """Looks for secrets in one document."""

    policy: Policy
    doubt: str | None = None
    """Something that is, or may be, a secret, and with which the document is sent."""
    unread: bool = False
    """Whether some of the document's text, or all of it, is out of reach."""

    def look_into(self, kind: str, content: bytes) -> str | None:
        """Say why a document with markup, or in another form than text, is not sent, if it is not."""
        if self.policy == "not looked for":
            return None
        from cli.sync.texts.reading import UnreadableError, texts_in

        blank = kind != ".html"  # The markup itself was searched as a text.
        try:
            for text in texts_in(kind, content):
                blank = blank and not text.strip()
                if problem := self.look(text, lines=False):
                    return problem
        except UnreadableError:
            self.unread = True
        self.unread = self.unread or blank
        return None

    def look(self, text: str, *, lines: bool = True) -> str | None:
        """Say why a document is not sent, if it is not; `lines`: whether the text has those of the document."""
        # Slow to import, and only texts need it.
        from arbiter.detection.secrets import secrets_in

        for begin in () if self.policy == "not looked for" else _windows(text):
            for item in secrets_in(text[begin : begin + WINDOW]):
                line = text.count("\n", 0, begin + item.position - 1) + 1
                where = f" (line {line:,})" if lines else ""
                if item.code == REFUSED and self.policy == "refused":
                    return f"it holds {item.name}{where}: revoke and remove it, or send it with --allow-secrets"
                if item.code in (REFUSED, DOUBTED):
                    self.doubt = self.doubt or f"it holds {item.name}{where}"
        return None


def _windows(text: str) -> Iterator[int]:
    """Where each part of a text begins; a line is in one part, but for those that are too long for any."""
    begin = 0
    while begin + WINDOW < len(text):
        yield begin
        end = text.rfind("\n", begin + OVERLAP, begin + WINDOW)
        begin = end + 1 if end > 0 else begin + WINDOW - OVERLAP
    yield begin
