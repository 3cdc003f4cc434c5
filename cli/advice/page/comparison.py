"""Two cases side by side: the same rows for the terminal and for a page."""

from collections.abc import Iterator, Sequence

from cli.advice.money.bills import NAMES as TECHNIQUES
from cli.advice.page.amounts import money
from cli.advice.page.tables import answer
from cli.advice.record.record import Record
from cli.advice.rules.options import NAMES
from cli.advice.scenario.fields import FIELDS

Row = tuple[str, ...]
"""A heading, and a cell for each case."""


def advice_rows(records: Sequence[Record]) -> Iterator[Row]:
    """The advice on both, with its cost and what would change it."""
    first, second = records
    yield "Recommendation", first.sentence, second.sentence
    yield "Confidence", *(f"{one.confidence.level}: {one.confidence.reason}" for one in (first, second))
    yield "Cost a month", *(_cost(one) for one in (first, second))
    for name, label in ((name, NAMES[name]) for name in first.decision.advice.approaches):
        yield label, *(one.decision.advice.approaches[name].status.words for one in (first, second))
    yield "Would change it", *(_change(one) for one in (first, second))
    yield "Next", first.next_command, second.next_command


def answer_rows(records: Sequence[Record]) -> Iterator[Row]:
    """The questions that are answered differently."""
    ours, theirs = (one.decision.scenario.answers() for one in records)
    for field in FIELDS:
        if ours[field.name] != theirs[field.name]:
            yield field.question, *(answer(field, each[field.name]) for each in (ours, theirs))


def _cost(record: Record) -> str:
    decision = record.decision
    return f"{money(decision.month)} ({decision.volumes.requests:,.0f} requests, {TECHNIQUES[decision.technique]})"


def _change(record: Record) -> str:
    return f"{record.flips[0].words}: {record.flips[0].effect}" if record.flips else "no single answer"
