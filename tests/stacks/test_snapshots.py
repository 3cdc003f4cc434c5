"""The templates of `prod`, and what differs with other settings, as reviewed. `make snapshots` accepts a change."""

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.json import JSONSnapshotExtension

from tests.stacks.resolved import OPTIONAL, STACKS, Deployment

# Digests of assets and versions follow the functions' source: they would change every snapshot with every edit.
DIGEST = re.compile(r"[0-9a-f]{32,64}")


@pytest.fixture
def snapshot(snapshot: SnapshotAssertion) -> SnapshotAssertion:
    """One readable JSON file a stack."""
    return snapshot.use_extension(JSONSnapshotExtension)


@pytest.mark.parametrize("stack", STACKS)
def test_template_is_as_reviewed(prod: Deployment, stack: str, snapshot: SnapshotAssertion) -> None:
    assert masked(prod.templates[stack]) == snapshot


@pytest.mark.parametrize("stack", [*STACKS, *OPTIONAL])
def test_what_every_optional_part_adds_is_as_reviewed(
    prod: Deployment, everything: Deployment, stack: str, snapshot: SnapshotAssertion
) -> None:
    standard = masked(prod.templates.get(stack, {"Resources": {}}))["Resources"]
    resources = masked(everything.templates[stack])["Resources"]
    assert {key: one for key, one in resources.items() if key not in standard} == snapshot


def test_the_router_over_a_knowledge_base_of_others_is_as_reviewed(
    elsewhere: Deployment, snapshot: SnapshotAssertion
) -> None:
    assert masked(elsewhere.templates["Inference"]) == snapshot


def test_a_managed_knowledge_base_is_as_reviewed(managed: Deployment, snapshot: SnapshotAssertion) -> None:
    reviewed = ("AWS::Bedrock::KnowledgeBase", "AWS::Bedrock::DataSource", "AWS::IAM::Role", "AWS::IAM::Policy")
    template = managed.templates["KnowledgeBase"]
    resources = {key: one for key, one in template["Resources"].items() if one["Type"] in reviewed}
    assert masked({"Resources": resources, "Outputs": template["Outputs"]}) == snapshot


def test_what_hosting_by_the_hour_adds_is_as_reviewed(
    dev: Deployment, hosted: Deployment, snapshot: SnapshotAssertion
) -> None:
    added = {
        f"{stack}.{key}": one
        for stack, template in masked(hosted.templates).items()
        for key, one in template["Resources"].items()
        if key not in masked(dev.templates[stack])["Resources"]
    }
    assert added == snapshot


@pytest.mark.parametrize("environment", ["everything", "hosted", "managed"])
def test_what_functions_are_told_is_as_reviewed(
    synthesise: Callable[[str], Deployment], environment: str, snapshot: SnapshotAssertion
) -> None:
    told = {
        function.name: {name: without_figures(name, value) for name, value in variables.items()}
        for function in synthesise(environment).resources("AWS::Lambda::Function")
        if (variables := function.properties.get("Environment", {}).get("Variables"))
    }
    assert masked(told) == snapshot


def without_figures(name: str, value: str) -> Any:
    """The value of a variable; of prices whose they are, for the figures change with the book."""
    return sorted(json.loads(value)) if name == "ARBITER_PRICES" else value


def masked(value: Any) -> Any:
    """`value` with every digest in keys and texts replaced."""
    if isinstance(value, dict):
        return {DIGEST.sub("<digest>", key): masked(item) for key, item in value.items()}
    if isinstance(value, list):
        return [masked(item) for item in value]
    return DIGEST.sub("<digest>", value) if isinstance(value, str) else value
