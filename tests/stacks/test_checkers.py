"""What the checkers say: cdk-nag, cfn-lint, checkov. The only tests that synthesise with the CDK's own validation."""

import json
import os
import re
import shutil
import subprocess
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from cfnlint.config import ConfigMixIn, ManualArgs  # type: ignore[import-untyped]
from cfnlint.decode.decode import decode, decode_str  # type: ignore[import-untyped]
from cfnlint.runner import Runner  # type: ignore[import-untyped]

from stacks.nag.acknowledgements import acknowledged
from stacks.stack import Target
from tests.stacks.permissions import statements
from tests.stacks.resolved import Deployment
from tests.stacks.validation import stale, validate, violations

# `dev` has the disposable parts, `everything` is retained and has the optional ones.
CHECKED = ["dev", "everything"]
MOST_ACKNOWLEDGED = 0.4
"""Of the number of resources."""
ENVIRONMENTS = ["dev", "prod", "local", "everything", "elsewhere", "managed"]
ARGUED: list[dict[str, str]] = json.loads(Path(__file__).with_name("checkov.json").read_text())
"""What checkov finds and is meant: a check, a pattern of logical ids, a reason."""
NOWHERE = "http://127.0.0.1:9"
# Its schema knows numbers only, where Step Functions also takes an expression.
EXPRESSION_IN_WAIT = (
    "is not of type 'number' at 'States/Answer/ItemProcessor/States/EachMode/ItemProcessor/States/StepBack"
)
# Its schema of an index is older than search by words.
SEARCHED_BY_WORDS = "Additional properties are not allowed ('TextSearchConfigurations' was unexpected)"


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
    of_nag = [finding for _, finding, _ in acknowledged(target) if finding.startswith("AwsSolutions::")]
    assert len(of_nag) <= MOST_ACKNOWLEDGED * len(resources)


def test_every_acknowledgement_has_a_sentence(validated: tuple[dict[str, Any], Target]) -> None:
    _, target = validated
    for path, finding, reason in acknowledged(target):
        assert reason.endswith("."), (path, finding)
        assert len(reason.split()) >= 6, (path, finding)


@cache
def linter() -> Runner:
    """cfn-lint with all its rules, which take longer to load than many a template to check."""
    # W3005: CDK writes the dependency on a role and its policy out although a reference implies half of it.
    return Runner(ConfigMixIn(**ManualArgs(ignore_checks=["W3005"], regions=["us-east-1"])))


def linted(decoded: tuple[Any, list[Any]]) -> list[str]:
    """What cfn-lint finds in a template, or that it cannot read it."""
    template, unread = decoded
    return [str(match) for match in unread or linter().validate_template(template)]


def test_cfn_lint_finds_nothing(deployment: Deployment) -> None:
    found = {stack: linted(decode(str(file))) for stack, file in deployment.files.items()}
    assert [(stack, text) for stack, texts in found.items() for text in texts if SEARCHED_BY_WORDS not in text] == []


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
    assert machines
    texts = linted(decode_str(json.dumps({"Resources": machines})))
    assert [text for text in texts if EXPRESSION_IN_WAIT not in text] == []


@pytest.fixture(scope="module")
def checkov(
    root: Path, synthesise: Callable[[str], Deployment], tmp_path_factory: pytest.TempPathFactory
) -> list[tuple[str, str]]:
    """What checkov finds in the templates of every environment: (check, logical id)."""
    program = root / ".arbiter" / "checkov-venv" / "bin" / "checkov"
    assert program.exists(), "checkov is not installed: make install-dev"
    folder = tmp_path_factory.mktemp("checkov")
    for environment in ENVIRONMENTS:
        for file in synthesise(environment).files.values():
            shutil.copy(file, folder)
    options = ["--framework", "cloudformation", "--skip-download", "--quiet", "--compact", "--output", "json"]
    # It would ask whether there is a newer version: nothing here needs the network, and nothing may use it.
    offline = {"CKV_SKIP_PACKAGE_UPDATE_CHECK": "true", "HTTPS_PROXY": NOWHERE, "HTTP_PROXY": NOWHERE}
    command = [program, "--directory", folder, *options, "--soft-fail"]
    ended = subprocess.run(command, env={**os.environ, **offline}, capture_output=True, text=True, check=True)
    report = json.loads(ended.stdout)
    assert report["summary"]["resource_count"] > 0
    assert report["summary"]["parsing_errors"] == 0
    return [(one["check_id"], one["resource"].rpartition(".")[2]) for one in report["results"]["failed_checks"]]


def is_meant(finding: tuple[str, str], argument: dict[str, str]) -> bool:
    check, resource = finding
    return check == argument["check"] and re.fullmatch(argument["resources"], resource) is not None


def test_checkov_finds_nothing_that_is_not_argued(checkov: list[tuple[str, str]]) -> None:
    unargued = {one for one in checkov if not any(is_meant(one, argument) for argument in ARGUED)}
    assert unargued == set()


def test_every_argument_is_about_a_finding(checkov: list[tuple[str, str]]) -> None:
    assert [argument for argument in ARGUED if not any(is_meant(one, argument) for one in checkov)] == []
    assert all(argument["reason"].endswith(".") for argument in ARGUED)
