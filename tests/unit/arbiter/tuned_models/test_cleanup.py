"""After a failed run no job trains and nothing hosts its model, unless a pointer names it."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

import pytest

from arbiter.tuned_models.hosting.placement import Slot
from arbiter.tuned_models.hosting.retirement import Kind, Resource
from arbiter.tuned_models.training.cleanup import MOST_LOOKS, Cleanup
from arbiter.tuned_models.training.jobs import JobState
from arbiter.tuned_models.training.record import Hosting, TrainingRecord
from tests.unit.arbiter.tuned_models.stores import MODEL, running

SLOT = Slot("arbiter-dev-slot-1", "arn:slot-1", MODEL, "Active")
PROVISIONED = Hosting(kind="provisioned", name="throughput")


@dataclass
class Bedrock:
    """A job, a slot and a throughput; each takes `lag` looks to be gone."""

    job_status: str | None = None
    slots: list[Slot] = field(default_factory=list)
    throughputs: list[Resource] = field(default_factory=list)
    refusal: str | None = None
    calls: list[str] = field(default_factory=list)

    def job(self, name: str) -> JobState | None:
        status = self.job_status
        if status == "Stopping":
            self.job_status = "Stopped"
        return JobState(name=name, arn="arn:job", status=status) if status else None

    def stop(self, name: str) -> None:
        self.calls.append(f"stop {name}")
        self.job_status = "Stopping"

    def slot(self, name: str) -> Slot | None:
        return next((one for one in self.slots if one.name == name), None)

    def delete_slot(self, arn: str) -> str | None:
        self.calls.append(f"delete {arn}")
        refusal, self.refusal = self.refusal, None
        if refusal is None:
            self.slots.clear()
        return refusal

    def throughput(self, name: str) -> Resource | None:
        return next(iter(self.throughputs), None)

    def delete_throughput(self, arn: str) -> str | None:
        self.calls.append(f"delete {arn}")
        self.throughputs.clear()
        return None


def sweep(bedrock: Bedrock, record: TrainingRecord, *pointed_to: str, claimant: str = "run-1") -> list[str]:
    return Cleanup(bedrock, bedrock, lambda: set(pointed_to), lambda slot: claimant, lambda: None).sweep(record)


def test_a_job_is_stopped_once_and_waited_for() -> None:
    bedrock = Bedrock(job_status="InProgress")
    assert sweep(bedrock, running()) == ["The customization job arbiter-run-1-01234567 was stopped."]
    assert (bedrock.calls, bedrock.job_status) == (["stop arbiter-run-1-01234567"], "Stopped")


def test_a_job_of_another_run_is_not_touched_when_its_model_is_reused() -> None:
    bedrock = Bedrock(job_status="InProgress")
    assert sweep(bedrock, running(reused=True)) == []
    assert bedrock.calls == []


@pytest.mark.parametrize("slot", [SLOT, replace(SLOT, model="arn:old", coming=MODEL), replace(SLOT, status="Failed")])
def test_a_deployment_that_nobody_points_to_is_deleted(slot: Slot) -> None:
    bedrock = Bedrock(slots=[slot])
    assert sweep(bedrock, running()) == ["The deployment arbiter-dev-slot-1 was deleted."]
    assert bedrock.slots == []


@pytest.mark.parametrize("slot", [replace(SLOT, model="arn:old"), replace(SLOT, name="arbiter-dev-slot-2")])
def test_a_deployment_of_another_model_stays(slot: Slot) -> None:
    bedrock = Bedrock(slots=[slot])
    assert sweep(bedrock, running()) == []
    assert bedrock.slots == [slot]


def test_a_deployment_that_another_run_was_given_stays_though_the_model_is_the_same() -> None:
    bedrock = Bedrock(slots=[SLOT])
    assert sweep(bedrock, running(), claimant="run-2") == []
    assert bedrock.slots == [SLOT]


def test_what_a_pointer_names_stays() -> None:
    bedrock = Bedrock(slots=[SLOT], throughputs=[Resource(Kind.THROUGHPUT, "arn:t")])
    assert sweep(bedrock, running(), "arn:slot-1", "arn:t") == []
    (logged,) = sweep(bedrock, running(hosting=PROVISIONED), "arn:slot-1", "arn:t")
    assert logged == (
        "The provisioned throughput throughput stays, for a pointer names it, and is billed by the hour until it is "
        "deleted."
    )
    assert bedrock.calls == []


def test_a_deletion_that_is_refused_for_now_is_tried_again() -> None:
    bedrock = Bedrock(slots=[SLOT], refusal="it is being created")
    assert sweep(bedrock, running()) == ["The deployment arbiter-dev-slot-1 was deleted."]
    assert bedrock.calls == ["delete arn:slot-1"] * 2


def test_what_cannot_be_deleted_is_told_with_the_reason() -> None:
    class Stubborn(Bedrock):
        def delete_slot(self, arn: str) -> str | None:
            self.calls.append(arn)
            return "not now"

    bedrock = Stubborn(slots=[SLOT])
    assert sweep(bedrock, running()) == ["The deployment arbiter-dev-slot-1 could not be deleted: not now"]
    assert len(bedrock.calls) == MOST_LOOKS


def test_throughput_without_a_commitment_is_deleted() -> None:
    bedrock = Bedrock(throughputs=[Resource(Kind.THROUGHPUT, "arn:t")])
    assert sweep(bedrock, running(hosting=PROVISIONED)) == ["The provisioned throughput throughput was deleted."]
    assert bedrock.throughputs == []


def test_a_commitment_is_told_for_it_cannot_be_ended() -> None:
    bedrock = Bedrock(throughputs=[Resource(Kind.THROUGHPUT, "arn:t", datetime(2026, 12, 21, 8, tzinfo=UTC))])
    (logged,) = sweep(bedrock, running(hosting=PROVISIONED))
    assert "is billed until 2026-12-21T08:00:00+00:00" in logged
    assert bedrock.calls == []


def test_what_takes_effect_after_a_first_look_is_seen() -> None:
    bedrock, looks = Bedrock(), []

    def late() -> None:
        looks.append(1)
        if len(looks) == 1:
            bedrock.slots.append(SLOT)

    assert Cleanup(bedrock, bedrock, set, lambda slot: "run-1", late).sweep(running()) == [
        "The deployment arbiter-dev-slot-1 was deleted."
    ]


def test_a_run_that_made_nothing_is_not_looked_after() -> None:
    assert sweep(Bedrock(job_status="InProgress"), running(job=None, hosting=None)) == []
