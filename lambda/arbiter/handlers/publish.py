"""The function that puts the candidate model into service."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Protocol

from arbiter.aws.parameters import Parameters
from arbiter.log import entry
from arbiter.settings import PublishSettings
from arbiter.tuned_model import TunedModel


class NoCandidate(LookupError):  # noqa: N818 - the name is what the pipeline catches
    """A candidate parameter that points to no model, or to the model of another run."""


class Pointers(Protocol):
    """Where the pointers to tuned models are kept."""

    def read(self, name: str) -> str: ...
    def write(self, name: str, value: str) -> None: ...


def handler(event: Mapping[str, Any], context: object) -> dict[str, Any]:
    """Publish the model of one run: `{"run": …}`."""
    return _publisher().publish(event["run"])


@cache
def _publisher() -> "Publisher":
    return Publisher(Parameters.connect(), PublishSettings.from_environment(os.environ))


@dataclass(frozen=True)
class Publisher:
    """Moves the pointers: the model in service becomes the previous one, the candidate goes into service."""

    pointers: Pointers
    settings: PublishSettings

    def publish(self, run: str) -> dict[str, Any]:
        """Put the candidate of a run into service; a second time changes nothing.

        Raises:
            NoCandidate: no model was nominated, or that of another run.
        """
        text = self.pointers.read(self.settings.candidate_parameter)
        candidate = self._candidate(text, run)
        in_service = self.pointers.read(self.settings.in_service_parameter)
        if in_service != text:
            # In this order a failure in between is mended by running again: what is in service is still unchanged.
            self.pointers.write(self.settings.previous_parameter, in_service)
            self.pointers.write(self.settings.in_service_parameter, text)
        print(entry("model published", run=run, model=candidate.model, changed=in_service != text))
        return candidate._asdict()

    def _candidate(self, text: str, run: str) -> TunedModel:
        name = self.settings.candidate_parameter
        candidate = TunedModel.parse(text)
        if candidate is None:
            raise NoCandidate(f"The parameter {name} points to no model: run {run!r} must nominate one first.")
        if candidate.run != run:
            raise NoCandidate(f"The parameter {name} points to the model of run {candidate.run!r}, not of {run!r}.")
        return candidate
