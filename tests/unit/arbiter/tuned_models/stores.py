"""A bucket in a dictionary."""

import hashlib
from dataclasses import dataclass, field

from arbiter.tuned_models.training.record import CustomModel, Data, Hosting, Job, TrainingRecord

BASE = "amazon.nova-micro-v1:0:128k"
MODEL = "arn:aws:bedrock:us-east-1:000000000000:custom-model/amazon.nova-micro-v1:0:128k/new"


@dataclass
class Bucket:
    """Keeps what is written."""

    content: dict[str, bytes] = field(default_factory=dict)

    def read(self, key: str) -> bytes:
        return self.content[key]

    def write(self, key: str, body: bytes, *, content_type: str) -> None:
        self.content[key] = body

    def create(self, key: str, body: bytes, *, content_type: str) -> bool:
        return self.content.setdefault(key, body) is body

    def read_tagged(self, key: str) -> tuple[bytes, str]:
        return self.content[key], hashlib.sha256(self.content[key]).hexdigest()

    def replace(self, key: str, body: bytes, *, etag: str, content_type: str) -> bool:
        if self.read_tagged(key)[1] != etag:
            return False
        self.content[key] = body
        return True


def running(run: str = "run-1", **changes: object) -> TrainingRecord:
    """The record of a run that has been prepared."""
    known: dict[str, object] = {
        "run": run,
        "status": "running",
        "execution": f"arn:execution:{run}",
        "data": Data(key=f"datasets/{run}/raw.jsonl", digest="d", samples=8, tokens=100, validation_samples=0),
        "base_model": BASE,
        "customization_type": "FINE_TUNING",
        "hyperparameters": {"epochCount": "2"},
        "job": Job(name=f"arbiter-{run}-01234567"),
        "custom_model": CustomModel(name="arbiter-0123456789abcdef", arn=MODEL),
        "hosting": Hosting(kind="on_demand", name="arbiter-dev-slot-1"),
        "storage_usd_per_month": 1.95,
    }
    return TrainingRecord(**{**known, **changes})  # type: ignore[arg-type]
