"""Answers and verdicts are the same whichever write their function ended at, and little is asked for again."""

from typing import Any

import pytest

from tests.unit.arbiter.evaluation.answers.test_case_answers import World as Answers
from tests.unit.arbiter.evaluation.engine_fakes import Bucket
from tests.unit.arbiter.evaluation.verdicts.world import World as Verdicts

WRITES = range(1, 7)
"""Three cases in two arms: one record each."""


class EndedError(BaseException):
    """The function was ended: nothing in it runs any more."""


def fail(bucket: Bucket, at: int, error: BaseException, *, written: bool) -> None:
    """Let one write fail, once it took effect or before."""
    write, tried = bucket.write, list[str]()

    def once(key: str, body: Any, **options: Any) -> Any:
        tried.append(key)
        done = write(key, body, **options) if written or len(tried) != at else None
        if len(tried) == at:
            raise error
        return done

    bucket.write = once  # type: ignore[method-assign]


@pytest.mark.parametrize("written", [True, False])
@pytest.mark.parametrize("at", WRITES)
def test_a_function_that_is_ended_at_a_write_is_gone_on_with(at: int, written: bool) -> None:
    answers, verdicts, whole = Answers(), Verdicts(), Verdicts()
    fail(answers.bucket, at, EndedError(), written=written)
    fail(verdicts.bucket, at, EndedError(), written=written)
    with pytest.raises(EndedError):
        answers.answer()
    with pytest.raises(EndedError):
        verdicts.judge()

    assert answers.answer()
    assert verdicts.judge()
    assert whole.judge()
    assert len(answers.records()) == 6
    assert len(answers.model.calls) == 6 + (not written)
    assert verdicts.records() == whole.records()
    assert verdicts.asked <= whole.asked + 4, "but the two answers to one case are judged again"


@pytest.mark.parametrize("at", WRITES)
def test_a_record_that_cannot_be_written_costs_no_other_ones_verdicts(at: int) -> None:
    verdicts = Verdicts()
    fail(verdicts.bucket, at, OSError("SlowDown"), written=False)
    with pytest.raises(OSError, match="SlowDown"):
        verdicts.judge()

    assert verdicts.judge()
    assert verdicts.asked == 12 + 2
