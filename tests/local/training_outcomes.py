"""Ends of training runs, as the tests of faults expect them."""

from arbiter.tuned_models.training.record import TrainingRecord
from cli.core.execution import Outcome
from tests.local.training_runs import TrainingRuns, pairs


def reran(runs: TrainingRuns, run: str, *, reused: bool) -> None:
    """The same data and settings under another name: trained, or what was finished is used."""
    outcome = runs.train(f"{run}-again", pairs(run))
    assert outcome.succeeded, outcome
    assert outcome.output["reused"] is reused
    assert runs.pointed_to()["candidate"] == f"{run}-again"


def failed(runs: TrainingRuns, run: str, outcome: Outcome, name: str, reason: str) -> TrainingRecord:
    """A run that failed as it should: by name and reason, in the execution and in the record."""
    assert (outcome.status, outcome.error) == ("FAILED", name), outcome
    assert reason in outcome.cause
    record = runs.concluded(run)
    assert record.error
    assert (record.error.name, reason in record.error.cause) == (name, True), record.error
    assert record.ended_at
    assert runs.left_over(record) == []
    return record
