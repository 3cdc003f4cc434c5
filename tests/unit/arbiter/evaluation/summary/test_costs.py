"""The cost of a run holds what failed after it was paid for; a figure that is none makes no sum."""

from typing import Any

import pytest

from arbiter.evaluation.numbers import extraction
from cli.reporting.tables.effort import money
from tests.unit.arbiter.evaluation.summary.test_summary import answer, failed, row, scored, summary, verdicts

Record = dict[str, Any]


def test_attempts_that_failed_are_in_the_cost_of_the_run_and_in_no_answers() -> None:
    lost = {**failed("1", "base", "bad_model_output"), "failed_usd": 0.25, "unsettled": 0}
    cut = {**failed("2", "base", "deadline_exceeded"), "failed_usd": 0.0, "unsettled": 2}
    again = {**answer("0", "rag"), "failed_usd": None, "unsettled": 0}
    found = summary([answer("0", "base"), lost, cut, again, failed("1", "rag")])
    base, rag = row(found, "base"), row(found, "rag")
    assert base["cost"] == {"total_usd": 0.75, "per_answer_usd": 0.5, "per_1000_usd": 500.0}
    assert (base["failed_usd"], base["unsettled"]) == (0.25, 2)
    # A former version kept nothing of what failed: it may have been billed.
    assert (rag["cost"]["total_usd"], rag["cost"]["per_answer_usd"], rag["unsettled"]) == (None, 0.5, 1)
    assert "The price is unknown for rag" in "\n".join(found["doubts"])
    assert _note(found) == (
        "An unknown part of it went into attempts that failed, and is in no answer's cost. "
        "Without 3 calls of models that failed and told no tokens: AWS may have billed them."
    )


def _note(found: Record) -> str:
    return money(found["cost"], found["arms"]).note


@pytest.mark.parametrize("broken", [{"cost_usd": float("nan")}, {"latency_ms": {"total": float("inf")}}])
def test_a_figure_that_is_no_number_makes_its_record_unreadable_and_no_mean(broken: Record) -> None:
    with pytest.raises(ValueError, match="is no number"):
        extraction.answer(answer("0", "base", **broken))
    for wrong in (float("nan"), -1, 11, True):
        with pytest.raises(ValueError, match="from 0 to 10"):
            extraction.verdicts(verdicts("0", "base", scored("j", wrong)))
