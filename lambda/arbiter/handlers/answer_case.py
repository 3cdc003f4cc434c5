"""The function that answers cases of an evaluation in every arm, by the code that serves requests."""

import json
import os
import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cache
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
    settled,
    tuned_model,
    unexpected,
)
from arbiter.evaluation.arms import Arm
from arbiter.evaluation.plan import Plan, Record, answer_key, plan_key, read_batch
from arbiter.evaluation.throttling import HonestModel, HonestRetriever, OutOfTime, Pace
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
                done = self._done(plan, case["id"], retry_failed=event.get("retry_failed", True))
                for arm in in_turn(plan.arms, case["id"]):
                    if arm.name not in done:
                        respondent = respondents[arm.name]
                        record = self._record(
                            respondent, arm, case, invocation.request_id, self._left(end), last=event.get("last", False)
                        )
                        self._write(plan.run, case["id"], arm, record)
        except OutOfTime:
            return False
        return True

    def _respondent(self, plan: Plan, arm: Arm) -> Respondent:
        return Respondent(arm, self.build(arm.model, tuned_model(plan, arm)), self.pace, self.conditions)

    def _left(self, end: float) -> Callable[[], float]:
        return lambda: end - self.conditions.clock()

    @staticmethod
    def _record(
        respondent: Respondent, arm: Arm, case: Record, request_id: str, left: Callable[[], float], *, last: bool
    ) -> Record:
        try:
            return respondent.answer(case, request_id, left, last=last)
        except (Throttled, OutOfTime):
            raise
        except Exception as error:  # One case that nobody expected must not end the others.
            print(entry("case not answered", level="ERROR", request_id=request_id, arm=arm.name, **defect(error)))
            head = {"case": case, "arm": arm.name, "mode": arm.mode.value, "attempts": 1, "throttles": 0}
            return {**head, **unexpected()}

    def _done(self, plan: Plan, case: str, *, retry_failed: bool) -> set[str]:
        """The arms that have answered a case already."""
        there = {item.key for item in self.results.listing(f"evaluations/{plan.run}/answers/{case}/")}
        keys = {arm.name: answer_key(plan.run, case, arm.name) for arm in plan.arms}
        return {
            name
            for name, key in keys.items()
            if key in there and (not retry_failed or settled(json.loads(self.results.read(key))))
        }

    def _write(self, run: str, case: str, arm: Arm, record: Record) -> None:
        body = json.dumps({"run": run, **record}, indent=2).encode()
        self.results.write(answer_key(run, case, arm.name), body, content_type="application/json")
