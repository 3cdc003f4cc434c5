"""The gate's decision on a trained model, as its evaluation keeps it and the record of its training holds it."""

from typing import TypedDict


class Condition(TypedDict):
    """One thing that a candidate must reach, and whether it does."""

    name: str
    passed: bool
    sentence: str


class Decision(TypedDict):
    """Whether the candidate is published, and why."""

    publish: bool
    conditions: list[Condition]


def gate_of(run: str) -> str:
    """Name the evaluation that a training run's model is judged by."""
    return f"{run}-gate"


def decision_key(evaluation: str) -> str:
    """Where the decision is kept that an evaluation led to."""
    return f"evaluations/{evaluation}/gate.json"
