"""Addresses: what is deployed to a region and an account names no others, and goes where the settings say."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from stacks.constructs.edge.streaming import ADAPTER
from tests.stacks.resolved import Deployment

ARN = re.compile(r"arn:([^:\s]*):([a-z0-9*-]+):([^:\s]*):([^:\s]*):")
HOST = re.compile(r"\b[a-z0-9-]+\.([a-z]{2}(?:-gov)?-[a-z]+-\d)\.(?:amazonaws\.com|on\.aws)\b")
REGIONS = ("us-east-1", "*", "")
ACCOUNTS = ("123456789012", "aws", "")
OTHERS = {"lambda": ADAPTER.partition(":")[0], "apigateway": "lambda"}
"""What stands for an account in some ARNs: AWS's own of its layer, and the service that an integration calls."""


def texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for name, item in value.items():
            yield from texts(name)
            yield from texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from texts(item)


def strays(text: str) -> Iterator[str]:
    """Addresses in a text that lead elsewhere."""
    for found in ARN.finditer(text):
        partition, service, region, account = found.groups()
        if partition != "aws" or region not in REGIONS or account not in (*ACCOUNTS, OTHERS.get(service)):
            yield found[0]
    yield from (found[0] for found in HOST.finditer(text) if found[1] not in REGIONS)


@pytest.mark.parametrize("environment", ["dev", "prod", "local", "everything", "hosted", "elsewhere", "managed"])
def test_every_address_is_of_the_region_the_account_and_the_partition(environment: str, synthesise: Any) -> None:
    deployment: Deployment = synthesise(environment)
    found = {
        resource.name: stray
        for resource in deployment.resources()
        for text in texts(resource.properties)
        if (stray := list(strays(text)))
    }
    assert found == {}


@pytest.mark.parametrize("environment", ["dev", "prod", "everything", "elsewhere"])
def test_every_stack_goes_where_the_settings_say(environment: str, synthesise: Any, context: dict[str, Any]) -> None:
    """Without an account to that of the credentials: another one is never deployed to by mistake."""
    deployment: Deployment = synthesise(environment)
    manifest = json.loads((deployment.files["Storage"].parent / "manifest.json").read_text())["artifacts"]
    stacks = {name: one for name, one in manifest.items() if one["type"] == "aws:cloudformation:stack"}
    account = context["environments"][environment].get("account", "unknown-account")
    assert len(stacks) == len(deployment.templates)
    assert {one["environment"] for one in stacks.values()} == {f"aws://{account}/us-east-1"}
