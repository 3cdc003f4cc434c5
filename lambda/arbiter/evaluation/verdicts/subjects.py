"""The questions about a case that each judge is still to be asked, and the record of its verdicts."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from enum import StrEnum
from functools import partial
from typing import Any, NamedTuple, cast

from arbiter.answering.prompts import Prompt
from arbiter.answering.writer import Generation
from arbiter.evaluation.numbers.records import known_sum
from arbiter.evaluation.run.keys import pair_key, verdict_key
from arbiter.evaluation.run.plan import Plan, Record
from arbiter.evaluation.verdicts.document import Verdict, Verdicts
from arbiter.evaluation.verdicts.judging import (
    VERDICT_TOKENS,
    Grades,
    grading_request,
    passages_of,
    read_grades,
)
from arbiter.evaluation.verdicts.pairwise import ORDERS, Preference, pairwise_request, read_preference

LASTING = frozenset({"unparseable", "out_of_range", "refused"})
"""Failures that stay failures: asking until the answer fits would be choosing."""
Read = Callable[[str], Grades | Preference]


class Purpose(StrEnum):
    """The purpose of a call, as the account's invocation log will know it."""

    JUDGE = "judge"


class Subject(NamedTuple):
    """One record of verdicts: on an answer, or on a pair of answers."""

    key: str
    head: Record
    slots: tuple[Record, ...]
    """A key for each verdict of one judge: a repeat or an order."""
    prompts: tuple[Prompt, ...]
    reads: tuple[Read, ...]


class Question(NamedTuple):
    """One verdict to be asked for."""

    key: str
    slot: Record
    prompt: Prompt
    read: Read

    def asked(self) -> Generation:
        """The request to the judge; repeats of a prompt are told apart."""
        draw = self.slot.get("repeat", 0)
        return Generation(self.slot["judge"], self.prompt, VERDICT_TOKENS, None, Purpose.JUDGE, draw)


def subjects(plan: Plan, case: Mapping[str, Any], responses: Mapping[str, Mapping[str, Any]]) -> Iterator[Subject]:
    """The subjects of a case: every answer that is one, and with `pairwise` every two of them."""
    for arm, response in responses.items():
        prompt, grounded = grading_request(case, response), passages_of(response) is not None
        slots = tuple({"repeat": number} for number in range(plan.repeat))
        read = partial(read_grades, grounded=grounded)
        head = {"run": plan.run, "case_id": case["id"], "arm": arm}
        yield Subject(
            verdict_key(plan.run, case["id"], arm), head, slots, (prompt,) * plan.repeat, (read,) * plan.repeat
        )
    for a, b in plan.pairs() if plan.pairwise else ():
        if a.name in responses and b.name in responses:
            shown = responses[a.name], responses[b.name]
            yield Subject(
                pair_key(plan.run, case["id"], a.name, b.name),
                {"run": plan.run, "case_id": case["id"], "a": a.name, "b": b.name},
                tuple({"order": order} for order in ORDERS),
                tuple(pairwise_request(case, *shown, order) for order in ORDERS),
                tuple(partial(read_preference, order=order) for order in ORDERS),
            )


def open_questions(subject: Subject, judge: str, verdicts: Iterable[Verdict], *, retry_failed: bool) -> list[Question]:
    """The questions that a judge is still to be asked."""
    done = [verdict for verdict in verdicts if _settled(verdict) or not retry_failed]
    asked = zip(subject.slots, subject.prompts, subject.reads, strict=True)
    return [
        Question(subject.key, {"judge": judge, **slot}, prompt, read)
        for slot, prompt, read in asked
        if not any(_same({"judge": judge, **slot}, verdict) for verdict in done)
    ]


def merged(plan: Plan, subject: Subject, before: Iterable[Verdict], new: Iterable[Verdict]) -> Verdicts:
    """The record of a subject: each verdict once, the newer one where there are two, judge after judge.

    What was throttled and paid before a failure that is now made good counts on.
    """
    former = list(before)
    known = [*(_counted_on(verdict, former) for verdict in new), *former]
    slots: Iterator[Record] = ({"judge": judge, **slot} for judge in plan.judges for slot in subject.slots)
    kept = (next((one for one in known if _same(slot, one)), None) for slot in slots)
    return cast("Verdicts", {**subject.head, "verdicts": [one for one in kept if one]})


def _counted_on(verdict: Verdict, former: Iterable[Verdict]) -> Verdict:
    slot: Record = {name: value for name, value in verdict.items() if name in ("judge", "repeat", "order")}
    earlier = [one for one in former if _same(slot, one)]
    throttles = sum(one.get("throttles", 0) for one in earlier)
    paid = known_sum([verdict["cost_usd"], *(one.get("cost_usd", 0.0) for one in earlier)])
    return {**verdict, "throttles": verdict["throttles"] + throttles, "cost_usd": paid}


def _same(slot: Record, verdict: Verdict) -> bool:
    return slot.items() <= verdict.items()


def _settled(verdict: Verdict) -> bool:
    return "failure" not in verdict or verdict["failure"]["code"] in LASTING
