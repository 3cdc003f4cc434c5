"""The records of a file of questions: one a line, over several lines, in an array, or in a field of one object."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from arbiter.evaluation.run.field_names import HOLDERS, plain
from arbiter.evaluation.run.shapes import as_case
from arbiter.evaluation.run.tables import columns_of
from arbiter.file_form import problem_of_form
from arbiter.json_values import values
from arbiter.jsonl import LineError, parse


def records_of(chunks: Iterable[bytes], on_holder: Callable[[str], None]) -> Iterator[tuple[str, Any]]:
    """The place and value of each record of a file, or what is wrong with it; those that an object holds one by one.

    Args:
        on_holder: gets the name of the field that holds records, where one does.
    """
    try:
        for line in (each for each in values(chunks) if each.content.strip()):
            where = f"line {line.number}"
            if line.number == 1 and (foreign := problem_of_form(line.content)):
                yield where, foreign
                return
            try:
                value = parse(line)
            except LineError as error:
                yield where, error
                if line.number == 1 and "jq" in error.remedy:  # One command mends the whole file.
                    return
                continue
            holder = _holder(value)
            if holder is None:
                yield where, value
                continue
            on_holder(holder[0])
            for number, record in enumerate(_flat(holder[1]), 1):
                yield f"{where}, record {number}", record
    except LineError as error:
        yield "the file", error


def _holder(value: Any) -> tuple[str, list[dict[str, Any]]] | None:
    if not isinstance(value, dict):
        return None
    columns = columns_of(value)
    return (", ".join(value), columns) if columns else _held(value)


def _flat(records: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Records, and in the places of those that hold others, these."""
    for record in records:
        inner = _held(record)
        yield from _flat(inner[1]) if inner else [record]


def _held(value: Mapping[str, Any]) -> tuple[str, list[dict[str, Any]]] | None:
    """The field of an object without a question that holds records, and these; `None` where none does."""
    if "question" in as_case(value).case:
        return None
    for name, inner in value.items():
        if plain(name) in HOLDERS and isinstance(inner, list) and all(isinstance(item, dict) for item in inner):
            return name, inner
        if plain(name) in HOLDERS and isinstance(inner, dict) and (held := _held(inner)):
            return held
    return None
