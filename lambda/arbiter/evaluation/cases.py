"""The cases of an evaluation: questions with what is known about their answers, checked line by line."""

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from arbiter.jsonl import LineError, kind, lines, parse, printable
from arbiter.request import LONGEST_QUESTION

_CASE_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_WORD = re.compile(r"\w+")
_SURROGATE = re.compile("[\ud800-\udfff]")
CASE_FIELDS = {"id": str, "question": str, "reference": str, "tags": list, "document": str}
LISTED = 20
"""Doubts that are told one by one."""


@dataclass(frozen=True)
class Cases:
    """The questions of an evaluation file, what is wrong with it, and what its owner may want to look at."""

    cases: tuple[dict[str, Any], ...]
    problems: tuple[str, ...]
    doubts: tuple[str, ...] = ()

    def dump(self) -> bytes:
        """The cases, each with its id, one a line."""
        return b"".join(json.dumps(case, ensure_ascii=False).encode() + b"\n" for case in self.cases)


def read_cases(chunks: Iterable[bytes]) -> Cases:
    """Read and check a file of cases, one JSON object a line; a case without an id is named by its place."""
    cases: list[dict[str, Any]] = []
    problems: list[str] = []
    seen: dict[str, int] = {}
    for place, line in enumerate((each for each in lines(chunks) if each.content.strip()), 1):
        try:
            case = parse(line)
        except LineError as error:
            problems.append(f"line {line.number} {error.problem}: {error.remedy}")
            continue
        if isinstance(case, dict):
            case = {"id": f"case-{place:04}", **case}
        found = [f"line {line.number} {problem}" for problem in _problems_of_case(case)]
        if not found and (first := seen.setdefault(case["id"], line.number)) != line.number:
            found = [f"line {line.number} has the id {case['id']!r} of line {first}: give each case its own id"]
        problems += found
        cases += [] if found else [case]
    if not cases and not problems:
        problems.append('the file has no case: write {"question": "…"} a line')
    return Cases(tuple(cases), tuple(problems), tuple(_doubts(cases)))


def signature(question: str) -> str:
    """A question reduced to its words: two with the same signature ask the same."""
    return " ".join(_WORD.findall(question.casefold()))


def named(cases: Sequence[str]) -> str:
    """Cases by their ids, the first of many."""
    more = f" and {len(cases) - LISTED:,} more" if len(cases) > LISTED else ""
    return ", ".join(cases[:LISTED]) + more


def _doubts(cases: Sequence[dict[str, Any]]) -> Iterator[str]:
    first: dict[str, str] = {}
    repeated = [case["id"] for case in cases if first.setdefault(signature(case["question"]), case["id"]) != case["id"]]
    if repeated:
        yield f"{named(repeated)}: the same question as an earlier case, which makes intervals narrower than they are"
    if long := [case["id"] for case in cases if len(case["question"]) > LONGEST_QUESTION]:
        yield f"{named(long)}: a question of more than {LONGEST_QUESTION:,} characters, which every arm refuses"


def _problems_of_case(case: Any) -> list[str]:
    if not isinstance(case, dict):
        return [f'is {kind(case)}: write {{"question": "…"}}']
    problems = [f"has the unknown field {printable(key)}" for key in case if key not in CASE_FIELDS]
    for name, expected in CASE_FIELDS.items():
        if name in case and not isinstance(case[name], expected):
            problems.append(f"has {kind(case[name])} as {name}")
        elif name not in case and name == "question":
            problems.append(f"has no {name}")
    if problems:
        return problems
    if not _CASE_ID.fullmatch(case["id"]):
        problems.append(f"has the id {printable(case['id'])}: use up to 64 letters, digits and . _ -")
    if not case["question"].strip():
        problems.append("has a blank question")
    if any(not isinstance(tag, str) or not tag.strip() for tag in case.get("tags", ())):
        problems.append("has a tag that is not a text: write a list of words")
    elif any(_SURROGATE.search(text) for name in case for text in ([case[name]] if name != "tags" else case[name])):
        problems.append("has half of a surrogate pair: write the whole character")
    return problems
