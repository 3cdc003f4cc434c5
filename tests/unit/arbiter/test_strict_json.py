"""JSON that readers differ in is refused; any other is read as Python reads it."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arbiter import strict_json

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(VALUES)
def test_json_is_read_as_it_was_written(value: object) -> None:
    assert strict_json.loads(json.dumps(value)) == value


@pytest.mark.parametrize("text", ["NaN", "[-Infinity]", '{"a": Infinity}', "1e999", "[-1e400]"])
def test_a_number_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(strict_json.NumberError, match="holds "):
        strict_json.loads(text)


def test_a_key_that_is_given_twice_is_named_at_any_depth() -> None:
    with pytest.raises(strict_json.RepeatedKeyError) as refused:
        strict_json.loads('{"a": [{"b": 1, "c": 2, "c": 2}]}')
    assert refused.value.key == "c"


def test_the_key_that_is_given_twice_is_found_in_one_pass() -> None:
    """Counting each of the others would compare 20,000 keys with 20,000, for half a minute."""
    many = ", ".join(f'"{number}": 0' for number in range(20_000))
    with pytest.raises(strict_json.RepeatedKeyError) as refused:
        strict_json.loads(f'{{{many}, "z": 0, "z": 0}}')
    assert refused.value.key == "z"
