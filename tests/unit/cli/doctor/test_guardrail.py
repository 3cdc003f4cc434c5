"""The guardrail, as the doctor looks at it."""

from typing import Any

import pytest

from cli.doctor.checks.edge import guardrail
from cli.doctor.findings.finding import Severity
from tests.unit.cli.doctor.test_deployed import NOW, situated
from tests.unit.cli.fakes import StubbedDeployment

WORDS = {"guardrail": {"words": ["hush"]}}


def version(number: str, status: str = "READY", name: str = "arbiter-dev") -> dict[str, Any]:
    arn = "arn:aws:bedrock:us-east-1:123456789012:guardrail/abc123"
    told = {"id": "abc123", "arn": arn, "name": name, "version": number, "status": status}
    return {**told, "createdAt": NOW, "updatedAt": NOW}


@pytest.mark.parametrize(
    ("listed", "versions", "seen"),
    [
        ([version("DRAFT")], [version("DRAFT"), version("2"), version("1")], "in the versions 1, 2"),
        ([version("DRAFT", name="arbiter-dev-2")], [], "there is no guardrail arbiter-dev"),
        ([version("DRAFT")], [version("DRAFT")], "there is no guardrail arbiter-dev"),
        ([version("DRAFT")], [version("1"), version("2", "FAILED")], "version 2 is FAILED"),
    ],
)
def test_a_guardrail_must_be_there_and_ready(listed: Any, versions: Any, seen: str) -> None:
    deployment = StubbedDeployment()
    deployment.stub("bedrock").add_response("list_guardrails", {"guardrails": listed})
    if listed[0]["name"] == "arbiter-dev":
        asked = {"guardrailIdentifier": "abc123"}
        deployment.stub("bedrock").add_response("list_guardrails", {"guardrails": versions}, asked)
    (check,) = guardrail.checks(situated(deployment, **WORDS))
    looked = check.look()

    assert seen in looked.seen + "".join(finding.problem for finding in looked.findings)
    assert [finding.severity for finding in looked.findings] == ([] if "in the" in seen else [Severity.BLOCKS])
    deployment.session.assert_all_called()


def test_without_the_setting_no_guardrail_is_looked_for() -> None:
    assert not list(guardrail.checks(situated(StubbedDeployment())))
