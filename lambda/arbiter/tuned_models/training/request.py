"""The request for a training run: the input of its execution, read and checked as a whole."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from arbiter.runs import is_name, problems_of
from arbiter.tuned_models.training.names import LONGEST_GATED_RUN

FIELDS = frozenset({"run", "training_key", "hyperparameters", "force", "started_by", "gate", "execution", "started_at"})


@dataclass(frozen=True, kw_only=True)
class TrainingRequest:
    """One run as its starter wants it."""

    run: str
    training_key: str
    hyperparameters: dict[str, str] = field(default_factory=dict)
    """Where they differ from the settings'."""
    force: bool = False
    """Whether data and settings that were trained before are trained again."""
    started_by: str | None = None
    gate: dict[str, Any] | None = None
    """Questions that decide whether the model is published: `{"cases_key": …}`."""
    execution: str | None = None
    started_at: str | None = None

    @classmethod
    def parse(cls, event: Mapping[str, Any]) -> "tuple[TrainingRequest, list[str]]":
        """The request, and everything that is wrong with it; what is wrong is left out."""
        run, key = str(event.get("run")), str(event.get("training_key"))
        hyperparameters, gate, force = event.get("hyperparameters") or {}, event.get("gate"), event.get("force", False)
        problems = problems_of(run, key)
        if unknown := sorted(event.keys() - FIELDS):
            problems.append(f"{', '.join(unknown)}: unknown; known are {', '.join(sorted(FIELDS))}")
        if not isinstance(hyperparameters, dict):
            problems.append("hyperparameters: write an object of names and values")
            hyperparameters = {}
        if not isinstance(force, bool):
            problems.append("force: write true or false")
        if gate is not None:
            problems += _gate_problems(run, gate)
        request = cls(
            run=run,
            training_key=key,
            hyperparameters={name: str(value) for name, value in hyperparameters.items()},
            force=force is True,
            started_by=event.get("started_by"),
            gate=gate if isinstance(gate, dict) else None,
            execution=event.get("execution"),
            started_at=event.get("started_at"),
        )
        return request, problems


def _gate_problems(run: str, gate: Any) -> list[str]:
    problems = []
    if not isinstance(gate, dict) or not isinstance(gate.get("cases_key"), str):
        problems.append('gate: write {"cases_key": …}, the key of a file of questions in the results bucket')
    if is_name(run) and len(run) > LONGEST_GATED_RUN:
        problems.append(f"run {run!r}: with a gate use at most {LONGEST_GATED_RUN} characters")
    return problems


def gate_arms(mode: str, *, in_service: bool) -> list[dict[str, str]]:
    """The arms of the gate: the candidate, and the model in service or the base model in the same manner."""
    candidate = {"name": "candidate", "mode": mode, "tuned": "candidate"}
    if in_service:
        return [candidate, {"name": "in_service", "mode": mode, "tuned": "in_service"}]
    return [candidate, {"name": "base", "mode": "rag" if mode == "combined" else "base"}]
