"""Sentences, list items and table rows of a Markdown text, as plain statements."""

import re

_BREAK = re.compile(r"(?<=[.!?])[\"')\]]*\s+(?=[A-Z0-9\"'(*`\[])|(?<=[\u3002\uff01\uff1f])")
_ABBREVIATED = re.compile(r"(?:\b(?:e\.g|i\.e|etc|vs|cf|No|approx|[A-Z])\.)$")
_LINK = re.compile(r"!?\[([^\]]*)\]\([^)]*\)")
_ONLY_LINK = re.compile(r"^\s*(?:[-*+]\s+)?\[[^\]]*\]\([^)]*\)\s*$")
_TAG = re.compile(r"</?[a-zA-Z][^>]*>")
_EMPHASIS = re.compile(r"(\*\*|__|`)(.+?)\1")
_LEADING = re.compile(r"^\s*(?:[-*+•]|\d+[.)])\s+|^\s*>+\s?")
_ESCAPE = re.compile(r"\\([^\w\s])")
_RULE = re.compile(r"^[\s|:*_=-]+$")
_WORD = re.compile(r"\w+|[^\w\s]")


def tokens(text: str) -> list[str]:
    """Words and marks, in lower case."""
    return _WORD.findall(text.lower())


def sentences(text: str) -> list[str]:
    """The sentences of a text; a line break ends one too."""
    complete: list[str] = []
    for line in text.splitlines():
        pending = ""
        for part in _BREAK.split(line.strip()):
            pending = f"{pending} {part}".strip()
            if not _ABBREVIATED.search(pending):
                complete.append(pending)
                pending = ""
        if pending:
            complete.append(pending)
    return [sentence for sentence in complete if sentence]


def plain(line: str) -> str:
    """A line without Markdown."""
    line = _LEADING.sub("", _TAG.sub("", _LINK.sub(r"\1", _ESCAPE.sub(r"\1", line))))
    line = _EMPHASIS.sub(r"\2", line)
    return " ".join(line.split())


def is_heading(line: str) -> bool:
    """Whether a line only names what follows it."""
    stripped = line.strip()
    return stripped.startswith("#") or (stripped.startswith("**") and stripped.rstrip(":").endswith("**"))


def is_link(line: str) -> bool:
    """Whether a line is nothing but a link to another page."""
    return bool(_ONLY_LINK.match(line))


def is_rule(line: str) -> bool:
    """Whether a line only draws: a table's rule, a separator."""
    return bool(_RULE.match(line))


def cells(line: str) -> list[str] | None:
    """A table row's cells; `None` for any other line."""
    stripped = line.strip()
    if not (stripped.startswith("|") and stripped.count("|") > 2):
        return None
    return [plain(cell) for cell in stripped.strip("|").split("|")]
