"""The function that prepares a training, with the services that it calls."""

import io
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from botocore.response import StreamingBody
from botocore.stub import Stubber

from arbiter.aws.objects import Objects
from arbiter.settings.tuning import PrepareTrainingSettings
from arbiter.training_data.text.sensitive_data import detects_nothing
from arbiter.tuned_models.training.preparation import (
    Preparation,
)
from arbiter.tuned_models.training.record import TrainingRecord
from arbiter.tuned_models.training.records import Records
from tests.unit.arbiter.tuned_models.stores import Bucket

KEY = "datasets/run-1/raw.jsonl"
GOOD = b"".join(json.dumps({"question": f"Q{i}?", "answer": "A."}).encode() + b"\n" for i in range(8))
SETTINGS = PrepareTrainingSettings(
    environment="dev",
    training_bucket="training",
    results_bucket="results",
    base_model="amazon.nova-micro-v1:0:128k",
    hyperparameters={"epochCount": "2", "learningRate": "0.00001"},
    max_training_tokens=1_000,
    max_training_cost_usd=1.0,
    training_per_1k=0.5,
    prices_as_of="2026-11-21",
    system_prompt="Be kind.",
)


class Recording(Objects):
    """A bucket that keeps what is written."""

    def __init__(self, client: Any, bucket: str) -> None:
        super().__init__(client, bucket)
        self.written: dict[str, bytes] = {}

    def write(self, key: str, body: Any, **options: Any) -> Any:
        self.written[key] = body.read()


@dataclass
class Function:
    """The function over stubbed buckets."""

    stubber: Stubber
    training: Recording
    results: Bucket = field(default_factory=Bucket)
    settings: PrepareTrainingSettings = SETTINGS
    closed: tuple[str, ...] = ()

    def access(self, models: Sequence[str]) -> list[str]:
        return [f"{model} is closed." for model in models if model in self.closed]

    def serve(self, content: bytes, size: int | None = None) -> None:
        at = {"Bucket": "training", "Key": KEY}
        self.stubber.add_response("head_object", {"ContentLength": size or len(content)}, at)
        self.stubber.add_response("get_object", {"Body": StreamingBody(io.BytesIO(content), len(content))}, at)

    def preparation(self) -> Preparation:
        now = datetime(2026, 11, 21, tzinfo=UTC)
        return Preparation(
            self.training, Records(self.results), self.settings, detects_nothing, self.access, lambda: now
        )

    def prepare(self, **event: Any) -> dict[str, Any]:
        return self.preparation().prepare(
            {"run": "run-1", "training_key": KEY, "execution": "arn:execution:run-1", **event}
        )

    @property
    def record(self) -> TrainingRecord:
        return TrainingRecord.parse(self.results.content["training/run-1/record.json"])
