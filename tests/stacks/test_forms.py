"""Forms that every statement, pattern and stage has: what is misspelt there is refused by nobody, and never matches."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.stacks.permissions import many
from tests.stacks.resolved import Deployment
from tests.stacks.test_joints import ENVIRONMENTS

ENCRYPTED = {"s3", "s3vectors", "dynamodb", "bedrock"}
"""Services through which the key is used."""
VERSION = "2012-10-17"
EVENTS: dict[tuple[str, str], set[str]] = {
    ("aws.bedrock", "Model Customization Job State Change"): {
        *("version", "jobName", "jobArn", "outputModelName", "outputModelArn", "roleArn", "jobStatus"),
        *("failureMessage", "creationTime", "lastModifiedTime", "endTime", "baseModelArn", "hyperParameters"),
        *("trainingDataConfig", "validationDataConfig", "outputDataConfig"),
    },
    ("aws.states", "Step Functions Execution Status Change"): {
        *("executionArn", "stateMachineArn", "name", "status", "startDate", "stopDate", "input", "output"),
    },
    ("aws.s3", "Object Created"): {"bucket", "object"},
    ("aws.s3", "Object Deleted"): {"bucket", "object"},
}
"""Source and kind of an event -> what its detail has, of S3's a part (Bedrock user guide,
*monitoring-eventbridge-how-it-works*; EventBridge's schemas of the others)."""


def documents(value: Any) -> Iterator[dict[str, Any]]:
    """Every policy document within a value."""
    if isinstance(value, dict):
        if "Statement" in value and isinstance(value["Statement"], list):
            yield value
        value = list(value.values())
    for part in value if isinstance(value, list) else []:
        yield from documents(part)


@ENVIRONMENTS
def test_every_statement_says_what_it_does(synthesise: Callable[[str], Deployment], environment: str) -> None:
    read = [
        (one.name, document) for one in synthesise(environment).resources() for document in documents(one.properties)
    ]
    assert read
    for name, document in read:
        assert document["Version"] == VERSION, name
        for statement in document["Statement"]:
            assert statement["Effect"] in ("Allow", "Deny"), (name, statement)
            assert many(statement["Action"]), (name, statement)


@pytest.mark.parametrize("environment", ["everything", "hosted"])
def test_a_condition_on_the_service_in_between_names_one_that_encrypts(
    synthesise: Callable[[str], Deployment], environment: str
) -> None:
    services = [
        value
        for one in synthesise(environment).resources()
        for document in documents(one.properties)
        for statement in document["Statement"]
        for block in statement.get("Condition", {}).values()
        for value in many(block.get("kms:ViaService", []))
    ]
    for value in services:
        assert value.removesuffix(".us-east-1.amazonaws.com") in ENCRYPTED, value
    assert bool(services) is (environment == "everything")


@ENVIRONMENTS
def test_no_pattern_of_events_is_one_that_nothing_fits(
    synthesise: Callable[[str], Deployment], environment: str
) -> None:
    def empty(value: Any) -> bool:
        return value in ([], {}) or (isinstance(value, dict) and any(empty(part) for part in value.values()))

    for rule in synthesise(environment).resources("AWS::Events::Rule"):
        assert not empty(rule.properties.get("EventPattern", "scheduled")), rule.name


@ENVIRONMENTS
def test_rules_read_of_an_event_what_it_has(synthesise: Callable[[str], Deployment], environment: str) -> None:
    """By another name a pattern fits nothing, and a message has an empty place."""
    for rule in synthesise(environment).resources("AWS::Events::Rule"):
        pattern = rule.properties["EventPattern"]
        (source,) = pattern["source"]
        detail = set.intersection(*(EVENTS[source, kind] for kind in pattern["detail-type"]))
        assert pattern["detail"].keys() <= detail, rule.name
        for target in rule.properties["Targets"]:
            transformed = target.get("InputTransformer", {"InputPathsMap": {}, "InputTemplate": ""})
            read = transformed["InputPathsMap"]
            assert set(re.findall(r"<(\w+)>", transformed["InputTemplate"])) == read.keys(), rule.name
            assert {path.removeprefix("$.detail.") for path in read.values()} <= detail, rule.name


def test_the_stage_serves_the_deployment_that_is_made(everything: Deployment) -> None:
    (stage,) = everything.resources("AWS::ApiGateway::Stage")
    (made,) = everything.resources("AWS::ApiGateway::Deployment")
    assert stage.raw["Properties"]["DeploymentId"] == {"Ref": made.id}


@pytest.mark.parametrize(
    ("environment", "strategy"), [("everything", "BEDROCK_FOUNDATION_MODEL"), ("hosted", None), ("dev", None)]
)
def test_documents_are_read_as_the_settings_say(
    synthesise: Callable[[str], Deployment], environment: str, strategy: str | None
) -> None:
    (source,) = synthesise(environment).resources("AWS::Bedrock::DataSource")
    reading = source.properties["VectorIngestionConfiguration"].get("ParsingConfiguration", {})
    assert reading.get("ParsingStrategy") == strategy
