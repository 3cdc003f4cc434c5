"""The end of a training run: why it failed, in Bedrock's own words, and what may stay behind."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from arbiter.causes import innermost
from arbiter.tuned_models.hosting.placement import Slot
from arbiter.tuned_models.training.decision import Decision
from arbiter.tuned_models.training.record import Failure, Job, Status, TrainingRecord

LONGEST_CAUSE = 8_000


@dataclass(frozen=True, kw_only=True)
class Ending:
    """How an execution ended, as the pipeline or an event says."""

    status: Status
    failure: Failure | None = None
    gate: Decision | None = None

    @classmethod
    def of_event(cls, detail: Mapping[str, Any]) -> "Ending":
        """From the detail of "Step Functions Execution Status Change"."""
        ends: dict[str, Status] = {"ABORTED": "aborted", "TIMED_OUT": "timed_out"}
        status = ends.get(str(detail.get("status")), "failed")
        sentences = {
            "aborted": "the execution of the pipeline was stopped by somebody",
            "timed_out": "the execution of the pipeline took longer than it may",
        }
        cause = innermost(detail.get("cause") or "") or sentences.get(status, "no reason is recorded")
        names = {"aborted": "Aborted", "timed_out": "TimedOut"}
        return cls(status=status, failure=Failure(name=detail.get("error") or names.get(status, "Failed"), cause=cause))

    @classmethod
    def of_pipeline(cls, failure: Mapping[str, Any] | None, gate: Decision | None) -> "Ending":
        """From the pipeline's own last task."""
        if not failure:
            return cls(status="nominated", gate=gate)
        name, cause = str(failure.get("name")), innermost(str(failure.get("cause") or ""))
        return cls(status="failed", failure=Failure(name=name, cause=cause or "no reason is recorded"), gate=gate)

    def explained_by(self, job: Job | None) -> "Ending":
        """With Bedrock's reason, when it is the job that failed."""
        if self.failure is None or self.failure.name != "TrainingJobFailed" or job is None:
            return self
        if job.status == "Stopped":
            reason = f": {job.failure}" if job.failure else ""
            cause = f"the customization job {job.name} was stopped before its end{reason}"
            status: Status = "stopped" if self.status == "failed" else self.status
            return Ending(status=status, failure=Failure(name=self.failure.name, cause=cause), gate=self.gate)
        if job.status == "Failed" and job.failure:
            return Ending(
                status=self.status, failure=Failure(name=self.failure.name, cause=job.failure), gate=self.gate
            )
        return self

    def clipped(self) -> Failure | None:
        """The failure, no longer than a state machine takes."""
        if self.failure is None:
            return None
        return Failure(name=self.failure.name, cause=self.failure.cause[:LONGEST_CAUSE])


def is_left_over(slot: Slot, record: TrainingRecord, pointed_to: set[str]) -> bool:
    """Whether a slot holds a failed run's model, and no pointer names it."""
    model = record.custom_model.arn if record.custom_model else None
    return model is not None and slot.holds(model) and slot.arn not in pointed_to


def kept_model(name: str, usd_per_month: float | None, run: str) -> str:
    """A note about the finished model that a failed run leaves."""
    cost = f"about {usd_per_month:,.2f} USD" if usd_per_month is not None else "an amount unknown to the price book"
    return (
        f"The custom model {name} stays, for a run with the same data and settings to use; Bedrock bills {cost} a "
        f"month for it. Delete it by `arbiter model retire {run}`."
    )
