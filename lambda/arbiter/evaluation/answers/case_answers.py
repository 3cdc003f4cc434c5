"""The answers to a batch of cases: those that are still missing, each written down as soon as it is there."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, NamedTuple, Protocol

from arbiter import log
from arbiter.answering.answerer import Answerer
from arbiter.answering.serving.invocation import Invocation
from arbiter.answering.serving.journal import defect
from arbiter.answering.writer import Model
from arbiter.batch_inference.desk import Desk
from arbiter.batch_inference.models import DeferringModel, RepliedModel
from arbiter.errors import Throttled
from arbiter.evaluation.answers.case import (
    Conditions,
    Respondent,
    in_turn,
    interrupted,
    recorded,
    settled,
    taken_before,
    tuned_model,
    unexpected,
)
from arbiter.evaluation.answers.routing import Routing
from arbiter.evaluation.run.arms import Arm
from arbiter.evaluation.run.batches import read_batch
from arbiter.evaluation.run.keys import answer_key, plan_key
from arbiter.evaluation.run.plan import Plan, Record
from arbiter.evaluation.run.throttling import OutOfTime, Pace, Tally
from arbiter.store import Store
from arbiter.tuned_models.service.pointer import TunedModel


class Build(Protocol):
    """Makes the answerer of an arm: of its tuned model, and of the port through which a model is asked."""

    def __call__(self, arm: Arm, tuned: TunedModel | None, asked: Model) -> Answerer: ...


class Work(NamedTuple):
    """The cases of one invocation, and the time it has for them."""

    plan: Plan
    cases: Sequence[Record]
    request_id: str
    left: Callable[[], float]
    retry_failed: bool
    last: bool
    """Whether nobody will try again."""


@dataclass(frozen=True, kw_only=True)
class Answering:
    """Answers the cases of a batch that are still without an answer, one question at a time."""

    results: Store
    build: Build
    replied: RepliedModel
    """Every model, and what jobs have replied for it."""
    conditions: Conditions
    pace: Pace
    routing: Routing | None = None
    """Decides as `auto` does, in a run that asks for it."""

    def answer(self, event: Mapping[str, Any], invocation: Invocation) -> bool:
        """Whether everything was answered before the invocation's time was over."""
        end, clock = self.conditions.clock() + invocation.seconds, self.conditions.clock
        plan = Plan.parse(self.results.read(plan_key(event["run"])))
        batch = self.results.read_range(plan.cases_key, event["batch"]["offset"], event["batch"]["bytes"])
        desk, item = Desk(self.results, f"evaluations/{plan.run}/"), str(event["batch"]["offset"])
        self.replied.load(reply for model in plan.models_in_batch() for reply in desk.replies(model, item))
        how = invocation.request_id, lambda: end - clock(), event.get("retry_failed", True), event.get("last", False)
        work = Work(plan, read_batch(batch), *how)
        if event.get("defer"):
            self._defer(work, desk, item)
            return True
        respondents = {arm.name: self._respondent(plan, arm, self.replied) for arm in plan.arms}
        try:
            for case, arm, known in self._open(work, plan.arms):
                ask = partial(respondents[arm.name].answer, case, work.request_id, work.left, last=work.last)
                self._record(plan.run, case, arm, ask, taken_before(known))
        except OutOfTime:
            return False
        if plan.auto and self.routing:
            self.routing.route(plan, work.cases, event["batch"]["offset"])
        return True

    def _defer(self, work: Work, desk: Desk, item: str) -> None:
        """Write down what the models of a job would be asked, without what they have replied already.

        What cannot be prepared, or not in time, is asked on demand, and recorded there.
        """
        plan = work.plan
        asked = {model: DeferringModel(model, {}) for model in plan.models_in_batch()}
        arms = [arm for arm in plan.arms if plan.model_in_batch(arm)]
        respondents = {arm.name: self._respondent(plan, arm, asked[plan.model_in_batch(arm)]) for arm in arms}
        try:
            for case, arm, _ in self._open(work, arms):
                ask = partial(respondents[arm.name].answer, case, work.request_id, work.left, last=work.last)
                _prepare(ask, plan.run, arm.name)
        except OutOfTime:
            log.write("not every answer prepared for batch inference", run=plan.run, item=item)
        for model, deferring in asked.items():
            desk.ask(model, item, [one for one in deferring.asked.values() if not self.replied.knows(one)])

    def _open(self, work: Work, arms: Sequence[Arm]) -> Iterator[tuple[Record, Arm, Record | None]]:
        """Each case and arm without a lasting answer, with the record that is to be made good."""
        for case in work.cases:
            before = self._before(work.plan, case["id"])
            for arm in in_turn(arms, case["id"]):
                known = before.get(arm.name)
                if not known or not settled(known, retry_failed=work.retry_failed):
                    yield case, arm, known

    def _respondent(self, plan: Plan, arm: Arm, asked: Model) -> Respondent:
        answerer = self.build(arm, tuned_model(plan, arm), asked)
        return Respondent(arm, answerer, self.pace, self.conditions, plan.store_of(arm))

    def _record(self, run: str, case: Record, arm: Arm, ask: Callable[[Tally], Record], tally: Tally) -> None:
        """Ask for an answer, and write down what came."""
        before = replace(tally)
        try:
            record = ask(tally)
        except (Throttled, OutOfTime):
            if replace(before, attempts=tally.attempts) != tally:
                self._write(run, case["id"], arm, recorded(case, arm, tally, interrupted()))
            raise
        except Exception as error:  # One case that nobody expected must not end the others.
            log.write("case not answered", level="ERROR", run=run, arm=arm.name, **defect(error))
            tally.attempts, tally.unsettled = max(1, tally.attempts), tally.unsettled + 1
            record = recorded(case, arm, tally, unexpected())
        self._write(run, case["id"], arm, record)

    def _before(self, plan: Plan, case: str) -> dict[str, Record]:
        """The records of a case that are there already, by arm."""
        there = {item.key for item in self.results.listing(f"evaluations/{plan.run}/answers/{case}/")}
        keys = {arm.name: answer_key(plan.run, case, arm.name) for arm in plan.arms}
        return {name: json.loads(self.results.read(key)) for name, key in keys.items() if key in there}

    def _write(self, run: str, case: str, arm: Arm, record: Record) -> None:
        body = json.dumps({"run": run, **record}, indent=2).encode()
        self.results.write(answer_key(run, case, arm.name), body, content_type="application/json")


def _prepare(ask: Callable[[Tally], Record], run: str, arm: str) -> None:
    """Have one request written down; its outcome, without a reply, is none."""
    try:
        ask(Tally())
    except (Throttled, OutOfTime):
        raise
    except Exception as error:  # The map that answers meets it again, and records it.
        log.write("answer not prepared", level="ERROR", run=run, arm=arm, **defect(error))
