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
