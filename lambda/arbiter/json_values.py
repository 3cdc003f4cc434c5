"""A file of JSON read value by value: one a line, or over several lines, in an array, or both."""

import json
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from itertools import chain

from arbiter.jsonl import BOM, MAX_LINE_BYTES, Line, LineError, lines

MOST_BYTES = 64 << 20
"""A file that is not one value a line is held in memory."""
_BETWEEN = " \t\r\n,"


def values(chunks: Iterable[bytes]) -> Iterator[Line]:
    """The values of a file, each with the number of the line on which it begins; an array stands for its items.

    One value a line is passed on as it comes. Where the first goes over several lines, or is an array, the file is read
    as a whole; what is broken there comes as the text that cannot be read.

    Raises:
        LineError: the file ends inside an array.
    """
    chunks = iter(chunks)
    head = bytearray()
    for chunk in chunks:
        head += chunk
        if b"\n" in head.lstrip() or len(head) > MAX_LINE_BYTES:
            break
    everything = chain([bytes(head)], chunks)
    if not _over_lines(bytes(head)):
        yield from lines_of(everything)
        return
    content = _at_most(everything)
    try:
        text = content.removeprefix(BOM).decode()
        json.JSONDecoder().raw_decode(text, text.index("{"))
    except (ValueError, RecursionError):
        yield from lines_of([content])
        return
    yield from _values(text)


def lines_of(chunks: Iterable[bytes]) -> Iterator[Line]:
    """The lines of a file, without the mark that some editors begin it with."""
    for line in lines(chunks):
        marked = line.number == 1 and line.content.startswith(BOM)
        yield Line(line.number, line.content.removeprefix(BOM), line.too_long) if marked else line


def _over_lines(head: bytes) -> bool:
    """Whether a file begins with an array, or with an object that does not end on its line."""
    first = head.removeprefix(BOM).lstrip().split(b"\n", 1)[0].strip()
    if not first.startswith(b"{"):
        return first.startswith(b"[")
    try:
        json.loads(first)
    except (ValueError, RecursionError):
        return True
    return False


def _at_most(chunks: Iterable[bytes]) -> bytes:
    content = bytearray()
    for chunk in chunks:
        content += chunk
        if len(content) > MOST_BYTES:
            problem = f"has more than {MOST_BYTES >> 20} MB and is not one object a line"
            raise LineError(problem, "write it so: `jq -c '.[]'` for an array, `jq -c .` for a pretty-printed file")
    return bytes(content)


def _values(text: str) -> Iterator[Line]:
    decoder = json.JSONDecoder()
    ends = [position for position, character in enumerate(text) if character == "\n"]
    position = depth = 0
    while position < len(text):
        character = text[position]
        depth += (character == "[") - (character == "]")
        if character in _BETWEEN or character in "[]":
            position += 1
            continue
        number = bisect_right(ends, position) + 1
        try:
            end = decoder.raw_decode(text, position)[1]
        except (ValueError, RecursionError):
            rest = text[position:].encode()
            yield Line(number, rest[:MAX_LINE_BYTES], too_long=False)
            return
        yield Line(number, text[position:end].encode(), too_long=end - position > MAX_LINE_BYTES)
        position = end
    if depth:
        raise LineError("ends inside an array", "it was cut off: get the whole file")
