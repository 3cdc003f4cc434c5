"""Without their stacks models are retired by the same rules: only one's own, and not while they are pointed to."""

from datetime import UTC, datetime

import pytest

from cli.core.errors import CliError
from cli.models.without_stacks import OwnModels, when_deployed
from tests.unit.cli.fakes import StubbedDeployment

OWN = "arn:aws:bedrock:us-east-1:123456789012"
MODEL = f"{OWN}:custom-model/amazon.nova-micro-v1:0:128k/abcdefghijkl"


def tags(environment: str) -> dict[str, list[dict[str, str]]]:
    return {"tags": [{"key": "arbiter:environment", "value": environment}]}


def test_what_another_environment_hosts_a_model_with_is_left_alone() -> None:
    deployment = StubbedDeployment()
    hosts = [f"{OWN}:custom-model-deployment/{name * 12}" for name in "ab"]
    listed = [
        {
            "customModelDeploymentArn": arn,
            "customModelDeploymentName": "slot",
            "modelArn": MODEL,
            "createdAt": datetime(2026, 11, 21, tzinfo=UTC),
            "status": "Active",
        }
        for arn in hosts
    ]
    bedrock = deployment.stub("bedrock")
    bedrock.add_response("list_custom_model_deployments", {"modelDeploymentSummaries": listed})
    bedrock.add_response("list_provisioned_model_throughputs", {"provisionedModelSummaries": []})
    bedrock.add_response("list_tags_for_resource", tags("dev"), {"resourceARN": hosts[0]})
    bedrock.add_response("list_tags_for_resource", tags("prod"), {"resourceARN": hosts[1]})
    assert [host.arn for host in OwnModels(deployment).hosts(MODEL)] == hosts[:1]


def test_only_stacks_that_are_gone_are_done_without() -> None:
    def gone() -> None:
        raise CliError("There is no stack", code="not_deployed")

    def refused() -> None:
        raise CliError("It answers requests", code="model_in_use")

    assert when_deployed(gone) is None
    with pytest.raises(CliError, match="answers"):
        when_deployed(refused)
