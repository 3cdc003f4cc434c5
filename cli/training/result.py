"""The result of a training: the model, where it stands, and what to do next."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from arbiter.tuned_models.training.record import Cost, TrainingRecord


@dataclass(frozen=True, kw_only=True)
class TrainResult:
    """A run that has ended with a model, nominated or in service."""

    environment: str
    run: str
    samples: int
    doubts: tuple[str, ...]
    estimate: Cost
    """The expected cost, before it began; nothing is billed for a model that is reused."""
    model: str
    custom_model: str
    base_model: str
    reused: bool
    """Whether the same data and settings had been trained before."""
    in_service: bool
    gate: Mapping[str, Any] | None
    record: TrainingRecord
    execution: str
    seconds: float

    @property
    def held_back(self) -> bool:
        """Whether the gate decided against the model, and nobody put it into service all the same."""
        # A pipeline without a gate hands on an empty one.
        return (self.gate or {}).get("publish") is False and not self.in_service

    @property
    def next_command(self) -> str | None:
        """The command that puts the model into service, when it is not, and was not held back."""
        environment = "" if self.environment == "local" else f" --env {self.environment}"
        return None if self.in_service or self.held_back else f"arbiter model promote {self.run}{environment}"

    def dump(self) -> dict[str, Any]:
        return {**asdict(self), "held_back": self.held_back, "next_command": self.next_command}
