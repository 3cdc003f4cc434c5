"""The tuned model of a training run where it can be called, whether it is in service or not."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from arbiter.evaluation.run.order import EvaluationRejected
from arbiter.tuned_models.hosting.placement import Slot
from arbiter.tuned_models.hosting.readiness import Host, HostUnknown, not_answering
from arbiter.tuned_models.service.pointer import TunedModel
from arbiter.tuned_models.training.names import slots
from arbiter.tuned_models.training.record import MalformedRecordError, TrainingRecord
from arbiter.tuned_models.training.records import Records


class Hosts(Protocol):
    """Describes the hosts of custom models."""

    def host(self, arn: str) -> Host | None: ...
    def slot(self, name: str) -> Slot | None: ...


@dataclass(frozen=True)
class TunedRuns:
    """Finds the models of an environment's training runs."""

    records: Records
    hosts: Hosts
    environment: str
    now: Callable[[], datetime]

    def model(self, run: str) -> TunedModel:
        """The model of a run at the deployment or throughput that answers with it.

        Raises:
            EvaluationRejected: the run left no model, or nothing answers with it.
        """
        try:
            record = self.records.find(run)
        except MalformedRecordError as error:
            raise EvaluationRejected(f"the record of the training run {run} cannot be read: {error}") from error
        if record is None:
            raise EvaluationRejected(f"there is no training run {run}; `arbiter train list` names them")
        if record.custom_model is None or record.custom_model.arn is None:
            raise EvaluationRejected(f"the training run {run} has no model: it is {record.status}")
        try:
            return self._hosted(record, record.custom_model.arn)
        except HostUnknown as error:
            raise EvaluationRejected(str(error)) from error

    def _hosted(self, record: TrainingRecord, custom_model: str) -> TunedModel:
        reason: str | None = "it was never hosted"
        for arn in self._hosts_of(record, custom_model):
            model = TunedModel(arn, custom_model, record.base_model, record.run)
            reason = not_answering(model, self.hosts.host(arn), self.now())
            if reason is None:
                return model
        raise EvaluationRejected(
            f"the model of the training run {record.run} cannot be called: {reason}. `arbiter train FILE` with the "
            "same file finds the finished model, bills no training and hosts it again"
        )

    def _hosts_of(self, record: TrainingRecord, custom_model: str) -> Iterator[str]:
        """Where its run put it, then the deployments that hold it by now: these take turns."""
        if record.hosting and record.hosting.arn:
            yield record.hosting.arn
        hosts = (self.hosts.slot(name) for name in slots(self.environment))
        yield from (slot.arn for slot in hosts if slot and slot.holds(custom_model))
