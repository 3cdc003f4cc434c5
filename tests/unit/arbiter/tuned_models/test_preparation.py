"""A training run is prepared or refused as a whole, and its record says which."""

import io
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

import boto3
import pytest
from botocore.response import StreamingBody
from botocore.stub import Stubber

from arbiter.aws.objects import Objects
from arbiter.settings.tuning import PrepareTrainingSettings
from arbiter.training_data.check import Rules, check
from arbiter.training_data.text.sensitive_data import detects_nothing
from arbiter.tuned_models.training.names import JobNames
from arbiter.tuned_models.training.preparation import (
    HyperparametersRejected,
    ModelsNotAccessible,
    Preparation,
    TrainingDataRejected,
    TrainingTooExpensive,
)
from arbiter.tuned_models.training.record import TrainingRecord
from arbiter.tuned_models.training.records import Records
from tests.unit.arbiter.tuned_models.stores import Bucket, running

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


@pytest.fixture
def function() -> Iterator[Function]:
    client = boto3.client("s3", "us-east-1", aws_access_key_id="x", aws_secret_access_key="x")
    with Stubber(client) as stubber:
        yield Function(stubber, Recording(client, "training"))


def test_a_good_file_is_written_as_bedrock_reads_it(function: Function) -> None:
    function.serve(GOOD)
    prepared = function.prepare()
    records = [json.loads(line) for line in function.training.written["datasets/run-1/train.jsonl"].splitlines()]
    assert [record["system"] for record in records] == [[{"text": "Be kind."}]] * 8
    digest = function.record.digest
    assert digest
    names = JobNames.of("run-1", digest, attempt="arn:execution:run-1 None")
    assert prepared == {
        "run": "run-1",
        "job_name": names.job_name,
        "custom_model_name": f"arbiter-{digest}",
        "client_token": names.client_token,
        "hyperparameters": SETTINGS.hyperparameters,
        "training_uri": "s3://training/datasets/run-1/train.jsonl",
        "validators": [],
        "output_uri": "s3://training/customization/run-1/",
        "samples": 8,
        "gate": None,
    }


def test_an_execution_that_is_repeated_asks_for_the_same_job_and_another_for_a_new_one(function: Function) -> None:
    begun = {"execution": "arn:execution:1", "started_at": "2026-11-21T08:00:00Z"}
    again = [begun, begun, {**begun, "execution": "arn:execution:2"}, {**begun, "started_at": "2027-11-21T08:00:00Z"}]
    asked = []
    for attempt in again:
        function.results.content.clear()
        function.serve(GOOD)
        prepared = function.prepare(**attempt)
        assert function.record.job
        assert function.record.job.name == prepared["job_name"]
        asked.append((prepared["job_name"], prepared["client_token"], prepared["custom_model_name"]))
    assert asked[0] == asked[1]
    assert len({job for job, _, _ in asked}) == len({token for _, token, _ in asked}) == 3
    assert len({model for _, _, model in asked}) == 1


def test_the_record_says_what_will_be_trained_and_at_which_cost(function: Function) -> None:
    function.serve(GOOD)
    function.prepare(started_by="arn:me", started_at="2026-11-21T08:00:00Z", hyperparameters={"epochCount": "1"})
    record = function.record
    assert (record.status, record.started_by, record.execution) == ("running", "arn:me", "arn:execution:run-1")
    assert record.hyperparameters == {"epochCount": "1", "learningRate": "0.00001"}
    assert record.data.samples == 8
    assert record.cost
    assert record.cost.tokens == record.data.tokens
    assert record.cost.usd == pytest.approx(record.cost.tokens / 1000 * 0.5, abs=1e-4)


def test_validation_data_are_written_and_named(function: Function) -> None:
    function.settings = replace(SETTINGS, validation_percentage=50)
    pairs = [{"question": f"Question {i}?", "answer": f"A {i}.", "document": f"{i}.md"} for i in range(40)]
    function.serve("\n".join(map(json.dumps, pairs)).encode())
    prepared = function.prepare()
    measured = function.training.written["datasets/run-1/validation.jsonl"].splitlines()
    trained = function.training.written["datasets/run-1/train.jsonl"].splitlines()
    assert prepared["validators"] == [{"S3Uri": "s3://training/datasets/run-1/validation.jsonl"}]
    assert (len(trained), len(measured)) == (prepared["samples"], function.record.data.validation_samples)
    assert len(trained) + len(measured) == 40


def test_the_same_hyperparameters_in_other_words_name_the_same_model(function: Function) -> None:
    names = []
    for learning_rate in ("0.00001", "1e-5", 1e-5, "1.0E-05"):
        function.serve(GOOD)
        function.results.content.clear()
        prepared = function.prepare(hyperparameters={"learningRate": learning_rate, "epochCount": "2.0"})
        assert prepared["hyperparameters"] == {"learningRate": "0.00001", "epochCount": "2"}
        names.append(prepared["custom_model_name"])
    assert len(set(names)) == 1


def test_a_distillation_needs_as_many_prompts_as_bedrock_does(function: Function) -> None:
    function.settings = replace(SETTINGS, customization_type="DISTILLATION", teacher_model="amazon.nova-pro-v1:0")
    function.serve(GOOD)
    with pytest.raises(TrainingDataRejected, match="at least 100 are needed"):
        function.prepare()


def test_an_execution_that_was_concluded_before_it_began_does_not_begin(function: Function) -> None:
    records = Records(function.results)
    records.write(running(status="aborted"))
    with pytest.raises(TrainingDataRejected, match="was stopped"):
        function.prepare()
    assert function.record.status == "aborted"


def test_the_same_data_and_settings_name_the_same_model_unless_forced(function: Function) -> None:
    names = []
    for event in ({}, {}, {"force": True}, {"hyperparameters": {"epochCount": "1"}}):
        function.serve(GOOD)
        function.results.content.clear()
        names.append(function.prepare(**event)["custom_model_name"])
    assert names[0] == names[1]
    assert len(set(names)) == 3
    assert names[2].endswith("-run-1")


def test_a_bad_file_is_refused_with_every_line_and_nothing_is_written(function: Function) -> None:
    function.serve(GOOD + b'{"question": "User: x"}\nnonsense\n')
    with pytest.raises(TrainingDataRejected, match=r"(?s)problems\nline 9 .*\nline 10 "):
        function.prepare()
    assert function.training.written == {}
    assert function.record.status == "running"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x1f\x8b\x08\x00",
        GOOD.decode().encode("utf-16"),
        b"[" + GOOD.replace(b"\n", b",") + b"{}]",
        GOOD.replace(b"Q3?", b"User: 3"),
        GOOD.replace(b"question", b"Question"),
        GOOD + b'{"messages": [{"role": "assistant", "content": "a"}]}\n',
        GOOD + b'{"question": "a", "answer": 1e999}\n',
    ],
)
def test_a_bad_file_is_refused_in_the_words_of_the_check(function: Function, content: bytes) -> None:
    function.serve(content)
    with pytest.raises(TrainingDataRejected) as refused:
        function.prepare()
    assert str(refused.value) == check([content], Rules(system_prompt="Be kind.")).refusal()
    assert function.training.written == {}


def test_every_bad_hyperparameter_is_refused_before_the_file_is_read(function: Function) -> None:
    with pytest.raises(HyperparametersRejected, match=r"epochCount: .*; batchSize is fixed"):
        function.prepare(hyperparameters={"epochCount": "9", "batchSize": "1"})
    assert function.record.hyperparameters["epochCount"] == "9"


def test_a_run_above_a_ceiling_is_refused_with_the_setting(function: Function) -> None:
    function.settings = replace(SETTINGS, max_training_cost_usd=0.001)
    function.serve(GOOD)
    with pytest.raises(TrainingTooExpensive, match=r"fine_tuning.max_training_cost_usd allows"):
        function.prepare()
    assert function.training.written == {}


def test_a_distillation_leaves_the_hyperparameters_to_bedrock(function: Function) -> None:
    function.settings = replace(SETTINGS, customization_type="DISTILLATION", teacher_model="amazon.nova-pro-v1:0")
    function.serve(b"".join(GOOD.replace(b'"Q', b'"Q%d' % n) for n in range(100, 113)))
    assert function.prepare()["hyperparameters"] == {}
    assert function.record.teacher_model == "amazon.nova-pro-v1:0"


def test_a_missing_file_is_named(function: Function) -> None:
    function.stubber.add_client_error("head_object", "404", "Not Found", 404)
    with pytest.raises(TrainingDataRejected, match=r"no s3://training/datasets/run-1/raw.jsonl. Upload"):
        function.prepare()


def test_a_file_that_does_not_fit_is_refused_before_it_is_read(function: Function) -> None:
    function.serve(GOOD, size=400_000_001)
    with pytest.raises(TrainingDataRejected, match="400,000,001 bytes; at most 400,000,000"):
        function.prepare()


@pytest.mark.parametrize(
    "event",
    [
        {"run": None, "training_key": None},
        {"run": "Bad Run"},
        {"training_key": "elsewhere/x.jsonl"},
        {"run": 5, "training_key": []},
        {"hyperparameters": ["epochCount"]},
        {"force": "yes"},
        {"gate": "questions.jsonl"},
        {"gate": {}},
        {"gate": {"cases_key": "evaluations/x"}, "run": "a" * 36},
        {"unknown": 1},
    ],
)
def test_an_input_that_is_not_the_contract_is_refused(function: Function, event: dict[str, Any]) -> None:
    with pytest.raises(TrainingDataRejected):
        function.prepare(**event)
    assert function.results.content == {}


def test_a_run_that_was_stopped_meanwhile_stays_stopped(function: Function) -> None:
    function.serve(GOOD)

    class Stopping(Bucket):
        def create(self, key: str, body: bytes, *, content_type: str) -> bool:
            self.content[key] = running(status="aborted").dumps().encode()
            return True

    function.results = Stopping()
    function.prepare()
    assert function.record.status == "aborted"


def test_a_cost_is_told_before_a_run_and_is_that_of_the_run(function: Function) -> None:
    function.serve(GOOD)
    function.prepare(hyperparameters={"epochCount": "3"})
    data = function.record.data
    assert function.preparation().cost(data.tokens or 0, {"epochCount": "3"}) == function.record.cost
    assert function.preparation().cost(1_000, {}).usd == 1.0


@pytest.mark.parametrize("gated", [True, False])
def test_a_gated_run_is_refused_before_the_job_when_a_judge_cannot_be_called(function: Function, gated: bool) -> None:
    function.settings = replace(SETTINGS, gate_models={"all": ["judge.one", "judge.two"]})
    function.closed = ("judge.two",)
    if not gated:
        function.serve(GOOD)
        assert function.prepare()["samples"] == 8
        return
    with pytest.raises(ModelsNotAccessible, match=r"^judge.two is closed.$"):
        function.prepare(gate={"cases_key": "evaluations/run-1-gate/questions.jsonl"})
    assert function.training.written == {}


def test_a_distillation_is_refused_when_its_teacher_cannot_be_called(function: Function) -> None:
    teacher = "amazon.nova-pro-v1:0"
    function.settings = replace(SETTINGS, customization_type="DISTILLATION", teacher_model=teacher, hyperparameters={})
    function.closed = (teacher,)
    with pytest.raises(ModelsNotAccessible, match="nova-pro"):
        function.prepare()
