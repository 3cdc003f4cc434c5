"""A permission that a role lacks fails the demonstration, which names the action and the role."""

from pathlib import Path

import pytest

from cli.core.errors import CliError
from cli.local.demo import dismantle
from cli.local.exercise import exercise
from local.assembly import DeploymentError
from tests.local.deployed import Deploy
from tests.local.removal import Template, without

pytestmark = pytest.mark.local

REMOVED = [
    ("KnowledgeBase", "DocumentsRole", "s3:GetObject"),
    ("KnowledgeBase", "DocumentsRole", "s3vectors:PutVectors"),
    ("KnowledgeBase", "IngestionSyncRole", "bedrock:StartIngestionJob"),
    ("Inference", "RouterRole", "bedrock:Retrieve"),
    ("Inference", "RouterRole", "logs:PutLogEvents"),
    ("FineTuning", "CustomizationRole", "s3:PutObject"),
    ("FineTuning", "PipelineRole", "iam:PassRole"),
    ("Evaluation", "PublishRole", "ssm:PutParameter"),
    ("Evaluation", "PipelineRole", "s3:GetObject"),
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
