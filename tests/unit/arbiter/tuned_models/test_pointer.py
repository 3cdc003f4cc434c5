"""A pointer names a model completely, or none, or is refused."""

import pytest

from arbiter.tuned_models.service.pointer import FixedTunedModel, MalformedPointerError, TunedModel
from arbiter.tuned_models.service.promotion import Pointer

TUNED = TunedModel("arn:deployment", "arn:custom-model", "amazon.nova-micro-v1:0:128k", "run-1")


def test_a_pointer_is_read_as_it_was_written() -> None:
    assert TunedModel.parse(TUNED.dump()) == TUNED


@pytest.mark.parametrize("text", ["none", " none\n"])
def test_before_the_first_model_there_is_none(text: str) -> None:
    assert TunedModel.parse(text) is None


@pytest.mark.parametrize("text", ["", "None", "null", "[]", "{", '"none"', "arn:deployment"])
def test_what_is_no_pointer_is_refused(text: str) -> None:
    with pytest.raises(MalformedPointerError):
        TunedModel.parse(text)


def test_everything_missing_is_named() -> None:
    with pytest.raises(MalformedPointerError, match="lacks custom_model, base_model, run"):
        TunedModel.parse('{"model": "arn:deployment", "custom_model": "", "run": 5}')


def test_fields_added_later_do_not_break_an_older_router() -> None:
    assert TunedModel.parse(TUNED.dump()[:-1] + ',"score":0.9}') == TUNED


def test_of_the_text_in_service_the_router_reads_the_model_that_answers() -> None:
    other = TUNED._replace(run="run-0")
    assert TunedModel.parse(Pointer(TUNED, other).dump()) == TUNED
    assert TunedModel.parse(Pointer(None, other).dump()) is None


def test_a_model_made_elsewhere_is_the_same_however_often_it_is_asked_for() -> None:
    arn = "arn:aws:bedrock:us-east-1:123456789012:imported-model/abcdefghijkl"
    models = FixedTunedModel(arn)
    assert models.current(1.0).model == models.current(1.0, fresh=True).model == arn
