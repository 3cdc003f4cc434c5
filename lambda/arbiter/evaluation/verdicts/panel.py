"""The judges of a run: the questions about a case that each is still to be asked, and its verdicts."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from enum import StrEnum
from functools import partial
from typing import Any, NamedTuple, cast

from arbiter.answering.prompts import Prompt
from arbiter.answering.writer import Completion, Generation, Model
from arbiter.costs.tokens import Prices, Usage, in_batch
from arbiter.errors import ArbiterError, BadModelOutput, DailyQuota, Internal, Throttled
from arbiter.evaluation.run.plan import Plan, Record, pair_key, verdict_key
from arbiter.evaluation.run.throttling import OutOfTime, Pace, Tally
from arbiter.evaluation.verdicts.document import Verdict, Verdicts
from arbiter.evaluation.verdicts.judging import (
    VERDICT_TOKENS,
    Grades,
    UnusableReply,
    grading_request,
    passages_of,
    read_grades,
)
from arbiter.evaluation.verdicts.pairwise import ORDERS, Preference, pairwise_request, read_preference
from arbiter.evaluation.verdicts.prompts import repair_prompt

SECONDS = 60.0
"""Seconds that one reply may take."""
LASTING = frozenset({"unparseable", "out_of_range", "refused"})
"""Failures that stay failures: asking until the answer fits would be choosing."""
UNFORESEEN = "Arbiter failed in a way it did not expect. The log of the judging function says how."
SILENT = ("content_filtered", "guardrail_intervened")

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

    What was throttled before a failure that is now made good counts on.
    """
    former = list(before)
    known = [*(_counted_on(verdict, former) for verdict in new), *former]
    slots: Iterator[Record] = ({"judge": judge, **slot} for judge in plan.judges for slot in subject.slots)
    kept = (next((one for one in known if _same(slot, one)), None) for slot in slots)
    return cast("Verdicts", {**subject.head, "verdicts": [one for one in kept if one]})


class Judge:
    """One judge, asked for verdicts within the time of an invocation."""

    def __init__(
        self, name: str, model: Model, pace: Pace, prices: Prices, report: Callable[[Exception], None]
    ) -> None:
        self.name, self._model, self._pace, self._report = name, model, pace, report
        self._price, self._batch_price = prices.of(name), prices.of(in_batch(name))

    def verdict(self, question: Question, left: Callable[[], float], *, last: bool = False) -> Verdict:
        """The verdict, or the failure that stands in its place.

        Raises:
            Throttled: throttling outlasts every attempt, and somebody will try again; with `last` it is a failure.
            DailyQuota: it is used up.
            OutOfTime: the invocation is.
        """
        tally, replies = Tally(), list[Completion]()
        try:
            outcome = self._outcome(question, tally, replies, left)
        except DailyQuota:
            raise
        except Throttled as error:
            if not last:
                raise
            outcome = _failure("throttled", error, retryable=True)
        except UnusableReply as error:
            outcome = _failure(error.code, error, retryable=False)
        except BadModelOutput as error:
            outcome = _failure("unparseable", error, retryable=False)
        except ArbiterError as error:
            outcome = _failure("error", error, retryable=error.retryable)
        except OutOfTime:
            raise
        except Exception as error:  # One verdict that nobody expected must not end the others.
            self._report(error)
            outcome = _failure("internal", Internal(UNFORESEEN), retryable=True)
        used = _sum(reply.usage for reply in replies)
        spent = {"usage": used._asdict(), "cost_usd": self._cost(replies), "throttles": tally.throttles}
        return cast("Verdict", {**question.slot, **outcome, **spent})

    def _outcome(
        self, question: Question, tally: Tally, replies: list[Completion], left: Callable[[], float]
    ) -> Record:
        """The judge's verdict, at the second attempt if it must; every reply that was paid for is kept."""
        replies.append(self._ask(question.asked(), tally, left))
        try:
            return {**_read(question, replies[-1]).dump(), "repaired": False}
        except Refused:
            raise
        except UnusableReply as problem:
            again = repair_prompt(question.prompt, replies[-1].text, str(problem))
        replies.append(self._ask(question.asked()._replace(prompt=again), tally, left))
        return {**_read(question, replies[-1]).dump(), "repaired": True}

    def _cost(self, replies: Iterable[Completion]) -> float | None:
        """US dollars; `None` when a price is unknown, for batch inference as for calls."""
        paid = [(self._batch_price if reply.batch else self._price, reply.usage) for reply in replies]
        paid = paid or [(self._price, Usage(0, 0))]
        costs = [price.cost(usage) for price, usage in paid if price]
        return sum(costs) if len(costs) == len(paid) else None

    def _ask(self, generation: Generation, tally: Tally, left: Callable[[], float]) -> Completion:
        return self._pace.run(lambda: self._model.generate(generation, SECONDS), tally, seconds=SECONDS, left=left)


class Refused(UnusableReply):
    """A reply that the model or its guardrail withheld."""

    code = "refused"


def _read(question: Question, reply: Completion) -> Grades | Preference:
    if reply.stop_reason in SILENT:
        raise Refused(f"the judge withheld its reply ({reply.stop_reason})")
    return question.read(reply.text)


def _sum(usages: Iterable[Usage]) -> Usage:
    return Usage(*(sum(kind) for kind in zip(Usage(0, 0), *usages, strict=True)))


def _failure(code: str, error: Exception, *, retryable: bool) -> Record:
    return {"failure": {"code": code, "message": str(error), "retryable": retryable}}


def _counted_on(verdict: Verdict, former: Iterable[Verdict]) -> Verdict:
    slot: Record = {name: value for name, value in verdict.items() if name in ("judge", "repeat", "order")}
    earlier = sum(one.get("throttles", 0) for one in former if _same(slot, one))
    return {**verdict, "throttles": verdict["throttles"] + earlier}


def _same(slot: Record, verdict: Verdict) -> bool:
    return slot.items() <= verdict.items()


def _settled(verdict: Verdict) -> bool:
    return "failure" not in verdict or verdict["failure"]["code"] in LASTING
