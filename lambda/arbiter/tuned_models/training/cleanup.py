"""The cleanup after a failed run: it leaves no job that trains, and no host that nobody points to."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from arbiter.tuned_models.hosting.placement import Slot
from arbiter.tuned_models.hosting.retirement import Resource
from arbiter.tuned_models.training.conclusion import is_left_over
from arbiter.tuned_models.training.jobs import JobState
from arbiter.tuned_models.training.record import Hosting, TrainingRecord

QUIET_LOOKS = 2
"""A call of the pipeline that was under way when it was stopped may still take effect after a first look."""
MOST_LOOKS = 60


class Jobs(Protocol):
    """The customization jobs."""

    def job(self, name: str) -> JobState | None: ...
    def stop(self, name: str) -> None: ...


class Hosts(Protocol):
    """The hosts of custom models; a deletion returns why it was refused, if it was."""

    def slot(self, name: str) -> Slot | None: ...
    def delete_slot(self, arn: str) -> str | None: ...
    def throughput(self, name: str) -> Resource | None: ...
    def delete_throughput(self, arn: str) -> str | None: ...


@dataclass(frozen=True)
class Cleanup:
    """Stops and deletes what a failed run began, and looks until it is gone."""

    jobs: Jobs
    hosts: Hosts
    pointed_to: Callable[[], set[str]]
    """ARNs that a pointer names, read anew."""
    claimant: Callable[[str], str | None]
    """The run that a deployment was last given to: the same data may be trained on again already."""
    rest: Callable[[], None]

    def sweep(self, record: TrainingRecord) -> list[str]:
        """Leave nothing running; returns what was done about what, in sentences."""
        if record.job is None and record.hosting is None:
            return []
        notes: dict[str, str] = {}
        quiet = 0
        for _ in range(MOST_LOOKS):
            job, host = self._end_job(record, notes), self._end_hosting(record, notes)
            quiet = 0 if job or host else quiet + 1
            if quiet == QUIET_LOOKS:
                break
            self.rest()
        return list(notes.values())

    def _end_job(self, record: TrainingRecord, notes: dict[str, str]) -> bool:
        """Whether the job still ran."""
        if record.job is None or record.reused:
            return False
        job = self.jobs.job(record.job.name)
        if job is None or job.status not in ("InProgress", "Stopping"):
            return False
        if job.status == "InProgress":
            self.jobs.stop(job.name)
        notes[job.name] = f"The customization job {job.name} was stopped."
        return True

    def _end_hosting(self, record: TrainingRecord, notes: dict[str, str]) -> bool:
        """Whether something hosted the model and no pointer named it."""
        if record.hosting is None:
            return False
        if record.hosting.kind == "provisioned":
            return self._end_throughput(record.hosting, notes)
        if self.claimant(record.hosting.name) != record.run:
            return False
        slot = self.hosts.slot(record.hosting.name)
        if slot is None or not is_left_over(slot, record, self.pointed_to()):
            return False
        notes[slot.name] = _sentence(f"The deployment {slot.name}", self.hosts.delete_slot(slot.arn))
        return True

    def _end_throughput(self, hosting: Hosting, notes: dict[str, str]) -> bool:
        throughput = self.hosts.throughput(hosting.name)
        if throughput is None:
            return False
        what = f"The provisioned throughput {hosting.name}"
        if throughput.arn in self.pointed_to():
            until = hosting.expires_at or "it is deleted"
            notes[hosting.name] = f"{what} stays, for a pointer names it, and is billed by the hour until {until}."
            return False
        if throughput.committed_until:
            until = throughput.committed_until.isoformat(timespec="seconds")
            notes[hosting.name] = f"{what} is billed until {until}: a commitment cannot be ended."
            return False
        notes[hosting.name] = _sentence(what, self.hosts.delete_throughput(throughput.arn))
        return True


def _sentence(what: str, refusal: str | None) -> str:
    return f"{what} was deleted." if refusal is None else f"{what} could not be deleted: {refusal}"
