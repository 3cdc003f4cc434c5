"""Models that are paid for longer than a person wants stay, are told, and keep nobody waiting."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from cli.destroy.bedrock import BedrockParts
from cli.destroy.kinds import ALARM
from cli.destroy.prices import Prices
from cli.destroy.stacks import Resource
from cli.destroy.workers import Workers
from tests.unit.cli.fakes import StubbedDeployment

OWN = "arn:aws:bedrock:us-east-1:123456789012"
BASE = "arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-2-lite-v1:0:256k"
MODEL = f"{OWN}:custom-model/amazon.nova-2-lite-v1:0:256k/abcdefghijkl"
THROUGHPUT = f"{OWN}:provisioned-model/abcdefghijkl"
NOW = datetime.now(UTC)
TAGS = {"tags": [{"key": "arbiter:environment", "value": "dev"}]}
COMMITTED = {
    "provisionedModelName": "arbiter-dev-run",
    "provisionedModelArn": THROUGHPUT,
    "status": "InService",
    "modelArn": MODEL,
    "desiredModelArn": MODEL,
    "foundationModelArn": BASE,
    "modelUnits": 1,
    "desiredModelUnits": 1,
    "creationTime": NOW,
    "lastModifiedTime": NOW,
    "commitmentDuration": "OneMonth",
    "commitmentExpirationTime": NOW + timedelta(days=20),
}
TUNED = {
    "modelArn": MODEL,
    "modelName": "arbiter-0123456789abcdef",
    "creationTime": NOW,
    "baseModelArn": BASE,
    "baseModelName": "Nova 2 Lite",
}


def deployed(throughput: dict[str, Any], model: dict[str, Any]) -> StubbedDeployment:
    """One custom model on throughput, both of this environment."""
    deployment = StubbedDeployment()
    bedrock = deployment.stub("bedrock")
    bedrock.add_response("list_custom_model_deployments", {"modelDeploymentSummaries": []})
    bedrock.add_response("list_provisioned_model_throughputs", {"provisionedModelSummaries": [throughput]})
    bedrock.add_response("list_tags_for_resource", TAGS)
    bedrock.add_response("list_custom_models", {"modelSummaries": [model]})
    bedrock.add_response("list_tags_for_resource", TAGS)
    bedrock.add_response("list_imported_models", {"modelSummaries": []})
    return deployment


def test_committed_throughput_and_its_model_stay_and_say_why() -> None:
    deployment = deployed(COMMITTED, TUNED)
    left = BedrockParts(deployment, Prices(deployment), Workers()).delete_models()
    assert left[THROUGHPUT].startswith("committed, and billed, until ")
    assert left[MODEL] == "what hosts it is left"
    deployment.session.assert_all_called()


def test_hosting_by_the_hour_is_priced_by_the_month() -> None:
    deployment = deployed(COMMITTED, TUNED)
    (host,) = BedrockParts(deployment, Prices(deployment), Workers()).hosts()
    assert host.month.known == 60.5 * 730
    (model,) = BedrockParts(deployment, Prices(deployment), Workers()).models()
    assert model.month.known == 1.95


def test_an_alarm_on_an_expression_costs_each_of_its_metrics() -> None:
    deployment = StubbedDeployment()
    stat = {"Metric": {"Namespace": "Arbiter", "MetricName": "errors"}, "Period": 60, "Stat": "Sum"}
    watched = [{"Id": name, "MetricStat": stat} for name in ("a", "b")]
    alarms = deployment.stub("cloudwatch")
    alarms.add_response(
        "describe_alarms", {"MetricAlarms": [{"Metrics": [*watched, {"Id": "sum", "Expression": "a+b"}]}]}
    )
    alarms.add_response("describe_alarms", {"MetricAlarms": [{"MetricName": "errors"}]})
    costs = [Prices(deployment).of(Resource(ALARM, "alarm")).usd for _ in range(2)]
    assert costs == pytest.approx([0.2, 0.1])
