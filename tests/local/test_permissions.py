"""A permission that a role lacks fails the demonstration, which names the action and the role."""

from pathlib import Path

import pytest

from cli.demo import dismantle
from cli.errors import CliError
from cli.exercise import exercise
from local.assembly import DeploymentError
from tests.local.deployed import Deploy
from tests.local.removal import Template, without

pytestmark = pytest.mark.local

REMOVED = [
    ("KnowledgeBase", "DocumentsRole", "s3:GetObject"),
    pytest.param("KnowledgeBase", "DocumentsRole", "s3vectors:PutVectors", marks=pytest.mark.slow),
    pytest.param("KnowledgeBase", "IngestionSyncRole", "bedrock:StartIngestionJob", marks=pytest.mark.slow),
    ("Inference", "RouterRole", "bedrock:Retrieve"),
    ("Inference", "RouterRole", "logs:PutLogEvents"),
    pytest.param("FineTuning", "CustomizationRole", "s3:PutObject", marks=pytest.mark.slow),
    ("FineTuning", "PipelineRole", "iam:PassRole"),
    pytest.param("Evaluation", "PublishRole", "ssm:PutParameter", marks=pytest.mark.slow),
    pytest.param("Evaluation", "PipelineRole", "s3:GetObject", marks=pytest.mark.slow),
    ("Storage", "EmptiedEmptierRole", "s3:DeleteObjectVersion"),
]


@pytest.mark.parametrize(("stack", "role", "action"), REMOVED, ids=lambda value: str(value))
def test_a_missing_permission_is_named(stack: str, role: str, action: str, deploy: Deploy, few_examples: Path) -> None:
    def patch(name: str, template: Template) -> Template:
        return without(template, role=role, action=action) if name.endswith(f"-{stack}") else template

    def demonstrate() -> None:
        deployed = deploy(patch)
        exercise(few_examples, deployed.deployment, deployed.aws)
        dismantle(deployed.deployment, deployed.aws)

    with pytest.raises((CliError, DeploymentError)) as failure:
        demonstrate()

    assert action in str(failure.value)
    assert f"{stack}-{role}" in str(failure.value)
