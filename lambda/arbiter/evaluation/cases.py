"""The cases of an evaluation: questions with what is known about their answers, checked line by line."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from arbiter.jsonl import LineError, kind, lines, parse, printable

MAX_QUESTION_CHARACTERS = 20_000
_CASE_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
CASE_FIELDS = {"id": str, "question": str, "reference": str, "tags": list, "document": str}


@dataclass(frozen=True)
class Cases:
    """The questions of an evaluation file, or what is wrong with it."""

    cases: tuple[dict[str, Any], ...]
    problems: tuple[str, ...]


def read_cases(chunks: Iterable[bytes]) -> Cases:
    """Read and check a file of cases, one JSON object a line."""
    cases: list[dict[str, Any]] = []
    problems: list[str] = []
    seen: dict[str, int] = {}
    for line in lines(chunks):
        if not line.content.strip():
            continue
        try:
            case = parse(line)
        except LineError as error:
            problems.append(f"line {line.number} {error.problem}: {error.remedy}")
            continue
        found = [f"line {line.number} {problem}" for problem in _problems_of_case(case)]
        if not found and (first := seen.setdefault(case["id"], line.number)) != line.number:
            found = [f"line {line.number} has the id {case['id']!r} of line {first}: give each case its own id"]
        problems += found
        cases += [] if found else [case]
    if not cases and not problems:
        problems.append('the file has no case: write {"id": "…", "question": "…"} a line')
    return Cases(tuple(cases), tuple(problems))


def _problems_of_case(case: Any) -> list[str]:
    if not isinstance(case, dict):
        return [f'is {kind(case)}: write {{"id": "…", "question": "…"}}']
    problems = [f"has the unknown field {printable(key)}" for key in case if key not in CASE_FIELDS]
    for name, expected in CASE_FIELDS.items():
        if name in case and not isinstance(case[name], expected):
            problems.append(f"has {kind(case[name])} as {name}")
        elif name not in case and name in ("id", "question"):
            problems.append(f"has no {name}")
    if problems:
        return problems
    if not _CASE_ID.fullmatch(case["id"]):
        problems.append(f"has the id {printable(case['id'])}: use up to 64 letters, digits and . _ -")
    if not 0 < len(case["question"].strip()) <= MAX_QUESTION_CHARACTERS:
        problems.append(f"has a question that is blank or longer than {MAX_QUESTION_CHARACTERS:,} characters")
    return problems
