"""Losses are read from Bedrock's tables, whatever their length and their defects."""

from hypothesis import given, settings
from hypothesis import strategies as st

from arbiter.tuned_models.training.metrics import curve, thinned
from arbiter.tuned_models.training.record import Point

HEAD = "step_number,epoch_number,training_loss,perplexity\n"


def test_a_table_becomes_a_curve() -> None:
    assert curve(HEAD + "0,0,3.5,33.1\n1,0,2.5,12.2\n", "training") == (
        Point(step=0, epoch=0, loss=3.5),
        Point(step=1, epoch=0, loss=2.5),
    )


def test_rows_that_cannot_be_read_are_left_out() -> None:
    table = HEAD + "0,0,3.5,1\n1,0,,1\nx,0,1,1\n2\n3,1,0.5,1\n"
    assert [point.step for point in curve(table, "training")] == [0, 3]
    assert curve(table, "validation") == ()
    assert curve("", "training") == ()


@settings(deadline=None)
@given(st.integers(0, 3000), st.integers(2, 500))
def test_a_long_curve_keeps_its_ends_and_order(count: int, most: int) -> None:
    points = [Point(step=step, epoch=0, loss=1.0) for step in range(count)]
    kept = [point.step for point in thinned(points, most)]
    assert len(kept) == min(count, most)
    assert kept == sorted(set(kept))
    assert not count or (kept[0], kept[-1]) == (0, count - 1)


@settings(deadline=None)
@given(st.text())
def test_no_table_is_too_odd(table: str) -> None:
    curve(HEAD + table, "training")
