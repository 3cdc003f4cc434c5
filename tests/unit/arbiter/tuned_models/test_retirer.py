"""A model that is used is not deleted; any other goes with what hosts it, once."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

import pytest

from arbiter.settings.tuning import RetireModelSettings
from arbiter.tuned_models.hosting.expiry import ENVIRONMENT_TAG
from arbiter.tuned_models.hosting.retirement import Kind, ModelInUse, Resource
from arbiter.tuned_models.retirer import Retirer, UnknownModel
from arbiter.tuned_models.service.promotion import Pointer
from tests.unit.arbiter.tuned_models.model_fakes import NEW, NOW, OLD, Pointers, Records


class Models:
    """Bedrock, with some models and their hosts."""

    def __init__(self, hosts: Mapping[str, Iterable[Resource]], environment: str = "dev") -> None:
        self.there = {arn: {one.arn for one in found} for arn, found in hosts.items()}
        self.listed = {arn: list(found) for arn, found in hosts.items()}
        self.environment = environment
        self.deleted: list[str] = []

    def hosts(self, custom_model: str) -> list[Resource]:
        return [one for one in self.listed.get(custom_model, []) if one.arn not in self.deleted]

    def tags(self, arn: str) -> dict[str, str]:
        return {ENVIRONMENT_TAG: self.environment}

    def delete(self, resource: Resource) -> None:
        self.deleted.append(resource.arn)

    def exists(self, resource: Resource) -> bool:
        return resource.arn in {*self.there, *(arn for found in self.there.values() for arn in found)} - {*self.deleted}


HOSTED = {OLD.custom_model: [Resource(Kind.DEPLOYMENT, OLD.model)]}
RECORD = {
    "run": "run-a",
    "status": "nominated",
    "data": {"key": "k"},
    "base_model": OLD.base_model,
    "customization_type": "FINE_TUNING",
    "hyperparameters": {},
    "custom_model": {"name": "arbiter-a", "arn": OLD.custom_model},
}
BUCKET = {"training/run-a/record.json": json.dumps(RECORD).encode()}


def retire(models: Models, pointers: Pointers, **event: Any) -> dict[str, Any]:
    settings = RetireModelSettings(
        environment="dev", candidate_parameter="c", in_service_parameter="s", results_bucket="r"
    )
    retirer = Retirer(models, pointers, Records(BUCKET), settings)
    return retirer.retire(event, now=NOW, wait=lambda: False)


@pytest.mark.parametrize("event", [{"run": "run-a"}, {"custom_model": OLD.custom_model}])
def test_a_model_goes_with_what_hosts_it_and_a_second_time_finds_it_gone(event: dict[str, str]) -> None:
    models, pointers = Models(HOSTED), Pointers(NEW, Pointer(NEW))
    first = retire(models, pointers, **event)
    assert first["deleted"] == models.deleted == [OLD.model, OLD.custom_model]
    assert first["proof"] == [{"arn": arn, "gone": True} for arn in models.deleted]
    second = retire(models, pointers, **event)
    assert (second["deleted"], second["proof"]) == ([], [{"arn": OLD.custom_model, "gone": True}])


@pytest.mark.parametrize(
    ("pointers", "name"),
    [
        (Pointers(None, Pointer(OLD)), "in service"),
        (Pointers(None, Pointer(NEW, OLD)), "previous"),
        (Pointers(OLD, Pointer(NEW)), "candidate"),
    ],
)
def test_what_is_pointed_to_stays(pointers: Pointers, name: str) -> None:
    models = Models(HOSTED)
    with pytest.raises(ModelInUse, match=f"it stands as {name}"):
        retire(models, pointers, run="run-a")
    assert models.deleted == []
    assert len(pointers.texts["c"]) == 1


def test_force_clears_the_candidate_first() -> None:
    models, pointers = Models(HOSTED), Pointers(OLD, Pointer(NEW))
    retire(models, pointers, run="run-a", force=True)
    assert pointers.read("c") == "none"
    assert OLD.custom_model in models.deleted


@pytest.mark.parametrize("in_service", [Pointer(OLD), Pointer(NEW, OLD)])
def test_force_touches_neither_what_is_in_service_nor_what_was_before(in_service: Pointer) -> None:
    models, pointers = Models(HOSTED), Pointers(OLD, in_service)
    with pytest.raises(ModelInUse):
        retire(models, pointers, run="run-a", force=True)
    assert (len(pointers.texts["c"]), len(pointers.texts["s"]), models.deleted) == (1, 1, [])


def test_a_model_of_another_environment_stays() -> None:
    models = Models(HOSTED, environment="prod")
    with pytest.raises(UnknownModel, match="belongs to the environment prod; this is dev"):
        retire(models, Pointers(None, Pointer()), run="run-a")
    assert models.deleted == []


@pytest.mark.parametrize("event", [{}, {"run": "run-x"}, {"run": "Bad Run"}, {"custom_model": "arn:other"}])
def test_a_model_that_is_not_known_is_named(event: dict[str, str]) -> None:
    with pytest.raises(UnknownModel):
        retire(Models({}), Pointers(None, Pointer()), **event)
