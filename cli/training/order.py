"""An order to train a model."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, kw_only=True)
class Order:
    """The wishes of the person who starts a run."""

    run: str
    """Its name; a run that exists already is followed, not started again."""
    file: Path
    hyperparameters: Mapping[str, str]
    """Where they differ from the settings'."""
    force: bool
    """Whether data and settings that were trained before are trained again."""
    gate: Path | None
    """Questions that decide whether the model goes into service."""
    accept_unknown_cost: bool = False
    """Whether it is trained although the ceiling cannot be kept, for want of a price."""
