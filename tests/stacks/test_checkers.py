"""What the checkers say: CDK's own validation, cdk-nag and cfn-lint. The only tests that synthesise with validation."""

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from cfnlint.api import ManualArgs, lint, lint_file  # type: ignore[import-untyped]

from stacks.nag.acknowledgements import acknowledged
from stacks.stack import Target
from tests.stacks.permissions import statements
from tests.stacks.resolved import Deployment
from tests.stacks.validation import stale, validate, violations

# `dev` has the disposable parts, `everything` is retained and has the optional ones.
CHECKED = ["dev", "everything"]
MOST_ACKNOWLEDGED = 0.4
"""Of the number of resources."""
# Its schema knows numbers only, where Step Functions also takes an expression.
EXPRESSION_IN_WAIT = (
    "is not of type 'number' at 'States/Answer/ItemProcessor/States/EachMode/ItemProcessor/States/StepBack"
)


@pytest.fixture(scope="module", params=CHECKED)
def validated(
    request: pytest.FixtureRequest, context: dict[str, Any], tmp_path_factory: pytest.TempPathFactory
) -> tuple[dict[str, Any], Target]:
    """The validation report of an environment, and what was validated."""
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("CDK_VALIDATION", raising=False)
        return validate(context, request.param, tmp_path_factory.mktemp("validated"))


def test_nothing_is_violated(validated: tuple[dict[str, Any], Target]) -> None:
    report, _ = validated
    assert violations(report) == []


def test_every_acknowledgement_is_of_a_finding_that_exists(validated: tuple[dict[str, Any], Target]) -> None:
    assert stale(*validated) == []


def test_what_knows_no_resources_stands_apart(deployment: Deployment) -> None:
    """Acknowledging `*` for X-Ray would else hide any other action on `*` in the same policy."""
    unscoped = re.compile("(xray|logs):|bedrock:(List|Rerank)")
    for policy in deployment.resources("AWS::IAM::Policy"):
        resources = [(s["Action"], s["Resource"]) for s in statements(policy.properties["PolicyDocument"])]
        if any("*" in resource for _, resource in resources):
            assert {tuple(resource) for _, resource in resources} == {("*",)}, policy.name
            assert all(unscoped.match(action) for actions, _ in resources for action in actions), policy.name


def test_acknowledgements_stay_few(
    validated: tuple[dict[str, Any], Target], synthesise: Callable[[str], Deployment]
) -> None:
    _, target = validated
    resources = list(synthesise(target.environment).resources())
    assert len(acknowledged(target)) <= MOST_ACKNOWLEDGED * len(resources)


def test_every_acknowledgement_has_a_sentence(validated: tuple[dict[str, Any], Target]) -> None:
    _, target = validated
    for path, finding, reason in acknowledged(target):
        assert reason.endswith("."), (path, finding)
        assert len(reason.split()) >= 6, (path, finding)


def test_cfn_lint_finds_nothing(deployment: Deployment) -> None:
    # W3005: CDK writes the dependency on a role and its policy out although a reference implies half of it.
    settings = ManualArgs(ignore_checks=["W3005"], regions=["us-east-1"])
    found = [str(match) for file in deployment.files.values() for match in lint_file(file, config=settings)]
    assert found == []


def test_cfn_lint_accepts_the_definitions(deployment: Deployment) -> None:
    """Apart from the templates, where references inside keep it from looking."""
    role = "arn:aws:iam::123456789012:role/pipeline"
    machines = {
        f"Machine{number}": {
            "Type": machine.type,
            "Properties": {"RoleArn": role, "DefinitionString": machine.properties["DefinitionString"]},
        }
        for number, machine in enumerate(deployment.resources("AWS::StepFunctions::StateMachine"))
    }
    # One template: each call loads all rules, which takes longer than to check a definition.
    matches = lint(json.dumps({"Resources": machines}), config=ManualArgs(regions=["us-east-1"]))
    assert machines
    assert [text for text in map(str, matches) if EXPRESSION_IN_WAIT not in text] == []
