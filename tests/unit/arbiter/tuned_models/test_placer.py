"""A model is given a place that no pointer needs, which the record knows before it exists."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from arbiter.settings.tuning import PlaceModelSettings
from arbiter.tuned_models.hosting.placement import Slot
from arbiter.tuned_models.service.pointer import TunedModel
from arbiter.tuned_models.service.promotion import Pointer
from arbiter.tuned_models.training.claims import Claims
from arbiter.tuned_models.training.placer import Placer
from arbiter.tuned_models.training.records import Records
from tests.unit.arbiter.tuned_models.stores import BASE, MODEL, Bucket, running

NOW = datetime(2026, 11, 21, 9, tzinfo=UTC)
PLACE = PlaceModelSettings(
    environment="dev",
    results_bucket="r",
    candidate_parameter="c",
    in_service_parameter="s",
    gate_mode="fine_tuned",
)
OLD = TunedModel("arn:slot-1", "arn:old", BASE, "old")


@dataclass
class Pointers:
    """Two parameters."""

    values: dict[str, str] = field(default_factory=lambda: {"c": "none", "s": "none"})

    def read(self, name: str) -> str:
        return self.values[name]

    def write(self, name: str, value: str) -> None:
        self.values[name] = value


@dataclass
class Deployments:
    """Slots by name."""

    slots: Mapping[str, Slot]

    def slot(self, name: str) -> Slot | None:
        return self.slots.get(name)


def places(pointers: Pointers, *slots: Slot, settings: PlaceModelSettings = PLACE) -> tuple[Placer, Records]:
    bucket = Bucket()
    records = Records(bucket)
    records.write(running(hosting=None))
    known = Deployments({slot.name: slot for slot in slots})
    return Placer(pointers, known, records, Claims(bucket, records, lambda: NOW), settings, lambda: NOW), records


def slot(number: int) -> Slot:
    return Slot(f"arbiter-dev-slot-{number}", f"arn:slot-{number}", "arn:old", "Active")


def test_a_model_gets_a_slot_and_the_record_knows_it_before_it_exists() -> None:
    function, records = places(Pointers())
    placed = function.place("run-1", MODEL, reused=False)
    assert placed == {
        "action": "create",
        "name": "arbiter-dev-slot-1",
        "arn": None,
        "expires_at": None,
        "arms": [
            {"name": "candidate", "mode": "fine_tuned", "tuned": "candidate"},
            {"name": "base", "mode": "base"},
        ],
        "over": None,
    }
    record = records.find("run-1")
    assert record
    assert record.hosting
    assert (record.hosting.kind, record.hosting.name, record.hosting.arn) == ("on_demand", "arbiter-dev-slot-1", None)
    assert records.claimant("arbiter-dev-slot-1") == "run-1"


def test_the_gate_compares_with_the_model_in_service() -> None:
    function, _ = places(Pointers({"c": "none", "s": Pointer(OLD).dump()}), slot(1))
    placed = function.place("run-1", MODEL, reused=False)
    assert placed["arms"][1] == {"name": "in_service", "mode": "fine_tuned", "tuned": "in_service"}
    assert placed["over"] == OLD.run
    assert placed["name"] == "arbiter-dev-slot-2"


def test_combined_models_are_compared_with_retrieval() -> None:
    function, _ = places(Pointers(), settings=replace(PLACE, gate_mode="combined"))
    assert function.place("run-1", MODEL, reused=False)["arms"][1] == {"name": "base", "mode": "rag"}


def test_a_candidate_whose_slot_is_needed_cannot_be_promoted_any_more() -> None:
    second, third = (replace_model(n) for n in (2, 3))
    pointers = Pointers({"c": third.dump(), "s": Pointer(OLD, second).dump()})
    function, _ = places(pointers, slot(1), slot(2), slot(3))
    placed = function.place("run-1", MODEL, reused=False)
    assert (placed["action"], placed["arn"]) == ("update", "arn:slot-3")
    assert pointers.values["c"] == "none"


def replace_model(number: int) -> TunedModel:
    return OLD._replace(model=f"arn:slot-{number}", run=f"run-{number}")


def test_throughput_says_when_it_ends_and_what_it_costs() -> None:
    function, records = places(Pointers(), settings=replace(PLACE, ttl_hours=48, usd_per_hour=60.5))
    placed = function.place("run-1", MODEL, reused=True)
    assert (placed["action"], placed["expires_at"]) == ("provision", "2026-11-23T09:00:00+00:00")
    record = records.find("run-1")
    assert record
    assert record.hosting
    assert (record.hosting.kind, record.hosting.usd_per_hour) == ("provisioned", 60.5)
    assert record.reused
    assert record.cost
    assert record.cost.usd == 0


def test_a_model_that_is_trained_anew_keeps_its_cost() -> None:
    function, records = places(Pointers())
    function.place("run-1", MODEL, reused=False)
    assert records.find("run-1") == replace(records.find("run-1") or running(), cost=running().cost)
