"""Single promises of AWS that the code rests on, each asked for directly, and each skipped until it is asked for.

- `ARBITER_LIVE_PRICES=1` reads the Price List, and costs nothing.
- `ARBITER_LIVE_DEPLOY=1` deploys two tuned models of `ARBITER_LIVE_ENV` on demand, one after the other.
- `ARBITER_LIVE_BATCH_ROLE=<ARN>` submits one record for batch inference, under a role that Bedrock may assume and that
  may list, read and write the results bucket of `ARBITER_LIVE_ENV`.
"""

import json
import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import boto3
import pytest

from arbiter.aws.objects import Objects
from cli.core.deployment import Deployment
from cli.core.execution import new_run
from cli.models.inventory import Inventory
from cli.prices.price_book import refresh
from cli.prices.price_list import ENDPOINT_REGION
from tests.live.conftest import required
from tests.local.asking import until

pytestmark = pytest.mark.live

MODEL = "amazon.nova-micro-v1:0"
PAUSE = 15
DEPLOYED_WITHIN, REFUSED_WITHIN = 3600, 3600
GOING_ON = ("Submitted", "Validating", "Scheduled", "InProgress", "Stopping")


def test_a_passage_is_found_by_its_words(deployment: Deployment) -> None:
    """The knowledge base has written it into an index that is searched by words."""
    vectors, index = deployment.client("s3vectors"), deployment.output("VectorIndexArn")
    [stored] = vectors.list_vectors(indexArn=index, maxResults=1, returnMetadata=True)["vectors"]
    text = stored["metadata"]["AMAZON_BEDROCK_TEXT"][:500]
    found = vectors.query_vectors(
        indexArn=index, topK=5, queryTexts=[{"text": text, "metadataKey": "AMAZON_BEDROCK_TEXT"}]
    )
    assert stored["key"] in [each["key"] for each in found["vectors"]]


def test_the_price_list_knows_every_price_that_is_looked_up(root: Path, tmp_path: Path) -> None:
    """The names of products and units are observed, not documented; `cdk.json` itself stays as it is."""
    required("ARBITER_LIVE_PRICES", "it needs credentials that allow pricing:GetProducts")
    shutil.copy(root / "cdk.json", tmp_path)
    client = boto3.Session().client("pricing", region_name=ENDPOINT_REGION)
    refreshed = refresh(tmp_path, client, today=datetime.now(UTC).date())
    book = json.loads((tmp_path / "cdk.json").read_text())["context"]["prices"]["models"]
    unknown = [
        f"{line.model} {line.figure}"
        for line in refreshed.lines
        if "lookup" in book.get(line.model, ()) and not line.source.startswith("Price List API")
    ]
    assert unknown == []


@pytest.fixture
def two_models(deployment: Deployment) -> tuple[str, str]:
    """Two custom models of the environment, of the same base model."""
    required("ARBITER_LIVE_DEPLOY", "it needs two tuned models, and deploys them on demand")
    by_base: dict[str, list[str]] = {}
    for model in Inventory(deployment).models():
        by_base.setdefault(model["baseModelArn"], []).append(model["modelArn"])
    pairs = [models for models in by_base.values() if len(models) > 1]
    if not pairs:
        pytest.skip(f"{deployment.environment} has no two tuned models of one base model: train on two files first")
    return pairs[0][0], pairs[0][1]


@pytest.fixture
def deployed(deployment: Deployment, two_models: tuple[str, str]) -> Iterator[str]:
    """A deployment of the first model, in no slot; deleted at the end."""
    bedrock = deployment.client("bedrock")
    arn = bedrock.create_custom_model_deployment(
        modelDeploymentName=f"arbiter-live-{new_run()}", modelArn=two_models[0]
    )["customModelDeploymentArn"]
    yield arn
    bedrock.delete_custom_model_deployment(customModelDeploymentIdentifier=arn)


def test_an_update_gives_a_deployment_another_model_and_leaves_its_arn(
    deployment: Deployment, two_models: tuple[str, str], deployed: str
) -> None:
    """Slots rest on it: promotion and rollback name ARNs that stay."""
    bedrock, named = deployment.client("bedrock"), {"customModelDeploymentIdentifier": deployed}

    def described() -> Any:
        return bedrock.get_custom_model_deployment(**named)

    _wait(lambda: described()["status"] != "Creating", "the deployment is made", seconds=DEPLOYED_WITHIN)
    assert described()["status"] == "Active", described()
    updated = bedrock.update_custom_model_deployment(**named, modelArn=two_models[1])
    assert updated["customModelDeploymentArn"] == deployed
    _wait(
        lambda: described().get("updateDetails", {}).get("updateStatus") != "Updating",
        "the update has ended",
        seconds=DEPLOYED_WITHIN,
    )
    found = described()
    assert (found["customModelDeploymentArn"], found["modelArn"]) == (deployed, two_models[1]), found
    assert (found["status"], found["updateDetails"]["updateStatus"]) == ("Active", "UpdateCompleted")


def test_batch_inference_refuses_fewer_records_than_its_minimum(deployment: Deployment) -> None:
    role = required("ARBITER_LIVE_BATCH_ROLE", "a role for batch inference over the results bucket")
    bedrock, name = deployment.client("bedrock"), f"arbiter-live-{new_run()}"
    results = Objects(deployment.client("s3"), deployment.output("ResultsBucketName"))
    key = f"live/{name}/records.jsonl"
    record = {"recordId": "one", "modelInput": {"messages": [{"role": "user", "content": [{"text": "Name a hill."}]}]}}
    results.write(key, json.dumps(record).encode() + b"\n", content_type="application/jsonl")
    job = bedrock.create_model_invocation_job(
        jobName=name,
        roleArn=role,
        modelId=MODEL,
        modelInvocationType="Converse",
        inputDataConfig={"s3InputDataConfig": {"s3Uri": results.uri(key)}},
        outputDataConfig={"s3OutputDataConfig": {"s3Uri": results.uri(f"live/{name}/")}},
    )["jobArn"]

    def described() -> Any:
        return bedrock.get_model_invocation_job(jobIdentifier=job)

    _wait(lambda: described()["status"] not in GOING_ON, "the job has ended", seconds=REFUSED_WITHIN)
    results.delete([item.key for item in results.listing(f"live/{name}/")])
    assert described()["status"] == "Failed", described()
    assert "minimum" in described()["message"]


def _wait(reached: Callable[[], bool], what: str, *, seconds: float) -> None:
    until(reached, what, seconds=seconds, pause=PAUSE)
