"""JSON Lines as a stream of bytes: numbered lines, each strictly one JSON value or an error with its remedy."""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from arbiter import strict_json

MAX_LINE_BYTES = 1 << 20
MAX_DEPTH = 32
BOM = b"\xef\xbb\xbf"


class LineError(ValueError):
    """A fault of a line, with its remedy and its kind."""

    def __init__(self, problem: str, remedy: str, code: str = "not_json") -> None:
        super().__init__(problem, remedy)
        self.problem = problem
        self.remedy = remedy
        self.code = code


@dataclass(frozen=True)
class Line:
    """One line without its line feed; cut at the size limit when it is longer."""

    number: int
    content: bytes
    too_long: bool


def lines(chunks: Iterable[bytes]) -> Iterator[Line]:
    """Number the lines of a stream, holding at most one line of the size limit in memory."""
    number, held = 1, bytearray()
    for chunk in chunks:
        *ended, rest = chunk.split(b"\n")
        for piece in ended:
            _hold(held, piece)
            yield _line(number, held)
            number += 1
            held.clear()
        _hold(held, rest)
    if held:
        yield _line(number, held)


def _hold(held: bytearray, piece: bytes) -> None:
    held += piece[: MAX_LINE_BYTES + 1 - len(held)]


def _line(number: int, held: bytearray) -> Line:
    return Line(number, bytes(held[:MAX_LINE_BYTES]), len(held) > MAX_LINE_BYTES)


def parse(line: Line) -> Any:
    """The JSON value of a line.

    Raises:
        LineError: if it is not UTF-8, not JSON, ambiguous (a key twice), not a number (NaN), or nested too deeply.
    """
    if line.too_long:
        remedy = "split the sample into shorter ones, one a line"
        raise LineError(f"is longer than {MAX_LINE_BYTES:,} bytes", remedy, "line_too_long")
    try:
        text = line.content.decode("utf-8")
        value = strict_json.loads(text)
    except UnicodeDecodeError as error:
        problem = f"is not UTF-8 text (byte {error.start + 1} of the line)"
        raise LineError(problem, encoding_remedy(line.content), "not_utf8") from None
    except json.JSONDecodeError as error:
        raise _not_json(error, text) from None
    except RecursionError:
        raise _too_deep() from None
    except strict_json.RepeatedKeyError as error:
        problem = f"has the key {printable(error.key)} twice in one object"
        raise LineError(problem, "keep one of the two", "key_twice") from None
    except strict_json.NumberError as error:
        raise LineError(str(error), "write it as a text, or replace it by a number or null", "number") from None
    except ValueError:
        remedy = "shorten the number, or write it as a text"
        raise LineError("has a number with too many digits", remedy, "number") from None
    if _depth(value) > MAX_DEPTH:
        raise _too_deep()
    return value


def _not_json(error: json.JSONDecodeError, text: str) -> LineError:
    problem = f"is not JSON: {error.msg} at character {error.pos + 1}"
    if error.msg == "Extra data" and text[error.pos :].strip() == ",":
        return LineError(problem, "remove the comma at the end of the line", "comma_after_line")
    if remedy := _form_remedy(text.strip()):
        return LineError(problem, remedy, "not_json_lines")
    return LineError(problem, _syntax_remedy(error, text))


def _too_deep() -> LineError:
    return LineError(
        f"is nested deeper than {MAX_DEPTH} levels", "keep only the documented fields of a sample", "too_deep"
    )


def _depth(value: Any) -> int:
    """Depth of a JSON value, counted a level at a time up to one beyond the limit: no recursion to exhaust."""
    level, depth = [value], 0
    while level and depth <= MAX_DEPTH:
        nested = [item for item in level if isinstance(item, dict | list)]
        level = [child for item in nested for child in (item.values() if isinstance(item, dict) else item)]
        depth += 1
    return depth


def encoding_remedy(content: bytes) -> str:
    """How to turn bytes that are not UTF-8 into a file that is."""
    if content.startswith(b"\x1f\x8b"):
        return "the file is compressed: unpack it with `gunzip`"
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "the file is UTF-16: convert it with `iconv -f UTF-16 -t UTF-8`"
    return "save the file as UTF-8, for example with `iconv -f WINDOWS-1252 -t UTF-8`"


_INNER_LINE = re.compile(r'"[^"]*"\s*:\s|[\]}],?$')
_TABLE = re.compile(r"[^{\"\[].*\bquestion\b.*[,;\t|].*\banswer\b|question\b.*[,;\t|]", re.IGNORECASE)
_CURLY = tuple("\u201c\u201d\u201e\u2018\u2019")
_LONGEST_HEADER = 200
TABLE_REMEDY = "give a table a name that ends with .csv"


def _form_remedy(start: str) -> str | None:
    """The command that makes JSON Lines of a file of which a line begins like this; `None` for a mere mistake."""
    if start in ("{", "[", "}", "]", "},") or start.startswith("[{") or _INNER_LINE.match(start):
        return "write one JSON object a line: `jq -c .` for a pretty-printed file, `jq -c '.[]'` for an array"
    return "write YAML as JSON Lines: `yq -o=json -I=0 '.[]'`" if start.startswith("- ") else None


def _syntax_remedy(error: json.JSONDecodeError, text: str) -> str:
    start, rest = text.strip(), text[error.pos :]
    remedies = (
        (start.startswith("{'"), "use double quotes around keys and texts"),
        (start.endswith("},"), "remove the comma at the end of the line"),
        ("\r" in text, "end every line with a line feed: `tr '\\r' '\\n'`; in a text write a carriage return as \\r"),
        (error.msg == "Extra data" and rest.startswith(("{", "[")), "begin a new line for each object: `jq -c .`"),
        ("\0" in text, "remove the NUL characters: `tr -d '\\000'`"),
        (error.msg.startswith("Invalid control"), "escape it: a tab inside a text is \\t, a line break \\n"),
        (rest.startswith("\ufeff"), "remove the byte order mark: it stands where two files were put together"),
        (rest.startswith(("}", "]")) or "trailing comma" in error.msg, "remove the comma before the closing bracket"),
        (rest.startswith(("None", "True", "False")), "write null, true and false: these are Python's words"),
        (rest[:1] in _CURLY, 'use straight double quotes (") in place of curly ones'),
        (start.startswith(("//", "/*", "#")), "remove the comment: JSON knows none"),
        (text.startswith("\x1e"), "remove the marks between records: `tr -d '\\036'`"),
        (start.startswith("<"), "it is a page or a document with marks, not data: get the file itself"),
        (start.startswith("|"), "it is a table of Markdown: write its rows as JSON Lines, or as CSV"),
        (_TABLE.match(start[:_LONGEST_HEADER]), TABLE_REMEDY),
    )
    general = "write one complete JSON object a line; escape line breaks inside texts as \\n"
    return next((remedy for applies, remedy in remedies if applies), general)


def printable(value: object, limit: int = 60) -> str:
    """A value as JSON for a message, shortened; a character that a terminal would obey or not show is escaped."""
    written = json.dumps(value, default=str, ensure_ascii=False)[: limit + 1]
    text = "".join(one if one.isprintable() else json.dumps(one)[1:-1] for one in written)
    return text if len(text) <= limit else f"{text[: limit - 1]}…"


def kind(value: object) -> str:
    """The JSON name of a value's type."""
    names: dict[type, str] = {dict: "an object", list: "an array", str: "a text", bool: "true or false"}
    return "null" if value is None else names.get(type(value), "a number")
