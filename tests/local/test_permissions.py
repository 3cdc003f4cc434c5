"""A permission that a role lacks fails the demonstration's step that needs it, which names the action and the role.

The steps share one deployment, from whose roles one permission after the other is taken and given back.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from arbiter.tuned_models.service.promotion import CANDIDATE
from cli.asking.question import ask_all
from cli.core.errors import CliError
from cli.core.execution import new_run
from cli.evaluation.run import evaluate
from cli.local.permissions import denials, naming_denials
from cli.models.service import pointed_to, promote
from cli.training.run import train
from tests.local.asking import until
from tests.local.deployed import Deployed
from tests.local.removal import without
from tests.local.tear_down import tear_down
from tests.local.training_runs import pairs

pytestmark = pytest.mark.local

Step = Callable[[Deployed, Path, Path], Any]


def _upload(deployed: Deployed, examples: Path, folder: Path) -> None:
    """Upload a document, and wait for what its ingestion is denied."""
    key = f"{folder.name}.md"
    bucket = deployed.deployment.output("DocumentsBucketName")
    deployed.deployment.client("s3").put_object(
        Bucket=bucket, Key=key, Body=f"# A note\n\nIt is about {key}.\n".encode()
    )
    until(lambda: bool(denials(deployed.aws.authorizations)), "its ingestion is denied something", seconds=60)


def _ask(deployed: Deployed, examples: Path, folder: Path) -> None:
    ask_all(deployed.deployment, {"question": "Where is the rope?"})


def _train(deployed: Deployed, examples: Path, folder: Path) -> None:
    file = folder / "pairs.jsonl"
    file.write_text("\n".join(pairs(folder.name)) + "\n")
    train(deployed.deployment, file, run=new_run())


def _promote(deployed: Deployed, examples: Path, folder: Path) -> None:
    _train(deployed, examples, folder)
    promote(deployed.deployment, pointed_to(deployed.deployment)[CANDIDATE].run)


def _evaluate(deployed: Deployed, examples: Path, folder: Path) -> None:
    evaluate(deployed.deployment, examples / "evaluation" / "questions.jsonl", modes=("base",))


def _tear_down(deployed: Deployed, examples: Path, folder: Path) -> None:
    tear_down(deployed.deployment)


REMOVED = [
    ("KnowledgeBase", "DocumentsRole", "s3:GetObject", _upload),
    ("KnowledgeBase", "DocumentsRole", "s3vectors:PutVectors", _upload),
    ("KnowledgeBase", "IngestionSyncRole", "bedrock:StartIngestionJob", _upload),
    ("Inference", "RouterRole", "bedrock:Retrieve", _ask),
    ("Inference", "RouterRole", "logs:PutLogEvents", _ask),
    ("FineTuning", "CustomizationRole", "s3:PutObject", _train),
    ("FineTuning", "PipelineRole", "iam:PassRole", _train),
    ("Evaluation", "PublishRole", "ssm:PutParameter", _promote),
    ("Evaluation", "PipelineRole", "s3:GetObject", _evaluate),
    ("Storage", "EmptiedEmptierRole", "s3:DeleteObjectVersion", _tear_down),
]
"""The last step deletes what the others stand on."""


@pytest.fixture
def journal(deployed: Deployed) -> Iterator[Path]:
    """The journal of decisions, empty: a step answers for what is denied to it alone."""
    deployed.aws.authorizations.write_text("")
    yield deployed.aws.authorizations
    deployed.aws.authorizations.write_text("")


@pytest.mark.parametrize(
    ("stack", "role", "action", "step"), REMOVED, ids=lambda value: getattr(value, "__name__", value)
)
def test_a_missing_permission_is_named(
    stack: str,
    role: str,
    action: str,
    step: Step,
    deployed: Deployed,
    few_examples: Path,
    journal: Path,
    tmp_path: Path,
) -> None:
    iam = deployed.deployment.client("iam")

    def use() -> None:
        with naming_denials(deployed.aws):
            step(deployed, few_examples, tmp_path)

    with without(iam, role=f"Arbiter-local-{stack}-{role}", action=action), pytest.raises(CliError) as failure:
        use()

    assert action in str(failure.value)
    assert f"{stack}-{role}" in str(failure.value)
