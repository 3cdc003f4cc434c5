"""The request for a training run: the input of its execution, read and checked as a whole, and how it is refused."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from arbiter.runs import is_name, problems_of
from arbiter.tuned_models.training.names import LONGEST_GATED_RUN, JobNames

FIELDS = frozenset(
    {
        "run", "training_key", "hyperparameters", "force", "accept_unknown_cost", "started_by", "gate", "execution",
        "started_at",
    }
)  # fmt: skip
SWITCHES = ("force", "accept_unknown_cost")


class TrainingDataRejected(ValueError):  # noqa: N818 - the name is what the pipeline catches
    """A training set that Bedrock would refuse; the message lists every finding with its line."""


class HyperparametersRejected(ValueError):  # noqa: N818 - as above
    """Hyperparameters that Bedrock would refuse for this base model; the message lists every problem."""


class ModelsNotAccessible(RuntimeError):  # noqa: N818 - as above
    """Models of the run that the account may not call yet; the message says what an administrator has to do."""


class TrainingTooExpensive(ValueError):  # noqa: N818 - as above
    """A run above a ceiling of the settings; the message names the figures and the setting."""


@dataclass(frozen=True, kw_only=True)
class TrainingRequest:
    """One run as its starter wants it."""

    run: str
    training_key: str
    hyperparameters: dict[str, str] = field(default_factory=dict)
    """Where they differ from the settings'."""
    force: bool = False
    """Whether data and settings that were trained before are trained again."""
    accept_unknown_cost: bool = False
    """Whether the run may go on where its price, and so its ceiling, is not known."""
    started_by: str | None = None
    gate: dict[str, Any] | None = None
    """Questions that decide whether the model is published: `{"cases_key": …}`."""
    execution: str | None = None
    started_at: str | None = None

    @classmethod
    def parse(cls, event: Mapping[str, Any]) -> "tuple[TrainingRequest, list[str]]":
        """The request, and everything that is wrong with it; what is wrong is left out."""
        run, key = str(event.get("run")), str(event.get("training_key"))
        hyperparameters, gate = event.get("hyperparameters") or {}, event.get("gate")
        problems = problems_of(run, key)
        if unknown := sorted(event.keys() - FIELDS):
            problems.append(f"{', '.join(unknown)}: unknown; known are {', '.join(sorted(FIELDS))}")
        if not isinstance(hyperparameters, dict):
            problems.append("hyperparameters: write an object of names and values")
            hyperparameters = {}
        switches = {name: event.get(name, False) for name in SWITCHES}
        problems += [f"{name}: write true or false" for name, on in switches.items() if not isinstance(on, bool)]
        if gate is not None:
            problems += _gate_problems(run, gate)
        request = cls(
            run=run,
            training_key=key,
            hyperparameters={name: str(value) for name, value in hyperparameters.items()},
            **{name: on is True for name, on in switches.items()},
            started_by=event.get("started_by"),
            gate=gate if isinstance(gate, dict) else None,
            execution=event.get("execution"),
            started_at=event.get("started_at"),
        )
        return request, problems

    def names(self, digest: str) -> JobNames:
        """The names of what Bedrock makes for the run, by the digest of its content."""
        # Step Functions gives an execution's ARN anew after 90 days; no two executions share their start, too.
        attempt = f"{self.execution} {self.started_at}"
        return JobNames.of(self.run, digest, attempt=attempt, forced=self.force)


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
