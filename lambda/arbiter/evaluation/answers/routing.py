"""The choices of `auto` for the cases of a run: decided as for a caller, answered by the arms that answered anyway."""

import json
from collections.abc import Iterable, Mapping
from typing import Any, cast

from arbiter.answering.auto import Auto
from arbiter.answering.decision import ProfileSource
from arbiter.answering.request import Preference, Request
from arbiter.answering.retry import Backoff, Clock, Deadline
from arbiter.answering.work import Work
from arbiter.evaluation.answers.case import PinnedModel
from arbiter.evaluation.run.conversation import turns
from arbiter.evaluation.run.keys import answer_key, routing_key
from arbiter.evaluation.run.plan import Plan, Record
from arbiter.modes import Mode
from arbiter.settings.answering import RouterSettings
from arbiter.store import ObjectMissingError, Store
from arbiter.tuned_models.service.pointer import TunedModel

SECONDS = 10.0
"""The time that a decision may take: profiles are read once."""


class Routing:
    """Decides for cases by the profiles that the router has."""

    def __init__(self, results: Store, settings: RouterSettings, profiles: ProfileSource | None, clock: Clock) -> None:
        self._results, self._settings, self._profiles, self._clock = results, settings, profiles, clock

    def route(self, plan: Plan, cases: Iterable[Mapping[str, Any]], offset: int) -> None:
        """Write down which mode `auto` chooses for each case of a batch, and by which scores."""
        model = plan.tuned.get("in_service")
        auto = Auto(self._settings, PinnedModel(TunedModel(**model) if model else None), self._profiles)
        decisions = [self._decided(plan, auto, case) for case in cases]
        body = json.dumps({"decisions": decisions}).encode()
        self._results.write(routing_key(plan.run, offset), body, content_type="application/json")

    def _decided(self, plan: Plan, auto: Auto, case: Mapping[str, Any]) -> Record:
        request = Request(case["question"], history=turns(case), prefer=cast("Preference", plan.prefer))
        work = Work(request, Deadline(SECONDS, self._clock), clock=self._clock, backoff=Backoff())
        decision = auto.decide(work)
        if decision.look is not None:
            decision = decision.looked(self._best_passage(plan.run, case["id"]))
        return {"case": case["id"], "mode": decision.mode.value, "decision": decision.to_object(),
                "degraded": work.degraded}  # fmt: skip

    def _best_passage(self, run: str, case: str) -> float | None:
        """The score of the best passage that the arm with retrieval found for a case: it searched for the same."""
        try:
            record = json.loads(self._results.read(answer_key(run, case, Mode.RAG.value)))
        except ObjectMissingError:
            return None
        passages = record.get("response", {}).get("citations", ())
        return max((passage["score"] for passage in passages if passage["score"] is not None), default=None)
