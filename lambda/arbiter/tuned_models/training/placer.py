"""Choosing where the model of a run is hosted, noted in the run's record before anything is made."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Protocol

from arbiter import log
from arbiter.settings.tuning import PlaceModelSettings
from arbiter.tuned_models.hosting.placement import Placement, Slot, place
from arbiter.tuned_models.service.pointer import NONE, Pointers, TunedModel
from arbiter.tuned_models.service.promotion import named
from arbiter.tuned_models.training.claims import Claims
from arbiter.tuned_models.training.names import slots, throughput_name
from arbiter.tuned_models.training.record import Cost, CustomModel, Hosting, TrainingRecord
from arbiter.tuned_models.training.records import Records
from arbiter.tuned_models.training.request import gate_arms


class Deployments(Protocol):
    """The deployments on demand."""

    def slot(self, name: str) -> Slot | None: ...


@dataclass(frozen=True)
class Placer:
    """Chooses a host for a model and notes it in the run's record, before anything is made."""

    pointers: Pointers
    deployments: Deployments
    records: Records
    claims: Claims
    settings: PlaceModelSettings
    now: Callable[[], datetime]

    def place(self, run: str, custom_model: str, *, reused: bool) -> dict[str, Any]:
        """Say what the pipeline does next.

        Raises:
            ClaimedByAnotherRun: another run is being hosted or judged.
            NoSlot: no deployment can take the model.
        """
        self.claims.turn(run)
        pointers = self._pointers()
        placement = self._placement(run, custom_model, pointers)
        hosting = self._hosting(placement)
        self.records.claim(placement.name, run)
        self.records.change(run, lambda record: _placed(record, custom_model, hosting, reused=reused))
        log.write("model placed", run=run, action=placement.action, host=placement.name)
        arms = gate_arms(self.settings.gate_mode, in_service="in_service" in pointers)
        return {
            "action": placement.action,
            "name": placement.name,
            "arn": placement.arn,
            "expires_at": hosting.expires_at,
            "arms": arms,
            "over": pointers["in_service"].run if "in_service" in pointers else None,
        }

    def _pointers(self) -> dict[str, TunedModel]:
        settings = self.settings
        return named(
            self.pointers.read(settings.candidate_parameter), self.pointers.read(settings.in_service_parameter)
        )

    def _placement(self, run: str, custom_model: str, pointers: Mapping[str, TunedModel]) -> Placement:
        if self.settings.ttl_hours:
            return Placement("provision", throughput_name(self.settings.environment, run))
        names = slots(self.settings.environment)
        existing = {name: slot for name in names if (slot := self.deployments.slot(name))}
        placement = place(custom_model, names, existing, pointers)
        if not placement.withdraws:
            return placement
        # Whoever promotes the candidate from now on is told that there is none; who just did is seen by looking again.
        self.pointers.write(self.settings.candidate_parameter, NONE)
        return place(custom_model, names, existing, self._pointers())

    def _hosting(self, placement: Placement) -> Hosting:
        if placement.action != "provision":
            return Hosting(kind="on_demand", name=placement.name, arn=placement.arn)
        expires = self.now() + timedelta(hours=self.settings.ttl_hours)
        return Hosting(
            kind="provisioned",
            name=placement.name,
            usd_per_hour=self.settings.usd_per_hour,
            expires_at=expires.isoformat(timespec="seconds"),
        )


def _placed(record: TrainingRecord, custom_model: str, hosting: Hosting, *, reused: bool) -> TrainingRecord:
    name = record.custom_model.name if record.custom_model else custom_model
    free = Cost(tokens=0, usd=0.0) if reused else record.cost
    return replace(
        record, custom_model=CustomModel(name=name, arn=custom_model), hosting=hosting, reused=reused, cost=free
    )
