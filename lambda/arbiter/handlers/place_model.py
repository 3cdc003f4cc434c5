"""The function that says where a trained model is hosted.

Events: `{"run", "claim"}` before a model of that name is made, and `{"run", "custom_model", "reused"}` to host it.
Result of the latter: `{"action", "name", "arn", "expires_at", "arms", "over"}`, where the action is create, update,
keep or provision, and `over` is the run in service, with whose model the gate compares.
"""

import os
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from typing import Any

from arbiter.aws.hosting import Hosting
from arbiter.aws.objects import Objects
from arbiter.aws.parameters import Parameters
from arbiter.settings.tuning import PlaceModelSettings
from arbiter.tuned_models.training.claims import Claims
from arbiter.tuned_models.training.placer import Placer
from arbiter.tuned_models.training.records import Records


def handler(event: Mapping[str, Any], context: object) -> dict[str, Any]:
    """Claim the name of one run's model, or place the model once it is this run's turn."""
    if "claim" in event:
        _placer().claims.model(event["claim"], event["run"])
        return {"run": event["run"]}
    return _placer().place(event["run"], event["custom_model"], reused=event["reused"])


@cache
def _placer() -> Placer:
    settings = PlaceModelSettings.from_environment(os.environ)
    objects = Objects.connect(settings.results_bucket)
    records = Records(objects)
    claims = Claims(objects, records, _now)
    return Placer(Parameters.connect(), Hosting.connect(), records, claims, settings, _now)


def _now() -> datetime:
    return datetime.now(UTC)
