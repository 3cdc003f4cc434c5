"""Documents of a data source: which formats are read, and their text."""

import csv
import io
import json
import math
from html.parser import HTMLParser
from pathlib import PurePosixPath
from typing import Any

MAX_BYTES = 50 * 1024 * 1024  # docs: knowledge base quotas, file size
MAX_METADATA_BYTES = 10 * 1024  # docs: S3 data source connector
MAX_METADATA_KEYS = 35  # docs: S3 Vectors through a knowledge base
MAX_CUSTOM_METADATA_BYTES = 1024
METADATA_SUFFIX = ".metadata.json"

_PLAIN = {".txt", ".md"}
_UNPARSED = {".pdf", ".doc", ".docx", ".xls", ".xlsx"}


class DocumentError(ValueError):
    """A document that cannot be indexed; the message is its failure reason."""


def text_of(key: str, content: bytes) -> str:
    """The text of a document.

    Raises:
        DocumentError: for a format Bedrock does not take, or this emulator does not parse.
    """
    suffix = PurePosixPath(key).suffix.lower()
    if suffix in _UNPARSED:
        raise DocumentError(f"{suffix} is not parsed by the local AWS; use .txt, .md, .html or .csv here")
    if suffix not in _PLAIN | {".html", ".htm", ".csv"}:
        raise DocumentError(
            f"{suffix or 'no'} file format is not supported; allowed: .txt .md .html .htm .csv"
            " (and .pdf .doc .docx .xls .xlsx on AWS)"
        )
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise DocumentError(f"the file is not UTF-8 text: {error.reason} at byte {error.start}") from error
    if suffix in (".html", ".htm"):
        text = _html_text(text)
    elif suffix == ".csv":
        text = _csv_text(text)
    if not text.strip():
        raise DocumentError("the file holds no text")
    return text


def metadata_of(content: bytes) -> dict[str, Any]:
    """The attributes in a `.metadata.json` file.

    Raises:
        DocumentError: when it breaks a limit or cannot be read.
    """
    if len(content) > MAX_METADATA_BYTES:
        raise DocumentError(f"the metadata file has {len(content)} bytes; at most {MAX_METADATA_BYTES} are allowed")
    try:
        attributes = json.loads(content)["metadataAttributes"]
        parsed = {name: _value(attribute) for name, attribute in attributes.items()}
        size = len(json.dumps(parsed, separators=(",", ":"), ensure_ascii=False).encode())
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise DocumentError(f'the metadata file is not {{"metadataAttributes": {{…}}}}: {error!r}') from error
    reserved = sorted(name for name in parsed if name.lower().startswith("x-amz-bedrock"))
    if reserved:
        raise DocumentError(f"metadata keys starting with x-amz-bedrock are reserved: {', '.join(reserved)}")
    if len(parsed) > MAX_METADATA_KEYS:
        raise DocumentError(f"the metadata has {len(parsed)} keys; at most {MAX_METADATA_KEYS} with S3 Vectors")
    for name, value in parsed.items():
        if not _is_storable(value):
            kinds = "a text, a finite number, true, false or a list of texts"
            raise DocumentError(f"Invalid metadata value for key {name}: {value!r} is not {kinds}")
    if size > MAX_CUSTOM_METADATA_BYTES:
        raise DocumentError(f"the metadata has {size} bytes; at most {MAX_CUSTOM_METADATA_BYTES} with S3 Vectors")
    return parsed


def _value(attribute: Any) -> Any:
    """`{"value": {"type": …, "stringValue": …}}` or the value itself."""
    if not isinstance(attribute, dict):
        return attribute
    typed = attribute["value"]
    field = {
        "STRING": "stringValue",
        "NUMBER": "numberValue",
        "BOOLEAN": "booleanValue",
        "STRING_LIST": "stringListValue",
    }
    return typed[field[typed["type"]]]


def _is_storable(value: Any) -> bool:
    """docs, S3 Vectors metadata: texts, numbers, booleans and lists of texts; no null, nothing empty or nested."""
    if isinstance(value, list):
        return bool(value) and all(isinstance(item, str) for item in value)
    return isinstance(value, str | int) or (isinstance(value, float) and math.isfinite(value))


class _TextOf(HTMLParser):
    _BLOCKS = frozenset({"p", "div", "br", "li", "tr", "h1", "h2", "h3", "h4", "h5", "h6", "table", "section"})
    _HIDDEN = frozenset({"script", "style", "head", "template"})

    def __init__(self) -> None:
        super().__init__()
        self.parts: list[str] = []
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._hidden += tag in self._HIDDEN
        if tag in self._BLOCKS:
            self.parts.append("\n")
        elif tag in ("td", "th"):
            self.parts.append(" | ")

    def handle_endtag(self, tag: str) -> None:
        self._hidden -= tag in self._HIDDEN
        if tag in self._BLOCKS:
            self.parts.append("\n")

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.parts.append(data)


def _html_text(source: str) -> str:
    parser = _TextOf()
    parser.feed(source)
    parser.close()
    lines = (" ".join(line.split()) for line in "".join(parser.parts).splitlines())
    return "\n".join(line for line in lines if line)


def _csv_text(source: str) -> str:
    """Each row as `column: value` pairs, so that a chunk says what its numbers mean."""
    rows = list(csv.reader(io.StringIO(source)))
    if not rows:
        return ""
    header, body = rows[0], rows[1:]
    return "\n".join("; ".join(f"{name}: {cell}" for name, cell in zip(header, row, strict=False)) for row in body)
