"""The record of a training run: what was trained on what, what came of it, and what it cost."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from typing import Any, Literal, Self

from arbiter.tuned_models.training.decision import Decision

Status = Literal["running", "nominated", "failed", "stopped", "aborted", "timed_out"]
STATUSES: tuple[Status, ...] = ("running", "nominated", "failed", "stopped", "aborted", "timed_out")
TRAINING = "training/"
MOST_POINTS = 500
"""Points of each curve that a record keeps."""


class MalformedRecordError(ValueError):
    """A text that is no training record."""


def record_key(run: str) -> str:
    """Where the record of a run is kept in the results bucket."""
    return f"{TRAINING}{run}/record.json"


class _Part:
    @classmethod
    def read(cls, value: Any) -> Self:
        """From JSON; fields of later versions are left out, missing ones take their default."""
        names = {field.name for field in fields(cls)}  # type: ignore[arg-type]
        return cls(**{name: value[name] for name in names & value.keys()})

    @classmethod
    def read_optional(cls, value: Any) -> Self | None:
        return None if value is None else cls.read(value)


@dataclass(frozen=True, kw_only=True)
class Data(_Part):
    """The data that a run was trained on."""

    key: str
    digest: str | None = None
    """SHA-256 of the prepared training set."""
    samples: int | None = None
    tokens: int | None = None
    validation_samples: int | None = None


@dataclass(frozen=True, kw_only=True)
class Job(_Part):
    """The customization job; of a reused model, the one that made it."""

    name: str
    arn: str | None = None
    status: str | None = None
    failure: str | None = None


@dataclass(frozen=True, kw_only=True)
class CustomModel(_Part):
    """The custom model that a job leaves."""

    name: str
    arn: str | None = None
    """`None` until it exists."""


@dataclass(frozen=True, kw_only=True)
class Hosting(_Part):
    """Where the model can be called."""

    kind: Literal["on_demand", "provisioned"]
    name: str
    arn: str | None = None
    """`None` until it exists."""
    usd_per_hour: float | None = None
    expires_at: str | None = None


@dataclass(frozen=True, kw_only=True)
class Point(_Part):
    """One step of a curve."""

    step: int
    epoch: int
    loss: float


@dataclass(frozen=True, kw_only=True)
class Metrics(_Part):
    """The losses of a job: the last ones as Bedrock states them, and the curves."""

    training_loss: float | None = None
    validation_loss: float | None = None
    training: tuple[Point, ...] = ()
    validation: tuple[Point, ...] = ()

    @classmethod
    def read(cls, value: Any) -> Self:
        curves = {name: tuple(map(Point.read, value.get(name) or ())) for name in ("training", "validation")}
        return cls(training_loss=value.get("training_loss"), validation_loss=value.get("validation_loss"), **curves)


@dataclass(frozen=True, kw_only=True)
class Cost(_Part):
    """The estimated cost of the training; `usd` is `None` while the price is unknown."""

    tokens: int
    """Tokens of all epochs: what is billed."""
    usd: float | None = None
    per_1k: float | None = None
    as_of: str | None = None
    lower_bound: bool | None = None
    """True where the price is a lower bound, and the cost with it."""


@dataclass(frozen=True, kw_only=True)
class Failure(_Part):
    """Why a run failed."""

    name: str
    cause: str


@dataclass(frozen=True, kw_only=True)
class TrainingRecord:
    """One run, from the first check of its data to its end."""

    run: str
    status: Status
    started_at: str | None = None
    ended_at: str | None = None
    started_by: str | None = None
    execution: str | None = None
    data: Data
    base_model: str
    customization_type: str
    teacher_model: str | None = None
    hyperparameters: dict[str, str]
    digest: str | None = None
    """Sixteen digits that name data and settings: what is trained on the same again is reused."""
    reused: bool = False
    job: Job | None = None
    custom_model: CustomModel | None = None
    hosting: Hosting | None = None
    metrics: Metrics | None = None
    cost: Cost | None = None
    storage_usd_per_month: float | None = None
    gate: Decision | None = None
    error: Failure | None = None
    waits_for: str | None = None
    """The other run that a running one waits for, as it uses what this one needs."""
    cleanup: tuple[str, ...] = ()

    @classmethod
    def parse(cls, text: str | bytes) -> Self:
        """Read a record.

        Raises:
            MalformedRecordError: it is none.
        """
        try:
            return cls._read(json.loads(text))
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise MalformedRecordError(f"this is no training record: {error}") from error

    @classmethod
    def _read(cls, value: Mapping[str, Any]) -> Self:
        if value["status"] not in STATUSES:
            raise ValueError(f"status {value['status']!r}")
        names = {field.name for field in fields(cls)} & value.keys()
        parts = {
            "data": Data.read(value["data"]),
            "job": Job.read_optional(value.get("job")),
            "custom_model": CustomModel.read_optional(value.get("custom_model")),
            "hosting": Hosting.read_optional(value.get("hosting")),
            "metrics": Metrics.read_optional(value.get("metrics")),
            "cost": Cost.read_optional(value.get("cost")),
            "error": Failure.read_optional(value.get("error")),
            "cleanup": tuple(value.get("cleanup", ())),
        }
        return cls(**{**{name: value[name] for name in names}, **parts})

    def dump(self) -> dict[str, Any]:
        """The record as it is kept."""
        return asdict(self)

    def dumps(self) -> str:
        return json.dumps(self.dump(), indent=2)

    @property
    def seconds(self) -> float | None:
        """How long the run took, once it has ended."""
        if not (self.started_at and self.ended_at):
            return None
        return (datetime.fromisoformat(self.ended_at) - datetime.fromisoformat(self.started_at)).total_seconds()
