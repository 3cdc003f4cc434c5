"""The verdicts on a batch of cases: those that are still missing, from each judge in a thread of its own."""

from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple

from arbiter import log
from arbiter.answering.retry import Clock
from arbiter.answering.serving.invocation import Invocation
from arbiter.answering.serving.journal import defect
from arbiter.batch_inference.desk import Desk
from arbiter.batch_inference.models import RepliedModel
from arbiter.errors import Throttled
from arbiter.evaluation.run.batches import read_batch
from arbiter.evaluation.run.keys import plan_key
from arbiter.evaluation.run.plan import Plan, Record
from arbiter.evaluation.run.throttling import OutOfTime
from arbiter.evaluation.verdicts.case_records import CaseRecords, Judged
from arbiter.evaluation.verdicts.document import Verdict, Verdicts
from arbiter.evaluation.verdicts.panel import Judge
from arbiter.evaluation.verdicts.subjects import Question, Subject, merged, open_questions, subjects
from arbiter.store import Store


def report_defect(message: str, whose: str, error: Exception) -> None:
    """Log an exception that nobody expected."""
    log.write(message, level="ERROR", of=whose, **defect(error))


def _each(cases: Iterable[Record], judge: Callable[[Record], Judged]) -> list[Judged] | None:
    """Every case in turn; `None` when the time was over before the last.

    Raises:
        Throttled: a judge's throttling outlasts every attempt.
        Exception: what nobody expected of one case, once the others are judged.
    """
    judged, unforeseen = list[Judged](), list[Exception]()
    for case in cases:
        try:
            judged.append(judge(case))
        except Throttled:
            raise
        except OutOfTime:
            return None
        except Exception as error:  # One case that nobody expected must not end the others.
            report_defect("case not judged", case["id"], error)
            unforeseen.append(error)
    if unforeseen:
        raise unforeseen[0]
    return judged


class JudgeOutcome(NamedTuple):
    """The verdicts of one judge, and what ended it early."""

    verdicts: list[tuple[str, Verdict]]
    """Each with the key of its record."""
    interruption: Throttled | OutOfTime | None


class Open(NamedTuple):
    """The questions about a case that no verdict answers yet."""

    answers: list[Record]
    subjects: list[Subject]
    before: dict[str, list[Verdict]]
    """The verdicts that are there already, by the key of their record."""
    questions: list[list[Question]]
    """Judge by judge, as the plan names them."""


@dataclass(frozen=True, kw_only=True)
class Judging:
    """Asks for the verdicts of a batch that are not there yet; what was said is kept whatever happens then."""

    results: Store
    judge_named: Callable[[str], Judge]
    clock: Clock
    replied: RepliedModel | None = None
    """The judges, where batch inference may have answered for them."""

    def judge(self, event: Mapping[str, Any], invocation: Invocation) -> bool:
        """Whether everything was judged before the invocation's time was over.

        Raises:
            Throttled: a judge's throttling outlasts every attempt.
            Exception: what nobody expected of one case, once the others are judged.
        """
        end = self.clock() + invocation.seconds
        plan = Plan.parse(self.results.read(plan_key(event["run"])))
        batch = self.results.read_range(plan.cases_key, event["batch"]["offset"], event["batch"]["bytes"])
        desk, item = Desk(self.results, f"evaluations/{plan.run}/"), str(event["batch"]["offset"])
        if self.replied:
            self.replied.load(reply for judge in plan.judges for reply in desk.replies(judge, item))
            if event.get("defer"):
                self._defer(plan, read_batch(batch), self.replied, desk, item)
                return True
        ask = partial(self._ask, left=lambda: end - self.clock(), last=event.get("last", False))
        records = CaseRecords(self.results, plan)
        records.reopen(event["batch"]["offset"])
        with ThreadPoolExecutor(len(plan.judges)) as threads:
            judge = partial(self._judge_case, plan, records, event.get("retry_failed", True), partial(threads.map, ask))
            judged = _each(read_batch(batch), judge)
        if judged is None:
            return False
        records.condense(event["batch"]["offset"], judged, partial(report_defect, "batch not condensed", item))
        return True

    def _judge_case(
        self,
        plan: Plan,
        records: CaseRecords,
        retry_failed: bool,
        ask_all: Callable[..., Iterable[JudgeOutcome]],
        case: Record,
    ) -> Judged:
        """Complete the records of one case.

        Raises:
            Throttled, OutOfTime: what kept a judge from it, once what was said is written.
            Exception: what kept a record from being written, once the others are.
        """
        unjudged = self._open(plan, case, records, retry_failed=retry_failed)
        given = list(ask_all([self.judge_named(name) for name in plan.judges], unjudged.questions))
        verdicts, unwritten = list[Verdicts](), list[Exception]()
        for subject in unjudged.subjects:
            new = [verdict for judge in given for key, verdict in judge.verdicts if key == subject.key]
            record = merged(plan, subject, unjudged.before[subject.key], new)
            verdicts.append(record)
            try:
                if new:
                    records.write(subject.key, record)
            except Exception as error:  # The other records hold what was paid for, too.
                unwritten.append(error)
        if unwritten:
            raise unwritten[0]
        if interruption := next((judge.interruption for judge in given if judge.interruption), None):
            raise interruption
        return Judged(case["id"], unjudged.answers, verdicts)

    @staticmethod
    def _open(plan: Plan, case: Record, records: CaseRecords, *, retry_failed: bool) -> Open:
        answers = records.answers(case["id"])
        # An answer that failed or never came has no verdict.
        judged = list(subjects(plan, case, {arm: one["response"] for arm, one in answers.items() if "response" in one}))
        before = records.verdicts(case["id"], judged)
        asked = [
            [
                question
                for subject in judged
                for question in open_questions(subject, judge, before[subject.key], retry_failed=retry_failed)
            ]
            for judge in plan.judges
        ]
        return Open(list(answers.values()), judged, before, asked)

    def _defer(self, plan: Plan, cases: Iterable[Record], replied: RepliedModel, desk: Desk, item: str) -> None:
        """Write down what the judges would be asked, without what they have replied already."""
        records = CaseRecords(self.results, plan)
        every = [self._open(plan, case, records, retry_failed=True).questions for case in cases]
        for judge, by_case in zip(plan.judges, zip(*every, strict=True), strict=True):
            asked = (question.asked() for questions in by_case for question in questions)
            desk.ask(judge, item, [generation for generation in asked if not replied.knows(generation)])

    @staticmethod
    def _ask(judge: Judge, questions: Iterable[Question], *, left: Callable[[], float], last: bool) -> JudgeOutcome:
        """One judge, one question after the other."""
        verdicts: list[tuple[str, Verdict]] = []
        try:
            for question in questions:
                verdicts.append((question.key, judge.verdict(question, left, last=last)))
        except (Throttled, OutOfTime) as interruption:
            return JudgeOutcome(verdicts, interruption)
        return JudgeOutcome(verdicts, None)
