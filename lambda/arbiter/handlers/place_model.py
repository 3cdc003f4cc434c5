"""The function that says where a trained model is hosted.

Event: `{"run", "custom_model", "reused"}`. Result: `{"action", "name", "arn", "expires_at", "arms", "over"}`, where the
action is create, update, keep or provision, and `over` is the run in service, with whose model the gate compares.
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
from arbiter.tuned_models.training.placer import Placer
from arbiter.tuned_models.training.records import Records


def handler(event: Mapping[str, Any], context: object) -> dict[str, Any]:
    """Place the model of one run."""
    return _placer().place(event["run"], event["custom_model"], reused=event["reused"])


@cache
def _placer() -> Placer:
    settings = PlaceModelSettings.from_environment(os.environ)
    records = Records(Objects.connect(settings.results_bucket))
    return Placer(Parameters.connect(), Hosting.connect(), records, settings, lambda: datetime.now(UTC))
