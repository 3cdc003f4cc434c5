"""An order to train a model."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from arbiter.runs import raw_key, suffix_of
from cli.core.errors import CliError


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

    def key(self) -> str:
        """Where the file is sent: by its content, so that of two orders under one name each trains on its own."""
        with self.file.open("rb") as content:
            digest = hashlib.file_digest(content, "sha256").hexdigest()
        return raw_key(self.run, digest, suffix_of(self.file.name))

    def refuse_other_file(self, began_with: Mapping[str, Any]) -> None:
        """Refuse to follow a run, by the input that it began with, as the fate of another file.

        Raises:
            CliError: it began with another one.
        """
        if began_with.get("training_key") != self.key():
            message = f"The run {self.run} began with another file, or with another version of this one"
            raise CliError(f"{message}. Give this one another name.", code="other_file")
