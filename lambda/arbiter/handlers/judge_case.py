"""The function that has the answers of an evaluation judged, by each judge in a thread of its own."""

import json
import os
import random
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache, partial
from typing import Any, NamedTuple

from arbiter.aws.clients import Client, new_session
from arbiter.aws.converse import ConverseModel
from arbiter.aws.objects import Objects
from arbiter.batch_inference.desk import Desk
from arbiter.batch_inference.models import RepliedModel
from arbiter.errors import Throttled
from arbiter.evaluation.panel import Judge, Question, Subject, merged, open_questions, subjects
from arbiter.evaluation.plan import Plan, Record, answer_key, plan_key, read_batch
from arbiter.evaluation.throttling import OutOfTime, Pace
from arbiter.invocation import Invocation
from arbiter.pricing import Prices
from arbiter.retry import Clock
from arbiter.settings.evaluating import JudgeCaseSettings


def handler(event: Mapping[str, Any], context: object) -> dict[str, Any]:
    """Judge a batch: `{"run", "batch": {"offset", "bytes"}, "last"?, "retry_failed"?}`; says whether it is done.

    With `"defer": true` the judges' questions are written down for batch inference, and not asked.

    Raises:
        Throttled: throttling outlasts every attempt; with `last` that is recorded instead.
    """
    return {"done": _judging().judge(event, Invocation(event, context))}


@cache
def _judging() -> "Judging":
    settings = JudgeCaseSettings.from_environment(os.environ)
    runtime = Client(new_session(), "bedrock-runtime")
    _ = runtime.botocore  # Made before the threads are: a botocore session does not bear two at once.
    model, prices = RepliedModel(ConverseModel(runtime)), Prices(settings.prices)

    @cache
    def judge_named(name: str) -> Judge:
        return Judge(name, model, Pace(time.sleep, random.random), prices)

    replied = model if settings.batch_inference else None
    results = Objects.connect(settings.results_bucket)
    return Judging(results=results, judge_named=judge_named, clock=time.monotonic, replied=replied)


class Said(NamedTuple):
    """What one judge said, and what ended it early."""

    verdicts: list[tuple[str, Record]]
    """Each with the key of its record."""
    interruption: Throttled | OutOfTime | None


class Open(NamedTuple):
    """What is still to be judged of a case."""

    subjects: list[Subject]
    before: dict[str, list[Record]]
    """The verdicts that are there already, by the key of their record."""
    questions: list[list[Question]]
    """Judge by judge, as the plan names them."""


@dataclass(frozen=True, kw_only=True)
class Judging:
    """Asks for the verdicts of a batch that are not there yet; what was said is kept whatever happens then."""

    results: Objects
    judge_named: Callable[[str], Judge]
    clock: Clock
    replied: RepliedModel | None = None
    """What the judges are when batch inference may have answered for them."""

    def judge(self, event: Mapping[str, Any], invocation: Invocation) -> bool:
        """Whether everything was judged before the invocation's time was over.

        Raises:
            Throttled: a judge's throttling outlasts every attempt.
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
        with ThreadPoolExecutor(len(plan.judges)) as threads:
            for case in read_batch(batch):
                interruption = self._judge_case(plan, case, event.get("retry_failed", True), partial(threads.map, ask))
                if isinstance(interruption, Throttled):
                    raise interruption
                if interruption:
                    return False
        return True

    def _judge_case(
        self, plan: Plan, case: Record, retry_failed: bool, ask_all: Callable[..., Iterable[Said]]
    ) -> Throttled | OutOfTime | None:
        """Complete the records of one case; gives what kept a judge from it."""
        open_subjects, before, asked = self._open(plan, case, retry_failed=retry_failed)
        heard = list(ask_all([self.judge_named(name) for name in plan.judges], asked))
        for subject in open_subjects:
            if new := [verdict for said in heard for key, verdict in said.verdicts if key == subject.key]:
                self._write(subject.key, merged(plan, subject, before[subject.key], new))
        return next((said.interruption for said in heard if said.interruption), None)

    def _open(self, plan: Plan, case: Record, *, retry_failed: bool) -> Open:
        found = list(subjects(plan, case, self._responses(plan, case)))
        before = self._before(plan, case["id"], found)
        asked = [
            [
                question
                for subject in found
                for question in open_questions(subject, judge, before[subject.key], retry_failed=retry_failed)
            ]
            for judge in plan.judges
        ]
        return Open(found, before, asked)

    def _defer(self, plan: Plan, cases: Iterable[Record], replied: RepliedModel, desk: Desk, item: str) -> None:
        """Write down what the judges would be asked, without what they have replied already."""
        every = [self._open(plan, case, retry_failed=True).questions for case in cases]
        for judge, by_case in zip(plan.judges, zip(*every, strict=True), strict=True):
            asked = (question.asked() for questions in by_case for question in questions)
            desk.ask(judge, item, [generation for generation in asked if not replied.knows(generation)])

    @staticmethod
    def _ask(judge: Judge, questions: Iterable[Question], *, left: Callable[[], float], last: bool) -> Said:
        """One judge, one question after the other."""
        said: list[tuple[str, Record]] = []
        try:
            for question in questions:
                said.append((question.key, judge.verdict(question, left, last=last)))
        except (Throttled, OutOfTime) as interruption:
            return Said(said, interruption)
        return Said(said, None)

    def _responses(self, plan: Plan, case: Record) -> dict[str, Record]:
        """The responses to a case, by arm; an answer that failed or never came has none."""
        there = self._listed(plan, "answers", case["id"])
        keys = {arm.name: answer_key(plan.run, case["id"], arm.name) for arm in plan.arms}
        answers = {name: self._read(key) for name, key in keys.items() if key in there}
        return {name: record["response"] for name, record in answers.items() if "response" in record}

    def _before(self, plan: Plan, case: str, open_subjects: Sequence[Subject]) -> dict[str, list[Record]]:
        """The verdicts that are there already, by the key of their record."""
        there = self._listed(plan, "verdicts", case)
        if plan.pairwise:
            there |= self._listed(plan, "pairs", case)
        keys = [subject.key for subject in open_subjects]
        return {key: self._read(key)["verdicts"] if key in there else [] for key in keys}

    def _listed(self, plan: Plan, kind: str, case: str) -> set[str]:
        return {item.key for item in self.results.listing(f"evaluations/{plan.run}/{kind}/{case}/")}

    def _read(self, key: str) -> Record:
        record: Record = json.loads(self.results.read(key))
        return record

    def _write(self, key: str, record: Record) -> None:
        self.results.write(key, json.dumps(record, indent=2).encode(), content_type="application/json")
