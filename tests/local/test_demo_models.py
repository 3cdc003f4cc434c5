"""What the demonstration does with its tuned models needs no permission that is missing, and leaves nothing behind."""

from pathlib import Path

import pytest

from cli.core.execution import new_run
from cli.local.demo_models import exercise_models
from cli.local.permissions import denials
from cli.models.retirement import retire
from cli.models.service import roll_back
from cli.models.still_billing import still_billing
from cli.training.run import train
from tests.local.deployed import Deployed

pytestmark = pytest.mark.local


def test_models_are_rolled_back_promoted_and_retired_until_nothing_bills(
    deployed: Deployed, few_examples: Path
) -> None:
    deployment = deployed.deployment
    first = train(deployment, few_examples / "training" / "pairs.jsonl", run=new_run(), promote=True)
    exercised = exercise_models(deployment, few_examples)
    assert exercised.in_service == first.run
    kinds = [arn.rsplit(":", 1)[-1].partition("/")[0] for arn in exercised.retired.deleted[:2]]
    assert kinds == ["custom-model-deployment", "provisioned-model"]
    assert ":custom-model/" in exercised.retired.deleted[2]
    assert {one.what for one in still_billing(deployment)} == {"custom model storage"}

    roll_back(deployment)
    retire(deployment, first.run, force=True)
    assert still_billing(deployment) == ()
    assert denials(deployed.aws.authorizations) == []
