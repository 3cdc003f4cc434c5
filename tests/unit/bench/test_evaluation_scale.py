"""A large run is summarised from numbers alone; what it costs is proportional to its cases."""

import json

import pytest

from bench.evaluation_scale import measured, projected


@pytest.mark.slow
def test_a_run_of_a_thousand_cases_is_summarised_in_little_memory() -> None:
    row = measured(1_000)
    assert row["complete"]
    # Its 8,000 records have 50 MB of text.
    assert row["megabytes"] < 60


def test_projections_are_proportional_and_unknown_prices_stay_unknown() -> None:
    arm = {"latency_ms": {"total": {"mean": 900.0}}}
    summary = {"run": "r", "cases": 100, "arms": [arm] * 4, "cost": {"answers_usd": 0.5, "judging_usd": None}}
    last = projected(json.loads(json.dumps(summary)), 5).splitlines()[-1]
    assert last == " 100,000 cases: answers $500.00, judging price unknown, 20.00 h"
