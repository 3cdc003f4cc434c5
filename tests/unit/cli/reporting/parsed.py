"""A page read back: what a person, a screen reader and the network would get of it."""

from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from html.parser import HTMLParser

VOID = frozenset({"meta", "link", "br", "input", "img", "path", "use", "rect"})


@dataclass
class Parsed(HTMLParser):
    """Tags with their attributes, headings, and the tables by caption: row, then column."""

    tags: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    headings: list[tuple[int, str]] = field(default_factory=list)
    tables: dict[str, dict[str, dict[str, str]]] = field(default_factory=dict)
    _texts: list[str] = field(default_factory=list)
    _open: list[str] = field(default_factory=list)
    _cell: str = ""
    _caption: str = ""
    _columns: list[str] = field(default_factory=list)
    _row: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()

    @classmethod
    @lru_cache(maxsize=2)
    def of(cls, page: str) -> "Parsed":
        """Reads a page once for the tests that look at it one after another."""
        parsed = cls()
        parsed.feed(page)
        return parsed

    @cached_property
    def text(self) -> str:
        """Everything between the tags, but for scripts and styles."""
        return "".join(self._texts)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in VOID:
            self._open.append(tag)
        if tag in ("th", "td", "caption", "h1", "h2", "h3", "h4"):
            self._cell = ""
        if tag == "tr":
            self._row = []

    def handle_data(self, data: str) -> None:
        self._cell += data
        if not {"script", "style"} & set(self._open):
            self._texts.append(data)

    def handle_endtag(self, tag: str) -> None:
        if self._open and self._open[-1] == tag:
            self._open.pop()
        if tag in ("h1", "h2", "h3", "h4"):
            self.headings.append((int(tag[1]), " ".join(self._cell.split())))
        elif tag == "caption":
            self._caption = self._cell
            self.tables[self._caption] = {}
        elif tag in ("th", "td"):
            self._row.append(self._cell)
        elif tag == "thead":
            self._columns = self._row
        elif tag == "tr" and "tbody" in self._open:
            self.tables[self._caption][self._row[0]] = dict(zip(self._columns, self._row, strict=True))
