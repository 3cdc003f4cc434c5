"""Documents as plain text: Markdown, HTML and text, each to the words that a reader sees."""

import re
from html.parser import HTMLParser

SUFFIXES = (".md", ".markdown", ".html", ".htm", ".txt")
"""Of files whose words can be read here; what else a knowledge base may hold is left out of its profile."""

_LINK = re.compile(r"\]\([^()\s]{0,2000}\)")
_HIDDEN = ("script", "style")


def plain(content: bytes, suffix: str) -> str:
    """The words of a document; bytes that are not UTF-8 are replaced."""
    text = content.decode("utf-8", errors="replace")
    if suffix.lower() in (".html", ".htm"):
        page = _Page()
        page.feed(text)
        page.close()
        return "".join(page.pieces)
    return _LINK.sub("]", text) if suffix.lower() in (".md", ".markdown") else text


class _Page(HTMLParser):
    """Collects the text between the tags."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._hidden += tag in _HIDDEN
        self.pieces.append("\n" if tag in ("p", "div", "li", "tr", "br", "h1", "h2", "h3", "h4") else " ")

    def handle_endtag(self, tag: str) -> None:
        self._hidden = max(0, self._hidden - (tag in _HIDDEN))

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.pieces.append(data)
