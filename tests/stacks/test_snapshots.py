"""The templates of `prod`, and what differs with other settings, as reviewed. `make snapshots` accepts a change."""

import re
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


def masked(value: Any) -> Any:
    """`value` with every digest in keys and texts replaced."""
    if isinstance(value, dict):
        return {DIGEST.sub("<digest>", key): masked(item) for key, item in value.items()}
    if isinstance(value, list):
        return [masked(item) for item in value]
    return DIGEST.sub("<digest>", value) if isinstance(value, str) else value
