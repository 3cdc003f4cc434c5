"""Calibrating `auto` on a run, publishing what beats each single mode, and taking it back."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Any, Protocol

from arbiter import log
from arbiter.evaluation.calibration.fitting import Calibration, Outcome, calibrate
from arbiter.evaluation.numbers.reading import Reading
from arbiter.evaluation.numbers.records import Answer
from arbiter.evaluation.numbers.scoreboard import Scoreboard
from arbiter.evaluation.run.arms import DEFAULT
from arbiter.evaluation.run.keys import cases_key, plan_key, routing_prefix
from arbiter.evaluation.run.plan import Plan
from arbiter.evaluation.summary.routing import routed, single_techniques
from arbiter.jsonl import lines, parse
from arbiter.modes import Mode
from arbiter.routing.knowledge import PREFERENCES
from arbiter.routing.policy import Calibrated, Policies, loads, policy_key
from arbiter.store import ObjectMissingError, Store

POINTS = 1.0
"""Points of 10 that the dearest, or slowest, technique must be better by where `cost`, or `latency`, is preferred."""
JSON = "application/json"


class CalibrationRefused(ValueError):  # noqa: N818 - the name is what the command tells
    """A run or an order that nothing can be calibrated on; the message says what to do."""

    code = "calibration_refused"


class NoRun(CalibrationRefused):
    """A run that there is none of."""

    code = "no_run"


class PolicyStore(Store, Protocol):
    """A bucket whose objects are replaced only as they were read."""

    def read_tagged(self, key: str) -> tuple[bytes, str]: ...
    def replace(self, key: str, body: bytes, *, etag: str, content_type: str) -> bool: ...


@dataclass(frozen=True)
class Calibrator:
    """Calibrates `auto` over one knowledge base."""

    store: PolicyStore
    knowledge_base_id: str

    def handle(self, event: Mapping[str, Any]) -> dict[str, Any]:
        """Calibrate on `{"run", "prefer"?, "publish"?}`, or go back on `{"rollback": true}`.

        Raises:
            CalibrationRefused: saying why nothing can be done.
        """
        if event.get("rollback"):
            return self._roll_back()
        prefer = event.get("prefer", "quality")
        if prefer not in PREFERENCES:
            raise CalibrationRefused(f"prefer is {prefer!r}: choose one of {', '.join(PREFERENCES)}.")
        calibration = calibrate(self._outcomes(str(event["run"]), prefer))
        publish = calibration.publishable and event.get("publish", True)
        if publish and calibration.fitted:
            calibrated = Calibrated(event["run"], *calibration.fitted)
            self._change(lambda kept: kept.with_calibrated(prefer, calibrated))
        log.write("calibrated", run=event["run"], prefer=prefer, published=publish, p=calibration.p)
        return {"run": event["run"], "prefer": prefer, "published": bool(publish), **_dumped(calibration)}

    def _roll_back(self) -> dict[str, Any]:
        policies = self._change(Policies.rolled_back)
        return {"in_force": {prefer: one._asdict() for prefer, one in policies.current.items()}}

    def _change(self, change: Callable[[Policies], Policies]) -> Policies:
        """Write changed policies, unless others were written since they were read."""
        key = policy_key(self.knowledge_base_id)
        try:
            text, etag = self.store.read_tagged(key)
            changed = change(loads(text))
            body = changed.dumps().encode()
            written = self.store.replace(key, body, etag=etag, content_type=JSON)
        except ObjectMissingError:
            changed = change(Policies({}, {}))
            body = changed.dumps().encode()
            written = self.store.create(key, body, content_type=JSON)
        # A write that was repeated because its reply was lost is refused, for it stands there already.
        if not written and self.store.read(key) != body:
            raise CalibrationRefused("Another calibration was published meanwhile. Try again.")
        return changed

    def _outcomes(self, run: str, prefer: str) -> list[Outcome]:
        try:
            plan = Plan.parse(self.store.read(plan_key(run)))
        except ObjectMissingError as error:
            raise NoRun(f"There is no evaluation run {run}: `arbiter report` lists those there are.") from error
        single = single_techniques(plan.arms)
        if not plan.auto or not {Mode.BASE, Mode.RAG} <= single.keys():
            remedy = "evaluate with `--modes auto,base,rag,fine_tuned,combined`"
            raise CalibrationRefused(f"The run {run} holds no choices of auto: {remedy}.")
        if (store := plan.knowledge_bases.get(DEFAULT, self.knowledge_base_id)) != self.knowledge_base_id:
            raise CalibrationRefused(
                f"The run {run} was answered from the knowledge base {store}, and {self.knowledge_base_id} has taken "
                "its place: evaluate once more."
            )
        documents = self._documents(run)
        reading = Reading(self.store)
        numbers = reading.numbers(run, plan.start, documents)
        board = Scoreboard({case: index for index, case in enumerate(documents)}, list(single.values()), plan.judges,
                           plan.repeat, pairwise=False)  # fmt: skip
        board.add_answers(numbers.answers)
        board.add_verdicts(numbers.verdicts)
        price = _prices(board, single, prefer)
        choices = [one for batch in reading.all(routing_prefix(run), routed) for one in batch]
        outcomes = []
        for one in choices:
            index = board.cases.get(one.case)
            if index is not None and all(index in board.scores[arm] for arm in single.values()):
                worth = {mode: board.scores[arm][index] - price[mode] for mode, arm in single.items()}
                outcomes.append(Outcome(documents[one.case], one.grounded, one.specialised, worth, one.mode))
        return outcomes

    def _documents(self, run: str) -> dict[str, str]:
        """The document of each case by its id; a case without one is evidence of its own."""
        cases = (parse(line) for line in lines(self.store.stream(cases_key(run))) if line.content.strip())
        return {case["id"]: str(case.get("document") or f"case {case['id']}") for case in cases}


def _prices(board: Scoreboard, single: Mapping[Mode, str], prefer: str) -> dict[Mode, float]:
    """The points that each mode is charged for its cost or its latency, the most expensive `POINTS`."""
    if prefer == "quality":
        return dict.fromkeys(single, 0.0)
    taken = {mode: _mean_taken(board.answers_of(arm), prefer) for mode, arm in single.items()}
    most = max((value for value in taken.values() if value is not None), default=0.0)
    if not most or None in taken.values():
        what = "latency" if prefer == "latency" else "cost"
        raise CalibrationRefused(f"The {what} of some technique of this run is not known: calibrate for quality.")
    return {mode: POINTS * (value or 0.0) / most for mode, value in taken.items()}


def _mean_taken(answers: Sequence[Answer], prefer: str) -> float | None:
    given = [one for one in answers if one.failure is None]
    values = [one.cost_usd if prefer == "cost" else one.timing and one.timing.total for one in given]
    known = [value for value in values if value is not None]
    return fmean(known) if known and len(known) == len(values) else None


def _dumped(calibration: Calibration) -> dict[str, Any]:
    return {
        "questions": calibration.questions,
        "documents": calibration.documents,
        "thresholds": calibration.fitted._asdict() if calibration.fitted else None,
        "p": calibration.p,
        "wins": calibration.wins,
        "against": [{**one._asdict(), "mode": one.mode.value} for one in calibration.against],
        "questions_needed": calibration.needed,
    }
