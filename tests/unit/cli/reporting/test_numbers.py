"""Numbers of the report are written as people write them."""

import pytest

from cli.reporting.figures.numbers import MINUS, interval, percent, plain, signed


@pytest.mark.parametrize("nothing", [0.0, -0.0, -0.001])
def test_nothing_has_no_minus(nothing: float) -> None:
    """The difference of two techniques that answer alike, turned round, is -0.0."""
    assert (plain(nothing), signed(nothing), percent(nothing)) == ("0.00", "+0.00", "0%")
    assert interval((nothing, nothing), sign=True) == "+0.00 to +0.00"
    assert signed(-0.01) == f"{MINUS}0.01"
