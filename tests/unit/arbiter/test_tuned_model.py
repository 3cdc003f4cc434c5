"""A pointer names a model completely, or none, or is refused."""

import pytest

from arbiter.tuned_model import MalformedPointerError, TunedModel

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
