"""Prices and sizes that tests decide with: all known, and easy to reckon with."""

from dataclasses import replace
from typing import Any

from arbiter.costs.amount import Amount
from cli.advice.evidence.arms import Stored
from cli.advice.money.bills import Figures
from cli.advice.record.decision import Decision, Known, decision_on
from cli.advice.scenario.scenario import Scenario

FIGURES = Figures(
    input=Amount(1e-6),
    output=Amount(4e-6),
    tuned_input=Amount(1e-6),
    tuned_output=Amount(4e-6),
    training=Amount(1e-6),
    storage_month=Amount(1.95),
    hosting_hour=Amount(20.0),
    embedding=Amount(1e-7),
    search=Amount(0.0),
    teacher_output=Amount(1e-5),
    running=Amount(2e-6),
    resident=Amount(7.0),
    stored_month=Amount(1e-9),
    indexed=Amount(1e-7),
    read=Amount(1e-13),
)
KNOWN = Known(figures=FIGURES)


def decided(stored: Stored | None = None, **answers: Any) -> Decision:
    """The decision on a case; what is not said has its default."""
    return decision_on(Scenario(**answers, given=frozenset(answers)), replace(KNOWN, stored=stored))
