"""Training files are prepared or refused as a whole; only a nominated model goes into service."""

import io
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import boto3
import pytest
from botocore.response import StreamingBody
from botocore.stub import Stubber

from arbiter.aws.objects import Objects
from arbiter.handlers.prepare_training import Preparation, TrainingDataRejected
from arbiter.handlers.publish import NoCandidate, Publisher
from arbiter.settings import PublishSettings
from arbiter.training.check import Rules
from arbiter.tuned_model import TunedModel

KEY = "datasets/run-1/raw.jsonl"
GOOD = b"".join(json.dumps({"question": f"Q{i}?", "answer": "A."}).encode() + b"\n" for i in range(8))


@pytest.fixture
def s3() -> Iterator[tuple[Objects, Stubber]]:
    client = boto3.client("s3", "us-east-1", aws_access_key_id="x", aws_secret_access_key="x")
    with Stubber(client) as stubber:
        yield Objects(client, "training"), stubber


def serve(stubber: Stubber, content: bytes, size: int | None = None) -> None:
    at = {"Bucket": "training", "Key": KEY}
    stubber.add_response("head_object", {"ContentLength": size or len(content)}, at)
    stubber.add_response("get_object", {"Body": StreamingBody(io.BytesIO(content), len(content))}, at)


class Recording(Objects):
    """A bucket that keeps what is written."""

    written: dict[str, bytes]

    def write(self, key: str, body: Any, **options: Any) -> Any:
        self.written = {key: body.read()}


def test_a_good_file_is_written_as_bedrock_reads_it(s3: tuple[Objects, Stubber]) -> None:
    objects = Recording(s3[0]._client, "training")
    serve(s3[1], GOOD)
    prepared = Preparation(objects, Rules(system_prompt="Be kind.")).prepare("run-1", KEY)
    records = [json.loads(line) for line in objects.written["datasets/run-1/train.jsonl"].splitlines()]
    assert [record["system"] for record in records] == [[{"text": "Be kind."}]] * 8
    assert prepared == {
        "run": "run-1",
        "training_uri": "s3://training/datasets/run-1/train.jsonl",
        "samples": 8,
        "digest": prepared["digest"],
        "output_uri": "s3://training/customization/run-1/",
        "job_name": f"arbiter-run-1-{prepared['digest'][:8]}",
        "custom_model_name": f"arbiter-run-1-{prepared['digest'][:8]}",
        "deployment_name": f"arbiter-run-1-{prepared['digest'][:8]}",
        "client_token": f"run-1-{prepared['digest'][:32]}",
    }


def test_a_bad_file_is_refused_with_every_line_and_nothing_is_written(s3: tuple[Objects, Stubber]) -> None:
    serve(s3[1], GOOD + b'{"question": "User: x"}\nnonsense\n')
    with pytest.raises(TrainingDataRejected, match=r"(?s)3 problems\nline 9 .*\nline 9 .*\nline 10 "):
        Preparation(s3[0], Rules()).prepare("run-1", KEY)


def test_a_missing_file_is_named(s3: tuple[Objects, Stubber]) -> None:
    s3[1].add_client_error("head_object", "404", "Not Found", 404)
    with pytest.raises(TrainingDataRejected, match=r"no s3://training/datasets/run-1/raw.jsonl. Upload"):
        Preparation(s3[0], Rules()).prepare("run-1", KEY)


def test_a_file_that_does_not_fit_is_refused_before_it_is_read(s3: tuple[Objects, Stubber]) -> None:
    serve(s3[1], GOOD, size=400_000_001)
    with pytest.raises(TrainingDataRejected, match="400,000,001 bytes; at most 400,000,000"):
        Preparation(s3[0], Rules()).prepare("run-1", KEY)


@pytest.mark.parametrize(("run", "key"), [(None, None), ("Bad Run", KEY), ("run-1", "elsewhere/x.jsonl"), (5, [])])
def test_an_input_that_is_not_the_contract_is_refused(s3: tuple[Objects, Stubber], run: Any, key: Any) -> None:
    with pytest.raises(TrainingDataRejected):
        Preparation(s3[0], Rules()).prepare(run, key)


@dataclass
class Pointers:
    """Three parameters, and the order in which they were written."""

    values: dict[str, str]
    writes: list[str] = field(default_factory=list)

    def read(self, name: str) -> str:
        return self.values[name]

    def write(self, name: str, value: str) -> None:
        self.writes.append(name)
        self.values[name] = value


OLD, NEW = (TunedModel(f"arn:deployment/{run}", "arn:model", "amazon.nova-micro-v1:0:128k", run) for run in ("a", "b"))
SETTINGS = PublishSettings(candidate_parameter="c", in_service_parameter="s", previous_parameter="p")


def test_the_candidate_goes_into_service_and_the_old_model_is_kept() -> None:
    pointers = Pointers({"c": NEW.dump(), "s": OLD.dump(), "p": "none"})
    assert Publisher(pointers, SETTINGS).publish("b")["model"] == NEW.model
    assert pointers.values == {"c": NEW.dump(), "s": NEW.dump(), "p": OLD.dump()}
    assert pointers.writes == ["p", "s"], "a failure in between leaves the model in service alone"


def test_publishing_twice_keeps_the_previous_model() -> None:
    pointers = Pointers({"c": NEW.dump(), "s": OLD.dump(), "p": "none"})
    for _ in range(2):
        Publisher(pointers, SETTINGS).publish("b")
    assert pointers.values["p"] == OLD.dump()


@pytest.mark.parametrize(("candidate", "reason"), [("none", "points to no model"), (OLD.dump(), "of run 'a', not")])
def test_nothing_but_the_runs_own_model_is_published(candidate: str, reason: str) -> None:
    pointers = Pointers({"c": candidate, "s": "none", "p": "none"})
    with pytest.raises(NoCandidate, match=reason):
        Publisher(pointers, SETTINGS).publish("b")
    assert pointers.writes == []
