"""Training as the settings may want it: judged by a gate, distilled from a teacher, hosted by the hour."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from cli.local.permissions import denials
from cli.training.run import train
from tests.local.deployed import Deployed, deployed_with
from tests.local.faults import faults_of
from tests.local.training_runs import TrainingRuns, pairs

pytestmark = pytest.mark.local

QUESTIONS = 3
TTL_HOURS = 2


def file_of(folder: Path, lines: list[str]) -> Path:
    file = folder / "lines.jsonl"
    file.write_text("\n".join(lines))
    return file


@pytest.fixture(scope="module")
def by_the_hour(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TrainingRuns]:
    """A deployment that distils, and hosts on provisioned throughput."""
    distilled = {
        "customization_type": "DISTILLATION",
        "teacher_model": "amazon.nova-pro-v1:0",
        "hosting": "provisioned",
        "provisioned": {"ttl_hours": TTL_HOURS},
    }
    with deployed_with(root, tmp_path_factory.mktemp("by-the-hour"), fine_tuning=distilled) as deployed:
        yield TrainingRuns(deployed)


def throughput(runs: TrainingRuns) -> list[dict[str, Any]]:
    listed = runs.client("bedrock").list_provisioned_model_throughputs()["provisionedModelSummaries"]
    return [dict(one) for one in listed]


def test_a_gate_judges_the_candidate_and_the_run_says_how(
    deployed: Deployed, few_examples: Path, tmp_path: Path
) -> None:
    questions = (few_examples / "evaluation" / "questions.jsonl").read_text().splitlines()[:QUESTIONS]
    result = train(
        deployed.deployment,
        few_examples / "training" / "pairs.jsonl",
        run="gated",
        gate=file_of(tmp_path, questions),
    )

    assert result.gate
    assert result.gate["publish"] is False, "three questions are too few to publish on"
    assert not all(condition["passed"] for condition in result.gate["conditions"])
    assert not result.in_service
    assert [denial for denial in denials(deployed.aws.authorizations) if "FineTuning" in denial] == []


def test_a_distilled_model_is_hosted_by_the_hour_until_a_set_time(by_the_hour: TrainingRuns) -> None:
    before = datetime.now(UTC)
    # A distillation needs a hundred prompts.
    outcome = by_the_hour.train("distilled", pairs("distilled", 120))

    assert outcome.succeeded, outcome
    record = by_the_hour.concluded("distilled")
    assert (record.customization_type, record.teacher_model) == ("DISTILLATION", "amazon.nova-pro-v1:0")
    (hosted,) = throughput(by_the_hour)
    assert record.hosting
    assert (record.hosting.kind, record.hosting.arn) == ("provisioned", hosted["provisionedModelArn"])
    tags = by_the_hour.client("bedrock").list_tags_for_resource(resourceARN=hosted["provisionedModelArn"])["tags"]
    found = {tag["key"]: tag["value"] for tag in tags}
    assert (found["arbiter:run"], found["arbiter:environment"]) == ("distilled", "local")
    assert datetime.fromisoformat(found["arbiter:expires-at"]) - before >= timedelta(hours=TTL_HOURS, seconds=-2)
    assert by_the_hour.pointed_to()["candidate"] == "distilled"


def test_throughput_that_fails_is_not_left_to_be_billed(by_the_hour: TrainingRuns) -> None:
    known = {one["provisionedModelArn"] for one in throughput(by_the_hour)}
    with faults_of(by_the_hour.deployed.aws) as faults:
        faults.fail_hosting("no capacity today", kind="throughput")
        outcome = by_the_hour.train("unhosted", pairs("unhosted", 120))

    assert (outcome.error, "no capacity today" in outcome.cause) == ("DeploymentFailed", True), outcome
    assert {one["provisionedModelArn"] for one in throughput(by_the_hour)} == known
    assert any("was deleted" in sentence for sentence in by_the_hour.concluded("unhosted").cleanup)
