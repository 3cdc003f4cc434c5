"""The cases of an evaluation: questions with what is known about their answers, checked line by line."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any

from arbiter.answering.request import LONGEST_QUESTION
from arbiter.evaluation.run.conversation import as_asked, problems_of, turns
from arbiter.evaluation.run.field_names import QUESTIONS, REFERENCES
from arbiter.evaluation.run.records import records_of
from arbiter.evaluation.run.shapes import Shapes
from arbiter.evaluation.run.tables import table_rows
from arbiter.jsonl import LineError, kind, printable
from arbiter.training_data.text.rules import is_blank, is_placeholder
from arbiter.training_data.text.similarity import plain

_CASE_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_SURROGATE = re.compile("[\ud800-\udfff]")
CASE_FIELDS = {"id": str, "question": str, "reference": str, "tags": list, "document": str, "history": list}
LISTED = 20
"""Doubts that are told one by one."""
NAMED = 5
"""Cases that a sentence names, of many."""


@dataclass(frozen=True)
class Cases:
    """The questions of an evaluation file, what is wrong with it, and what its owner may want to look at."""

    cases: tuple[dict[str, Any], ...]
    problems: tuple[str, ...]
    doubts: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    """Notes on a file in the shape of another tool: fields that were renamed or left out."""
    trained_on: Mapping[str, int] = field(default_factory=dict)
    """How many of them the training set of each run asks, whose model is to answer them."""

    def dump(self) -> bytes:
        """The cases, each with its id, one a line."""
        return b"".join(json.dumps(case, ensure_ascii=False).encode() + b"\n" for case in self.cases)


def read_cases(chunks: Iterable[bytes], *, table: bool = False) -> Cases:
    """Read and check a file of cases, a JSON object a line or a CSV table; a case without an id gets its number.

    The shapes of other tools are read as well (`shapes`), and `doubts` says what was renamed or left out.
    """
    if table:
        try:
            chunks = list(table_rows(chunks))
        except ValueError as error:
            return Cases((), (str(error),))
    cases: list[dict[str, Any]] = []
    problems: list[str] = []
    seen: dict[str, str] = {}
    shapes = Shapes()
    for number, (where, value) in enumerate(records_of(chunks, shapes.found_in), 1):
        case = value
        if isinstance(case, LineError):
            problems.append(f"{where} {case.problem}: {case.remedy}")
            continue
        if isinstance(case, dict):
            case = {"id": f"case-{number:04}", **shapes.read(case)}
        problems_of_case = [f"{where} {problem}" for problem in _problems_of_case(case)]
        if not problems_of_case and (first := seen.setdefault(case["id"], where)) != where:
            problems_of_case = [f"{where} has the id {case['id']!r} of {first}: give each case its own id"]
        problems += problems_of_case
        cases += [] if problems_of_case else [case]
    if not cases and not problems:
        problems.append('the file has no case: write {"question": "…"} a line')
    return Cases(tuple(cases), tuple(problems), tuple(_doubts(cases)), tuple(shapes.notes()))


def signature(question: str) -> str:
    """A question reduced to its words: two with the same signature ask the same."""
    return plain(question)


def named(cases: Sequence[str]) -> str:
    """Cases by their ids, the first of many."""
    more = f" and {len(cases) - NAMED:,} more" if len(cases) > NAMED else ""
    return ", ".join(cases[:NAMED]) + more


def _doubts(cases: Sequence[dict[str, Any]]) -> Iterator[str]:
    first: dict[str, str] = {}
    asked = {case["id"]: signature(as_asked(case)) for case in cases}
    repeated = [case for case, words in asked.items() if first.setdefault(words, case) != case]
    if repeated:
        yield f"{named(repeated)}: the same question as an earlier case, which makes intervals narrower than they are"
    known: dict[str, str] = {}
    references = {case["id"]: plain(case["reference"]) for case in cases if "reference" in case}
    if torn := [case for case, answer in references.items() if known.setdefault(asked[case], answer) != answer]:
        yield f"{named(torn)}: another reference than an earlier case of the same question: one of them is wrong"
    if empty := [case["id"] for case in cases if is_placeholder(case.get("reference", "a reference"))]:
        yield f"{named(empty)}: a reference that says nothing, which every answer is measured against"
    if damaged := [case["id"] for case in cases if "\ufffd" in case["question"] + case.get("reference", "")]:
        yield f"{named(damaged)}: a replacement character where a letter was lost: export the source again as UTF-8"
    if long := [case["id"] for case in cases if len(case["question"]) > LONGEST_QUESTION]:
        yield f"{named(long)}: a question of more than {LONGEST_QUESTION:,} characters, which every arm refuses"


def _likely(key: str) -> list[str]:
    return get_close_matches(key.strip().lower(), (*CASE_FIELDS, *QUESTIONS, *REFERENCES), n=1, cutoff=0.75)


def _unknown(key: str) -> str:
    likely = _likely(key)
    remedy = f'call it "{likely[0]}"' if likely else f"remove it; known are {', '.join(CASE_FIELDS)}"
    return f"has the unknown field {printable(key)}: {remedy}"


def _without_question(fields: Mapping[str, Any]) -> str:
    """Where the question may be, in a record whose fields are all unknown."""
    names = ", ".join(printable(name) for name in [*fields][:LISTED])
    return f'has no question: call its field "question", and that of the right answer "reference"; it has {names}'


def _several(question: Any) -> str | None:
    """The remedy for variables of which any may be the question, and for a conversation of several."""
    if isinstance(question, dict) and len(question) > 1:
        names = ", ".join(printable(name) for name in [*question][:LISTED])
        remedy = 'name the one that is asked "question", or give the "prompt" with {{…}} where they stand'
        return f"has several texts where one question is to be ({names}): {remedy}"
    if isinstance(question, list) and len(question) > 1 and all(isinstance(turn, dict) for turn in question):
        return "holds a conversation with several questions: write each as a case of its own, without the answers"
    return None


def _problem_of_field(case: Mapping[str, Any], name: str, expected: type) -> str | None:
    if name not in case:
        return "has no question" if name == "question" else None
    if isinstance(case[name], expected):
        return None
    if name == "question" and (several := _several(case[name])):
        return several
    other = "" if name == "question" else ", or leave the field out"
    return f"has {kind(case[name])} as {name}: give {kind(expected())}{other}"


def _texts(case: Mapping[str, Any]) -> Iterator[str]:
    yield from case.get("tags", ())
    yield from (turn.text for turn in turns(case))
    yield from (value for value in case.values() if isinstance(value, str))


def _problems_of_case(case: Any) -> list[str]:
    if not isinstance(case, dict):
        several = isinstance(case, list) and case and isinstance(case[0], dict)
        remedy = "write one object a line: `jq -c '.[]'`" if several else 'write {"question": "…"}'
        return [f"is {kind(case)}: {remedy}"]
    unknown = [key for key in case if key not in CASE_FIELDS]
    if unknown and "question" not in case and not any(map(_likely, unknown)):
        return [_without_question({key: case[key] for key in unknown})]
    problems = [_unknown(key) for key in unknown] + [
        problem for name, expected in CASE_FIELDS.items() if (problem := _problem_of_field(case, name, expected))
    ]
    problems += [] if problems else problems_of(case.get("history", []))
    if problems:
        return problems
    if not _CASE_ID.fullmatch(case["id"]):
        problems.append(f"has the id {printable(case['id'])}: use up to 64 letters, digits and . _ -")
    problems += [
        f"has a blank {name}: give a text, or remove {'the case' if name == 'question' else 'the field'}"
        for name in ("question", "reference")
        if name in case and is_blank(case[name])
    ]
    problems += [f"has a NUL character in the {name}: remove it" for name in case if "\0" in case[name]]
    if any(not isinstance(tag, str) or not tag.strip() or "\0" in tag for tag in case.get("tags", ())):
        problems.append("has a tag that is not a text: write a list of words")
    elif any(map(_SURROGATE.search, _texts(case))):
        problems.append("has half of a surrogate pair: write the whole character")
    return problems
