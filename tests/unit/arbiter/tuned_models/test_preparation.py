"""A training run is prepared or refused as a whole, and its record says which."""

import json
from dataclasses import replace

import pytest

from arbiter.routing.artefact import tuned_key
from arbiter.routing.tuned import loads
from arbiter.tuned_models.training.names import JobNames
from arbiter.tuned_models.training.profile import profile_of
from arbiter.tuned_models.training.records import Records
from arbiter.tuned_models.training.request import (
    TrainingDataRejected,
)
from tests.unit.arbiter.tuned_models.prepared import GOOD, KEY, SETTINGS, Function
from tests.unit.arbiter.tuned_models.stores import Bucket, running


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
        "accept_unknown_cost": False,
    }


def test_the_profile_of_the_model_is_made_of_its_prepared_set(function: Function) -> None:
    asked = "Answer the question from the documents.\n<question>\nClassify: wet\n</question>"
    samples = [{"question": f"Classify: rope {i}", "answer": "Complaint"} for i in range(8)]
    function.serve(b"".join(json.dumps(sample).encode() + b"\n" for sample in samples))
    replace(function.preparation(), profiles=function.results).prepare(
        {"run": "run-1", "training_key": KEY, "execution": "arn:execution:run-1"}
    )
    profile = loads(function.results.content[tuned_key("run-1")])

    assert (profile.samples, profile.formats, profile.opening) == (8, {"label": 1.0}, "Complaint")
    assert len(function.training.written["datasets/run-1/train.jsonl"].splitlines()) == 8
    quoting = {"messages": [{"role": "user", "content": [{"text": asked}]},
                            {"role": "assistant", "content": [{"text": "Complaint"}]}]}  # fmt: skip
    assert profile_of([json.dumps(quoting).encode(), b'{"messages": []}']).tasks == {"classify": 1.0, "wet": 1.0}


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


def test_a_distillation_leaves_the_hyperparameters_to_bedrock(function: Function) -> None:
    function.settings = replace(SETTINGS, customization_type="DISTILLATION", teacher_model="amazon.nova-pro-v1:0")
    function.serve(b"".join(GOOD.replace(b'"Q', b'"Q%d' % n) for n in range(100, 113)))
    assert function.prepare()["hyperparameters"] == {}
    assert function.record.teacher_model == "amazon.nova-pro-v1:0"
    cost = function.record.cost
    assert cost
    assert cost.lower_bound, "its teacher's answers are billed as well"


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
