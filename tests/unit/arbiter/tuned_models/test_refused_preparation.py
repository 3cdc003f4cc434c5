"""Trainings that are refused before anything is bought."""

from dataclasses import replace
from typing import Any

import pytest

from arbiter.training_data.check import Rules, check
from arbiter.tuned_models.training.request import (
    HyperparametersRejected,
    ModelsNotAccessible,
    TrainingDataRejected,
    TrainingTooExpensive,
)
from tests.unit.arbiter.tuned_models.prepared import GOOD, SETTINGS, Function


def test_a_distillation_needs_as_many_prompts_as_bedrock_does(function: Function) -> None:
    function.settings = replace(SETTINGS, customization_type="DISTILLATION", teacher_model="amazon.nova-pro-v1:0")
    function.serve(GOOD)
    with pytest.raises(TrainingDataRejected, match="at least 100 are needed"):
        function.prepare()


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


@pytest.mark.parametrize("accepted", [True, False])
def test_a_gated_run_is_refused_before_the_job_when_a_judge_has_no_price(function: Function, accepted: bool) -> None:
    gate = {"all": ["judge.one", "judge.two"], "unpriced": ["judge.two"], "max_cost_usd": 25.0}
    function.settings = replace(SETTINGS, gate_models=gate)
    function.serve(GOOD)
    order = {"gate": {"cases_key": "evaluations/run-1-gate/questions.jsonl"}, "accept_unknown_cost": accepted}
    if accepted:
        assert function.prepare(**order)["samples"] == 8
        return
    with pytest.raises(
        TrainingTooExpensive, match=r"no price is known for judge.two, so evaluation.max_cost_usd, 25 US"
    ):
        function.prepare(**order)
    assert function.training.written == {}


def test_a_run_is_refused_when_the_model_that_it_tunes_cannot_be_called(function: Function) -> None:
    function.settings = replace(SETTINGS, called_base_model="us.amazon.nova-micro-v1:0")
    function.closed = ("us.amazon.nova-micro-v1:0",)
    function.serve(GOOD)
    with pytest.raises(ModelsNotAccessible, match=r"^us.amazon.nova-micro-v1:0 is closed.$"):
        function.prepare()
    assert function.training.written == {}


def test_a_distillation_is_refused_when_its_teacher_cannot_be_called(function: Function) -> None:
    teacher = "amazon.nova-pro-v1:0"
    function.settings = replace(SETTINGS, customization_type="DISTILLATION", teacher_model=teacher, hyperparameters={})
    function.closed = (teacher,)
    with pytest.raises(ModelsNotAccessible, match="nova-pro"):
        function.prepare()
