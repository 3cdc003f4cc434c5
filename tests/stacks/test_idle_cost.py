"""The cost of a deployment that nobody uses counts what its templates hold; every kind of resource is known to it."""

from collections import Counter
from typing import Any

import pytest

from arbiter.answering.serving.journal import UNITS
from arbiter.costs.amount import Charge
from cli.prices.basis import MODE_METRICS, assumed
from cli.prices.configuration import Pricing
from stacks.parsing import parse
from stacks.settings.prices import PriceBook
from tests.conftest import ROOT
from tests.stacks.resolved import Deployment

BILLED = {
    "AWS::CloudWatch::Alarm": "metrics watched by alarms",
    "AWS::CloudWatch::Dashboard": "dashboard",
    "AWS::KMS::Key": "customer managed key",
    "AWS::Lambda::EventSourceMapping": "polled by Lambda",
    "AWS::Scheduler::Schedule": "a look every five minutes",
    "AWS::S3::Bucket": "documents in S3",
    "AWS::WAFv2::WebACL": "firewall",
    "AWS::S3Vectors::Index": "documents in S3",
}
"""Kinds of resources that bill while nobody uses them, and the words of their line."""
FREE = {
    "AWS::ApiGateway::Account", "AWS::ApiGateway::Deployment", "AWS::ApiGateway::GatewayResponse",
    "AWS::ApiGateway::Method", "AWS::ApiGateway::Model", "AWS::ApiGateway::RequestValidator",
    "AWS::ApiGateway::Resource", "AWS::ApiGateway::RestApi", "AWS::ApiGateway::Stage", "AWS::DynamoDB::Table",
    "AWS::WAFv2::WebACLAssociation",
    "AWS::BedrockAgentCore::Gateway", "AWS::BedrockAgentCore::GatewayTarget",
    "AWS::Bedrock::DataSource", "AWS::Bedrock::KnowledgeBase", "AWS::Budgets::Budget", "AWS::Events::Rule",
    "AWS::IAM::ManagedPolicy", "AWS::IAM::Policy", "AWS::IAM::Role", "AWS::KMS::Alias", "AWS::Lambda::Alias",
    "AWS::Lambda::EventInvokeConfig",
    "AWS::Lambda::Function", "AWS::Lambda::LayerVersion", "AWS::Lambda::Permission", "AWS::Lambda::Url",
    "AWS::Lambda::Version", "AWS::Logs::LogGroup", "AWS::Logs::MetricFilter", "AWS::S3::BucketPolicy",
    "AWS::S3Vectors::VectorBucket",
    "AWS::SNS::Subscription", "AWS::SNS::Topic", "AWS::SNS::TopicPolicy", "AWS::SQS::Queue", "AWS::SQS::QueuePolicy",
    "AWS::SSM::Parameter", "AWS::StepFunctions::StateMachine", "Custom::EmptiedBucket",
}  # fmt: skip
"""Kinds that are paid for by use alone, or not at all."""


def resources(deployment: Deployment) -> list[dict[str, Any]]:
    return [one for template in deployment.templates.values() for one in template["Resources"].values()]


def lines(context: dict[str, Any], environment: str) -> list[Charge]:
    book = PriceBook.parse(context["prices"])
    settings = parse(environment, context["environments"][environment], book)
    return Pricing(settings, book, assumed(settings, ROOT)).idle()


@pytest.fixture(params=["dev", "local", "everything", "hosted"])
def named(request: pytest.FixtureRequest, synthesise: Any) -> tuple[str, Deployment]:
    return request.param, synthesise(request.param)


def test_every_kind_of_resource_is_known_to_bill_or_not_to(named: tuple[str, Deployment]) -> None:
    kinds = Counter(one["Type"] for one in resources(named[1]))
    assert set(kinds) <= BILLED.keys() | FREE


def test_what_bills_has_a_line_and_nothing_else_has(named: tuple[str, Deployment], context: dict[str, Any]) -> None:
    kinds = {one["Type"] for one in resources(named[1])}
    words = {BILLED[kind] for kind in kinds & BILLED.keys()}
    names = [line.name for line in lines(context, named[0])]

    assert all(any(word in name for name in names) for word in words), (words, names)
    assert all(any(word in name for word in words) for name in names), (words, names)


def test_the_metrics_of_alarms_are_counted_as_they_are_billed(
    named: tuple[str, Deployment], context: dict[str, Any]
) -> None:
    alarms = [one["Properties"] for one in resources(named[1]) if one["Type"] == "AWS::CloudWatch::Alarm"]
    watched = sum(
        len([m for m in alarm["Metrics"] if "MetricStat" in m]) if "Metrics" in alarm else 1 for alarm in alarms
    )

    assert f"{watched} metrics watched by alarms" in [line.name for line in lines(context, named[0])]


def test_keys_are_counted(everything: Deployment, context: dict[str, Any]) -> None:
    keys = len([one for one in resources(everything) if one["Type"] == "AWS::KMS::Key"])
    (line,) = [line for line in lines(context, "everything") if "customer managed" in line.name]

    assert keys > 0
    assert line.amount.usd == pytest.approx(keys * 1.0)


def test_the_router_writes_as_many_metrics_as_a_mode_is_billed_for() -> None:
    assert len(UNITS) == MODE_METRICS
