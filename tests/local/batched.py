"""All stacks with batch inference on a local AWS, and what became of the jobs there."""

import json
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.local.deployed import Deployed, deployed_with

MINIMUM = 100
PATIENCE_SECONDS = 180


@dataclass(frozen=True)
class Batched(Deployed):
    """A deployment whose pairs, answers and verdicts come from jobs where there are enough of them."""

    def client(self, service: str) -> Any:
        return self.deployment.client(service)

    def jobs(self) -> Counter[tuple[str, str]]:
        """How many jobs there were, by model and status."""
        listed = self.client("bedrock").list_model_invocation_jobs()["invocationJobSummaries"]
        return Counter((job["modelId"], job["status"]) for job in listed)

    def objects(self, prefix: str) -> dict[str, bytes]:
        """What lies below a prefix of the results bucket."""
        storage, bucket = self.client("s3"), self.deployment.output("ResultsBucketName")
        pages = storage.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
        keys = [item["Key"] for page in pages for item in page.get("Contents", ())]
        bodies = {key: storage.get_object(Bucket=bucket, Key=key)["Body"].read() for key in keys}
        return {key.removeprefix(prefix): body for key, body in bodies.items()}

    def denied(self) -> list[dict[str, Any]]:
        """What any role asked for in vain."""
        decisions = [json.loads(line) for line in self.aws.authorizations.read_text().splitlines()]
        return [one for one in decisions if one["decision"] == "deny"]


@contextmanager
def batched_stacks(root: Path, folder: Path) -> Iterator[Batched]:
    """Deploy them."""
    batch = {"batch_minimum": MINIMUM}
    with deployed_with(root, folder, generation=batch, evaluation={**batch, "batch_answers": True}) as deployed:
        yield Batched(deployed.deployment, deployed.aws)


def until(done: Callable[[], bool]) -> None:
    """Wait for what is bound to come."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not done():
        if time.monotonic() > deadline:
            raise TimeoutError("it has not come")
        time.sleep(0.1)
