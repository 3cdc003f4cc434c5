"""Every permission that a role has is used by the demonstration or a fault test, and nothing beyond was ever tried."""

import json
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from cli.asking.question import ask
from cli.evaluation.run import evaluate
from cli.local.exercise import exercise
from cli.local.permissions import denials
from tests.local.deployed import Deployed
from tests.local.reach import (
    ANSWERING_BY_PROFILES,
    FORMER_PROFILE,
    Grant,
    Use,
    foundation_models,
    grants,
    overreach,
    unconditional,
    uses,
    vacuous,
)
from tests.local.tear_down import tear_down
from tests.local.training_runs import RARELY_USED
from tests.local.tuned_models import OUT_OF_SERVICE

pytestmark = pytest.mark.local

Permission = tuple[str, str]
CALIBRATING = {
    "Evaluation-Calibrate": (
        "logs:CreateLogStream",
        "logs:PutLogEvents",
        "s3:GetObject",
        "s3:ListBucket",
        "s3:PutObject",
        "xray:PutTelemetryRecords",
        "xray:PutTraceSegments",
    )
}
"""Rights that only calibrating a run needs: tests/local/test_end_to_end_evaluation.py."""
REACHED_RARELY = {
    **{
        f"{role}: bedrock:InvokeModel on bedrock:{kind}/*": reason
        for role in ("Inference-RouterRoleE7AC9051", "Evaluation-EngineAnswerRoleD1C12B44")
        for kind, reason in (
            ("custom-model", "docs/assumptions.md: policies in use name the model beside its deployment"),
            (
                "provisioned-model",
                "tests/local/test_training_variants.py: hosting by the hour, which may be chosen later",
            ),
        )
    },
    "Evaluation-EnginePlanRoleE9C5DA46: s3:GetObject on s3:::resultsbucket/training/*": (
        "tests/local/test_models.py: an evaluation of models that are not in service"
    ),
    "FineTuning-CustomizationRoleE12BC787: s3:GetObject on s3:::trainingbucket/customization/*": (
        "Bedrock user guide: a job's role reads its output, too"
    ),
    ANSWERING_BY_PROFILES: "tests/local/test_end_to_end_evaluation.py: an evaluation of auto",
    "Generation-PairsGenerateRole412FF230: s3:GetObject on s3:::resultsbucket/generation/*": (
        "tests/local/test_generation.py: a generation that is continued reads what it has"
    ),
    **{
        f"EmptiedEmptierRole199882A3: s3:DeleteObject on s3:::{folder}/*": "versions were deleted, no markers"
        for folder in (
            "resultsbucket/generation",
            "resultsbucket/promotions",
            "resultsbucket/routing",
            "resultsbucket/training",
            "trainingbucket/datasets",
        )
    },
}
"""What only other tests than the demonstration reach, or AWS alone, with where that is shown."""
TELLING = 40
"""Characters of a role's name that stay when CloudFormation shortens it to 64."""


@dataclass(frozen=True)
class Demonstrated:
    """What the roles might do in a demonstration, and what they did, from deployment to deletion."""

    granted: list[Grant]
    used: list[Use]


@pytest.fixture(scope="module")
def demonstrated(deployed: Deployed, few_examples: Path) -> Demonstrated:
    exercise(few_examples, deployed.deployment, deployed.aws)
    search_otherwise(deployed, few_examples)
    _await(deployed.aws.authorizations, "bedrock:GetIngestionJob")
    granted = grants(deployed.deployment)
    tear_down(deployed.deployment)
    assert not denials(deployed.aws.authorizations)
    return Demonstrated(granted, uses(deployed.aws.authorizations))


def search_otherwise(deployed: Deployed, examples: Path) -> None:
    """Search by words, too, and rerank: what a request and an arm of an evaluation may ask for."""
    options = {"search": "hybrid", "rerank": True}
    reply = ask(deployed.deployment, {"question": "How is a kit booked?", "mode": "rag", "retrieval": options})
    assert reply.response
    assert reply.response["degraded"] == []
    questions = examples / "evaluation" / "questions.jsonl"
    result = evaluate(deployed.deployment, questions, modes=["rag"], retrieval=["search=hybrid,rerank=true"])
    assert result.problem is None


def _await(journal: Path, action: str) -> None:
    """The sync function looks after a job some seconds after starting it, whatever else goes on."""
    deadline = time.monotonic() + 60
    while f'"{action}"' not in journal.read_text() and time.monotonic() < deadline:
        time.sleep(0.1)


def granted(assembly: Path) -> Iterator[Permission]:
    """What the templates allow, as (start of the role's name, action)."""
    for file in sorted(assembly.glob("*.template.json")):
        stack, resources = file.name.removesuffix(".template.json"), json.loads(file.read_text())["Resources"]
        for resource in resources.values():
            if resource["Type"] != "AWS::IAM::Policy":
                continue
            for statement in resource["Properties"]["PolicyDocument"]["Statement"]:
                actions = statement["Action"] if isinstance(statement["Action"], list) else [statement["Action"]]
                for role in resource["Properties"]["Roles"]:
                    yield from ((f"{stack}-{role['Ref']}", action) for action in actions)


def is_rarely_used(role: str, action: str) -> bool:
    """Whether other tests, and not the demonstration, show that a right is used."""
    return any(
        name in role and action in actions for name, actions in {**RARELY_USED, **OUT_OF_SERVICE, **CALIBRATING}.items()
    )


def test_every_granted_action_is_used(synthesised: Path, demonstrated: Demonstrated) -> None:
    by_role: dict[str, set[str]] = defaultdict(set)
    for use in demonstrated.used:
        by_role[use.role].add(use.action)
    unused = [
        f"{role}: {action}"
        for role, action in granted(synthesised)
        if not any(name.startswith(role[:TELLING]) and action in actions for name, actions in by_role.items())
        and not is_rarely_used(role, action)
    ]
    assert not unused, unused


def test_no_role_may_reach_what_it_never_reached(root: Path, demonstrated: Demonstrated) -> None:
    told = overreach(demonstrated.granted, demonstrated.used, foundation_models(root))
    # How many profiles are made in the meantime is a matter of time.
    assert told - {FORMER_PROFILE} == set(REACHED_RARELY)


def test_a_router_that_may_invoke_every_model_is_told(root: Path, demonstrated: Demonstrated) -> None:
    (router,) = {one.role for one in demonstrated.granted if "RouterRole" in one.role}
    wide = Grant(router, "bedrock:InvokeModel", "arn:aws:bedrock:*::foundation-model/*")
    told = overreach([wide], demonstrated.used, foundation_models(root))
    assert {line.rpartition("/")[2] for line in told} >= {"amazon.nova-pro-v1:0"}


def test_every_condition_that_every_use_met_is_asked_for(demonstrated: Demonstrated) -> None:
    assert unconditional(demonstrated.granted, demonstrated.used) == set()


def test_no_condition_is_about_a_key_that_no_use_bore(demonstrated: Demonstrated) -> None:
    assert vacuous(demonstrated.granted, demonstrated.used) == set()
