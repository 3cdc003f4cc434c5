"""Retiring a tuned model that no pointer names, with everything that hosts it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from arbiter import log
from arbiter.runs import is_name
from arbiter.settings.tuning import RetireModelSettings
from arbiter.store import ObjectMissingError, Store
from arbiter.tuned_models.hosting.expiry import ENVIRONMENT_TAG
from arbiter.tuned_models.hosting.retirement import Bedrock, Kind, Resource, refuse_in_use, retire
from arbiter.tuned_models.service.pointer import NONE, Pointers, TunedModel
from arbiter.tuned_models.service.promotion import CANDIDATE, named
from arbiter.tuned_models.training.record import TrainingRecord, record_key


class UnknownModel(LookupError):  # noqa: N818 - the name is what callers tell apart
    """A run without a model, or a model of somebody else."""


class Models(Bedrock, Protocol):
    """The account's models."""

    def hosts(self, custom_model: str) -> Sequence[Resource]: ...
    def tags(self, arn: str) -> Mapping[str, str]: ...


@dataclass(frozen=True)
class Retirer:
    """Deletes a model that no pointer names."""

    models: Models
    pointers: Pointers
    records: Store
    settings: RetireModelSettings

    def retire(self, event: Mapping[str, Any], *, now: datetime, wait: Callable[[], bool]) -> dict[str, Any]:
        """Delete a model and what hosts it.

        Raises:
            UnknownModel: there is no such model in this environment.
            ModelInUse: a pointer names it.
            HostingCommitted: its throughput is committed.
            RetirementIncomplete: something is left.
        """
        run = event.get("run")
        arn = self._custom_model(run, event.get("custom_model"))
        model = Resource(Kind.MODEL, arn)
        if self.models.exists(model):
            self._refuse_foreign(arn)
        self._refuse_pointed_to(run, arn, force=event.get("force") is True)
        present = [*self.models.hosts(arn), *([model] if self.models.exists(model) else [])]
        deleted = retire(self.models, present, now=now, wait=wait)
        proof = [{"arn": one, "gone": True} for one in dict.fromkeys((*deleted, arn))]
        log.write("tuned model retired", run=run, custom_model=arn, deleted=deleted)
        return {"custom_model": arn, "deleted": list(deleted), "proof": proof}

    def _custom_model(self, run: Any, arn: Any) -> str:
        if isinstance(arn, str) and ":custom-model/" in arn:
            return arn
        if not isinstance(run, str) or not is_name(run):
            raise UnknownModel("Name a training run, or a custom model by its ARN.")
        try:
            record = TrainingRecord.parse(self.records.read(record_key(run)))
        except ObjectMissingError as error:
            raise UnknownModel(f"There is no record of the training run {run}: {error}") from error
        if record.custom_model is None or record.custom_model.arn is None:
            raise UnknownModel(f"The training run {run} left no model; its status is {record.status}.")
        return record.custom_model.arn

    def _refuse_foreign(self, arn: str) -> None:
        owner = self.models.tags(arn).get(ENVIRONMENT_TAG)
        if owner != self.settings.environment:
            whose = f"belongs to the environment {owner}" if owner else f"has no tag {ENVIRONMENT_TAG}"
            raise UnknownModel(f"The model {arn} {whose}; this is {self.settings.environment}.")

    def _refuse_pointed_to(self, run: str | None, arn: str, *, force: bool) -> None:
        """Force clears the candidate, which nobody is answered by; what is in service is not this role's to change."""
        name = self.settings.candidate_parameter
        pointed_to = named(self.pointers.read(name), self.pointers.read(self.settings.in_service_parameter))
        candidate: TunedModel | None = pointed_to.get(CANDIDATE)
        others = {pointer: model for pointer, model in pointed_to.items() if pointer != CANDIDATE}
        refuse_in_use(run, arn, others if force else pointed_to)
        if force and candidate and (candidate.run == run or candidate.custom_model == arn):
            self.pointers.write(name, NONE)
