"""Answering one case in one arm, by the code that serves requests; what fails is a record, too."""

import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, fields
from types import MappingProxyType
from typing import Any, NamedTuple

from arbiter.answering.answer import Answer
from arbiter.answering.answerer import Answerer
from arbiter.answering.request import Features, parse_request
from arbiter.answering.retry import Clock, Deadline
from arbiter.answering.serving.response import to_object
from arbiter.errors import ArbiterError, DailyQuota, Internal, KnowledgeBaseUnavailable, Throttled
from arbiter.evaluation.answers.overlap import stands_in
from arbiter.evaluation.numbers.records import known_sum
from arbiter.evaluation.run.arms import Arm, features_in
from arbiter.evaluation.run.plan import Plan, Record
from arbiter.evaluation.run.throttling import Pace, Tally
from arbiter.tuned_models.service.pointer import TunedModel

LASTING = frozenset({"invalid_request", "too_large", "cost_limit_exceeded", "bad_model_output"})
"""Failures that a rerun would only repeat."""


class PinnedModel:
    """The tuned model that a pointer named when the run was planned: a promotion meanwhile changes no answer."""

    def __init__(self, model: TunedModel | None) -> None:
        self._model = model

    def current(self, timeout: float, *, fresh: bool = False) -> TunedModel | None:
        """The model, always the same."""
        return self._model


class Conditions(NamedTuple):
    """The conditions of every answer of a deployment."""

    features: Features
    seconds: float
    """The time that one answer may take: as much as a caller of the router would wait."""
    clock: Clock
    knowledge_bases: Mapping[str, Mapping[str, Any]] = MappingProxyType({})
    """Further ones that an arm may search."""
    knowledge_base: str | None = None
    """The id of the deployment's own."""

    def store_of(self, arm: Arm) -> str | None:
        """The id of the knowledge base that an arm would search now."""
        other = self.knowledge_bases.get(arm.knowledge_base or "")
        return other["id"] if other else self.knowledge_base


class Respondent:
    """One arm, answering cases."""

    def __init__(
        self, arm: Arm, answerer: Answerer, pace: Pace, conditions: Conditions, store: str | None = None
    ) -> None:
        """`store`: the id of the knowledge base that the arm searched when the run was planned."""
        self._began, self._searches = store, conditions.store_of(arm)
        self._arm, self._answerer, self._pace, self._conditions = arm, answerer, pace, conditions
        self._features = features_in(arm, conditions.features, conditions.knowledge_bases)

    def answer(
        self, case: Mapping[str, Any], request_id: str, left: Callable[[], float], tally: Tally, *, last: bool = False
    ) -> Record:
        """The outcome of a case: a response or an error; `tally` counts on from what it took before.

        Raises:
            Throttled: throttling outlasts every attempt, and somebody will try again; with `last` it is an outcome.
            DailyQuota: it is used up; an outcome would be recorded as the model's failure.
            OutOfTime: the invocation is.
        """
        try:
            outcome = self._outcome(case, request_id, tally, left)
        except DailyQuota:
            raise
        except Throttled as error:
            if not last:
                raise
            outcome = _failed(Throttled(str(error)))
        except ArbiterError as error:
            outcome = _failed(error)
        return recorded(case, self._arm, tally, outcome)

    def _outcome(self, case: Mapping[str, Any], request_id: str, tally: Tally, left: Callable[[], float]) -> Record:
        request = parse_request(self._arm.request(case["question"], case.get("history", ())), self._features)
        if self._began not in (None, self._searches):
            raise KnowledgeBaseUnavailable(
                f"The run began with the knowledge base {self._began}, and {self._searches} has taken its place: "
                "answers from both are no technique. Start a new run."
            )
        seconds, clock = self._conditions.seconds, self._conditions.clock
        if request.limits.max_latency_ms is not None:
            seconds = min(seconds, request.limits.max_latency_ms / 1000)
        answer = self._pace.run(
            lambda: self._answerer.answer(request, Deadline(seconds, clock)), tally, seconds=seconds, left=left
        )
        tally.unsettled += answer.unsettled
        leaked = stands_in(request.question, (passage.text for passage in answer.passages))
        response = dict(to_object(request, answer, request_id))
        if answer.batch:
            return {"response": _of_job(response, answer), "leaked": leaked, "asked": "batch"}
        return {"response": response, "leaked": leaked}


def _of_job(response: Record, answer: Answer) -> Record:
    """A response that a batch inference job wrote: without the times that nobody waited.

    Its passages were searched for twice: when the question was written down for the job, and now.
    """
    unknown = {"generate": None, "total": None}
    cost = known_sum((answer.cost_usd, answer.search_usd))
    return {**response, "latency_ms": {**response["latency_ms"], **unknown}, "cost_usd": cost}


def recorded(case: Mapping[str, Any], arm: Arm, tally: Tally, outcome: Record) -> Record:
    """The record of a case in an arm."""
    return {"case": dict(case), "arm": arm.name, "mode": arm.mode.value, **asdict(tally), **outcome}


def taken_before(record: Mapping[str, Any] | None) -> Tally:
    """The attempts of a record that is to be made good, so that a rerun counts on."""
    if not record:
        return Tally()
    # Former versions kept no costs of what failed.
    known = {"failed_usd": 0.0, "unsettled": int("error" in record), **record}
    return Tally(**{each.name: known[each.name] for each in fields(Tally)})


def interrupted() -> Record:
    """The outcome of a case whose throttling outlasted an invocation: the next one asks again, and counts on."""
    return {**_failed(Throttled("Bedrock throttled every attempt so far.")), "interim": True}


def unexpected() -> Record:
    """The outcome of a defect: the log holds its traceback."""
    return _failed(Internal("Arbiter failed in a way it did not expect. The log of the answering function says how."))


def tuned_model(plan: Plan, arm: Arm) -> TunedModel | None:
    """The tuned model of an arm, as it was when the run was planned."""
    model = plan.tuned.get(arm.tuned)
    return TunedModel(**model) if model else None


def in_turn(arms: Sequence[Arm], case_id: str) -> list[Arm]:
    """The arms in an order that differs from case to case: none always meets the cold connection."""
    first = zlib.crc32(case_id.encode()) % max(1, len(arms))
    return [*arms[first:], *arms[:first]]


def settled(record: Mapping[str, Any], *, retry_failed: bool) -> bool:
    """Whether an answer record is left as it is; one that an invocation only interrupted never is."""
    if "error" not in record or record["error"]["code"] in LASTING:
        return True
    return not retry_failed and not record.get("interim")


def _failed(error: ArbiterError) -> Record:
    return {"error": error.to_record()}
