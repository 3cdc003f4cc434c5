"""Failures as sentences that a person can act on."""

import re
from collections import ChainMap
from collections.abc import Callable, Iterable, Mapping
from itertools import groupby
from typing import Any

NAMED_SPANS = 5
"""Spans of lines that one row of problems names."""
_LINE = re.compile(r"line (\d+) (.+)", re.DOTALL)


class CliError(Exception):
    """A failure with a message for people, and for programs a code and what else is known."""

    def __init__(self, message: str, *, code: str = "failed", details: Mapping[str, Any] | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.details = dict(details or {})

    def to_object(self) -> dict[str, Any]:
        """The error as `--json` prints it."""
        return {"error": {"code": self.code, "message": str(self), **self.details}}


def together(*reads: Callable[[], Any]) -> list[Any]:
    """The results of several reads of what a person named.

    Raises:
        CliError: naming what is wrong in each of them, with the code of the first.
    """
    results, errors = [], []
    for read in reads:
        try:
            results.append(read())
        except CliError as error:
            errors.append(error)
    if len(errors) == 1:
        raise errors[0]
    if errors:
        details = dict(ChainMap(*(one.details for one in errors)))
        if problems := [problem for one in errors for problem in one.details.get("problems", ())]:
            details["problems"] = problems
        raise CliError(" ".join(map(str, errors)), code=errors[0].code, details=details)
    return results


def gathered(rows: Iterable[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """Problems that differ in nothing but the line, their first cell, as one row with all its lines: "1 to 20, 25"."""
    alike: dict[tuple[object, ...], list[tuple[Any, ...]]] = {}
    for number, row in enumerate(rows):
        by_line = len(row) > 1 and isinstance(row[0], int)
        alike.setdefault(tuple(map(str, row[1:])) if by_line else (number,), []).append(row)
    return [
        (_spans([row[0] for row in group]), *group[0][1:]) if len(group) > 1 else group[0] for group in alike.values()
    ]


def gathered_sentences(sentences: Iterable[str]) -> list[str]:
    """The same of sentences that begin with their line."""
    parted = ((_LINE.fullmatch(sentence), sentence) for sentence in sentences)
    rows = gathered((int(match[1]), match[2]) if match else (sentence,) for match, sentence in parted)
    return [
        f"{'each of lines' if isinstance(row[0], str) else 'line'} {row[0]} {row[1]}" if len(row) > 1 else row[0]
        for row in rows
    ]


def _spans(numbers: Iterable[int]) -> str:
    """Numbers in order, with neighbours as one span."""
    spans = [
        [number for _, number in group]
        for _, group in groupby(enumerate(sorted(set(numbers))), key=lambda at: at[1] - at[0])
    ]
    first = ", ".join(f"{s[0]:,} to {s[-1]:,}" if len(s) > 1 else f"{s[0]:,}" for s in spans[:NAMED_SPANS])
    more = sum(map(len, spans[NAMED_SPANS:]))
    return f"{first} and {more:,} more" if more else first
