"""The function that deletes a tuned model with all that hosts it.

Event: `{"run": …}` or `{"custom_model": <ARN>}`, and `"force": true` to retire the candidate as well.
Result: `{"custom_model": <ARN>, "deleted": [ARN …], "proof": [{"arn", "gone": true} …]}`; nothing is deleted twice.
"""

import os
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any, Protocol

from arbiter.aws.custom_models import CustomModels
from arbiter.aws.objects import Objects
from arbiter.aws.parameters import Parameters
from arbiter.log import entry
from arbiter.runs import is_name
from arbiter.settings.tuning import RetireModelSettings
from arbiter.store import ObjectMissingError
from arbiter.tuned_models.hosting.expiry import ENVIRONMENT_TAG
from arbiter.tuned_models.hosting.retirement import Bedrock, Kind, Resource, refuse_in_use, retire
from arbiter.tuned_models.service.pointer import NONE, TunedModel
from arbiter.tuned_models.service.promotion import CANDIDATE, named
from arbiter.tuned_models.training.record import TrainingRecord, record_key

POLL_SECONDS = 5
# Time kept back for the answer: what is left must still be named.
ANSWER_MILLISECONDS = 20_000


class UnknownModel(LookupError):  # noqa: N818 - the name is what callers tell apart
    """A run without a model, or a model of somebody else."""


class Context(Protocol):
    """What the function needs to know about its invocation."""

    def get_remaining_time_in_millis(self) -> int: ...


class Pointers(Protocol):
    """Where the pointers to tuned models are kept."""

    def read(self, name: str) -> str: ...
    def write(self, name: str, value: str) -> None: ...


class Records(Protocol):
    """Where training runs are recorded."""

    def read(self, key: str) -> bytes: ...


class Models(Bedrock, Protocol):
    """The account's models."""

    def hosts(self, custom_model: str) -> Sequence[Resource]: ...
    def tags(self, arn: str) -> Mapping[str, str]: ...


def handler(event: Mapping[str, Any], context: Context) -> dict[str, Any]:
    """Retire one model."""

    def wait() -> bool:
        time.sleep(POLL_SECONDS)
        return context.get_remaining_time_in_millis() > ANSWER_MILLISECONDS

    return _retirer().retire(event, now=datetime.now(UTC), wait=wait)


@cache
def _retirer() -> "Retirer":
    settings = RetireModelSettings.from_environment(os.environ)
    return Retirer(CustomModels.connect(), Parameters.connect(), Objects.connect(settings.results_bucket), settings)


@dataclass(frozen=True)
class Retirer:
    """Deletes a model that no pointer names."""

    models: Models
    pointers: Pointers
    records: Records
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
        print(entry("tuned model retired", run=run, custom_model=arn, deleted=deleted))
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
