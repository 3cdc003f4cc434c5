"""The function that answers cases of an evaluation in every arm, by the code that serves requests."""

import json
import os
import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cache, partial
from typing import Any, Protocol

from arbiter.answering import Answerer
from arbiter.aws.clients import Client, new_session
from arbiter.aws.converse import ConverseModel
from arbiter.aws.objects import Objects
from arbiter.aws.retrieve import KnowledgeBase
from arbiter.errors import Throttled
from arbiter.evaluation.answering import (
    Conditions,
    PinnedModel,
    Respondent,
    in_turn,
    interrupted,
    recorded,
    settled,
    taken_before,
    tuned_model,
    unexpected,
)
from arbiter.evaluation.arms import Arm
from arbiter.evaluation.plan import Plan, Record, answer_key, plan_key, read_batch
from arbiter.evaluation.throttling import HonestModel, HonestRetriever, OutOfTime, Pace, Tally
from arbiter.invocation import Invocation
from arbiter.journal import defect
from arbiter.log import entry
from arbiter.request import Features
from arbiter.retry import Backoff
from arbiter.settings.evaluating import AnswerCaseSettings
from arbiter.tuned_model import TunedModel


def handler(event: Mapping[str, Any], context: object) -> dict[str, Any]:
    """Answer a batch: `{"run", "batch": {"offset", "bytes"}, "last"?, "retry_failed"?}`; says whether it is done.

    Raises:
        Throttled: throttling outlasts every attempt; with `last` that is recorded instead.
    """
    return {"done": _answering().answer(event, Invocation(event, context))}


class Build(Protocol):
    """What makes an answerer of a model and a tuned model."""

    def __call__(self, model: str | None, tuned: TunedModel | None) -> Answerer: ...


@cache
def _answering() -> "Answering":
    settings = AnswerCaseSettings.from_environment(os.environ)
    session = new_session()
    runtime, knowledge = Client(session, "bedrock-runtime"), Client(session, "bedrock-agent-runtime")
    # Made here and not by the first answer, whose latency would hold it.
    _ = runtime.botocore, knowledge.botocore

    def build(model: str | None, tuned: TunedModel | None) -> Answerer:
        return Answerer(
            replace(settings, base_model=model or settings.base_model),
            model=HonestModel(ConverseModel(runtime)),
            retriever=HonestRetriever(KnowledgeBase(knowledge, settings.knowledge_base_id, settings.rerank_model)),
            tuned_models=PinnedModel(tuned),
            clock=time.monotonic,
            backoff=Backoff(),
        )

    features = Features(hybrid_search=settings.hybrid_search, rerank=settings.rerank_model is not None)
    return Answering(
        results=Objects.connect(settings.results_bucket),
        build=build,
        conditions=Conditions(features, settings.answer_seconds, time.monotonic),
        pace=Pace(time.sleep, random.random),
    )


@dataclass(frozen=True, kw_only=True)
class Answering:
    """Answers what of a batch is still without an answer, one question at a time."""

    results: Objects
    build: Build
    conditions: Conditions
    pace: Pace

    def answer(self, event: Mapping[str, Any], invocation: Invocation) -> bool:
        """Whether everything was answered before the invocation's time was over."""
        end = self.conditions.clock() + invocation.seconds
        plan = Plan.parse(self.results.read(plan_key(event["run"])))
        batch = self.results.read_range(plan.cases_key, event["batch"]["offset"], event["batch"]["bytes"])
        respondents = {arm.name: self._respondent(plan, arm) for arm in plan.arms}
        try:
            for case in read_batch(batch):
                before = self._before(plan, case["id"])
                for arm in in_turn(plan.arms, case["id"]):
                    known = before.get(arm.name)
                    if not known or not settled(known, retry_failed=event.get("retry_failed", True)):
                        ask = partial(respondents[arm.name].answer, case, invocation.request_id, self._left(end))
                        asked = partial(ask, last=event.get("last", False))
                        self._record(plan.run, case, arm, asked, taken_before(known))
        except OutOfTime:
            return False
        return True

    def _respondent(self, plan: Plan, arm: Arm) -> Respondent:
        return Respondent(arm, self.build(arm.model, tuned_model(plan, arm)), self.pace, self.conditions)

    def _left(self, end: float) -> Callable[[], float]:
        return lambda: end - self.conditions.clock()

    def _record(self, run: str, case: Record, arm: Arm, ask: Callable[[Tally], Record], tally: Tally) -> None:
        """Ask for an answer, and write down what came."""
        throttles = tally.throttles
        try:
            record = ask(tally)
        except (Throttled, OutOfTime):
            if tally.throttles > throttles:
                self._write(run, case["id"], arm, recorded(case, arm, tally, interrupted()))
            raise
        except Exception as error:  # One case that nobody expected must not end the others.
            print(entry("case not answered", level="ERROR", run=run, arm=arm.name, **defect(error)))
            tally.attempts = max(1, tally.attempts)
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
