"""Every tuned model of an environment: where it is hosted, what points to it, and what it costs."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from arbiter.aws.objects import Objects
from arbiter.tuned_models.service.pointer import TunedModel
from arbiter.tuned_models.training.record import TRAINING, MalformedRecordError, TrainingRecord
from cli.core.deployment import Deployment
from cli.models.inventory import Host, Inventory
from cli.models.service import made_elsewhere, pointed_to
from cli.models.without_stacks import when_deployed

HOURS_A_MONTH = 730
RECORD = "/record.json"
ORPHAN, IDLE = "orphan", "idle"


@dataclass(frozen=True, kw_only=True)
class ListedModel:
    """One custom model."""

    name: str
    custom_model: str
    runs: tuple[str, ...]
    """Training runs that made or reused it."""
    base_model: str
    states: tuple[str, ...]
    """The pointers that name it; else `idle`, or `orphan` when no run knows it."""
    hosts: tuple[Host, ...]
    usd_per_month: float | None
    """Its storage and its hosting by the hour; `None` while a price is unknown."""
    missing: bool = False
    """Whether Bedrock has it no more, although a pointer names it."""


@dataclass(frozen=True, kw_only=True)
class ModelList:
    """The tuned models of one environment."""

    environment: str
    models: tuple[ListedModel, ...]
    made_elsewhere: str | None
    """The model that the settings name, which answers whatever is in service."""
    deployed: bool = True
    """Whether the stacks are there that know runs and pointers."""

    def dump(self) -> dict[str, Any]:
        return asdict(self)


def list_models(deployment: Deployment) -> ModelList:
    """List every custom model that carries the environment's tag or is pointed to; without the stacks too."""
    inventory = Inventory(deployment)
    pointers = when_deployed(lambda: pointed_to(deployment))
    records = when_deployed(lambda: list(_records(deployment)))
    deployed = pointers is not None and records is not None
    pointers, records = pointers or {}, records or []
    stored = list(inventory.models())
    models = [_listed(one, pointers, records, inventory) for one in stored]
    known = {one["modelArn"] for one in stored}
    models += [_missing(model, pointers) for model in _unknown(pointers, known)]
    return ModelList(
        environment=deployment.environment,
        models=tuple(sorted(models, key=lambda one: (one.states[0] in (IDLE, ORPHAN), one.states, one.name))),
        made_elsewhere=made_elsewhere(deployment),
        deployed=deployed,
    )


def _records(deployment: Deployment) -> Iterator[TrainingRecord]:
    bucket = Objects(deployment.client("s3"), deployment.output("ResultsBucketName"))
    for item in bucket.listing(TRAINING):
        if item.key.endswith(RECORD):
            try:
                yield TrainingRecord.parse(bucket.read(item.key))
            except MalformedRecordError:
                continue  # Of a later version: the model is listed without it.


def _listed(
    one: Mapping[str, Any],
    pointers: Mapping[str, TunedModel],
    records: Sequence[TrainingRecord],
    inventory: Inventory,
) -> ListedModel:
    arn = one["modelArn"]
    runs = [record.run for record in records if record.custom_model and record.custom_model.arn == arn]
    base = next((model.base_model for model in pointers.values() if model.custom_model == arn), None)
    base = base or one["baseModelArn"].rsplit("/", 1)[-1]
    hosts = inventory.hosts(arn)
    storage = inventory.prices(base).storage_per_month
    monthly = [storage.usd if storage else None, *(_monthly(host.usd_per_hour) for host in hosts)]
    return ListedModel(
        name=one["modelName"],
        custom_model=arn,
        runs=tuple(runs),
        base_model=base,
        states=_states(arn, pointers) or ((IDLE,) if runs else (ORPHAN,)),
        hosts=tuple(hosts),
        usd_per_month=_total(monthly),
    )


def _missing(model: TunedModel, pointers: Mapping[str, TunedModel]) -> ListedModel:
    return ListedModel(
        name=model.custom_model.rsplit("/", 1)[-1],
        custom_model=model.custom_model,
        runs=(model.run,),
        base_model=model.base_model,
        states=_states(model.custom_model, pointers),
        hosts=(),
        usd_per_month=0.0,
        missing=True,
    )


def _unknown(pointers: Mapping[str, TunedModel], known: set[str]) -> Iterator[TunedModel]:
    yield from {model.custom_model: model for model in pointers.values() if model.custom_model not in known}.values()


def _states(arn: str, pointers: Mapping[str, TunedModel]) -> tuple[str, ...]:
    order = ("in_service", "previous", "candidate")
    states = tuple(name for name in order if name in pointers and pointers[name].custom_model == arn)
    # A model that answers need not be promoted, although it stays nominated.
    return tuple(name for name in states if name != "candidate" or "in_service" not in states)


def _monthly(usd_per_hour: float | None) -> float | None:
    return None if usd_per_hour is None else usd_per_hour * HOURS_A_MONTH


def _total(amounts: Sequence[float | None]) -> float | None:
    known = [amount for amount in amounts if amount is not None]
    return sum(known) if len(known) == len(amounts) else None
