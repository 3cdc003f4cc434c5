"""Pairs and verdicts come from batch inference when a setting says so, under the roles of the real templates."""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest

from app import build
from arbiter.pricing import in_batch
from cli.deployment import Deployment
from cli.generate import generate
from cli.sync import sync
from local import assembly, launcher
from tests.local.deployed import Deployed

pytestmark = pytest.mark.local

VERIFIER = "us.anthropic.claude-haiku-4-5-20251001-v1:0"
PAIRS = 200


@pytest.fixture(scope="module")
def batched(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployed]:
    """All stacks with batch inference."""
    folder, stacks = tmp_path_factory.mktemp("batched"), tmp_path_factory.mktemp("assembly")
    context = json.loads((root / "cdk.json").read_text())["context"]
    local, batch = context["environments"]["local"], {"batch_minimum": 100}
    context["environments"]["local"] = {**local, "generation": batch, "evaluation": batch}
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(os.environ, "CDK_VALIDATION", "false")
        app = cdk.App(context={**context, "env": "local"}, outdir=str(stacks))
        build(app)
        app.synth()
    aws = launcher.start(folder, faults=True)
    assembly.deploy(stacks, aws)
    yield Deployed(Deployment.find("local", folder), aws)
    launcher.stop(folder)


def decisions(deployed: Deployed) -> list[dict[str, Any]]:
    return [json.loads(line) for line in deployed.aws.authorizations.read_text().splitlines()]


def test_pairs_are_verified_in_a_job_with_no_permission_lacking(batched: Deployed, root: Path, tmp_path: Path) -> None:
    assert sync(batched.deployment, root / "examples" / "documents").complete
    result = generate(
        batched.deployment, purpose="training", pairs=PAIRS, out=tmp_path / "pairs.jsonl", run="batched",
        confirm=lambda estimate: True,
    )  # fmt: skip
    bucket = batched.deployment.output("ResultsBucketName")
    body = batched.deployment.client("s3").get_object(Bucket=bucket, Key="generation/batched/report.json")["Body"]
    used = json.loads(body.read())["used"]
    jobs = batched.deployment.client("bedrock").list_model_invocation_jobs()["invocationJobSummaries"]

    assert result.pairs > 0.8 * PAIRS
    assert [(job["modelId"], job["status"]) for job in jobs] == [(VERIFIER, "Completed")]
    assert used[in_batch(VERIFIER)]["input_tokens"] > 0
    assert not [one for one in decisions(batched) if one["decision"] == "deny"]
