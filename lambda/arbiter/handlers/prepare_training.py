"""The function that checks a training run before anything of it exists, and writes its data as Bedrock reads them.

Event: the input of the training pipeline, with `execution` and `started_at`. Result: what the pipeline tells Bedrock.
Before a run, `{"tokens", "hyperparameters"}` alone asks for its cost: `{"tokens", "usd", "per_1k", "as_of"}`.
"""

import os
from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from functools import cache
from typing import Any

from arbiter.answering.access import access_through
from arbiter.aws.clients import Client, new_session
from arbiter.aws.objects import Objects
from arbiter.aws.searching.any_model import AnyModel
from arbiter.detection.detector import detect
from arbiter.settings.tuning import PrepareTrainingSettings
from arbiter.tuned_models.training.preparation import Preparation
from arbiter.tuned_models.training.records import Records

ESTIMATE = {"tokens", "hyperparameters"}
"""The fields of an event that asks for a cost; a run always has a name."""


def handler(event: Mapping[str, Any], context: object) -> dict[str, Any]:
    """Prepare one run, or reckon its cost."""
    if event.keys() == ESTIMATE:
        return asdict(_preparation().cost(event["tokens"], event["hyperparameters"]))
    return _preparation().prepare(event)


@cache
def _preparation() -> Preparation:
    settings = PrepareTrainingSettings.from_environment(os.environ)
    results = Objects.connect(settings.results_bucket)
    training = Objects.connect(settings.training_bucket)
    access = access_through(AnyModel(Client(new_session(), "bedrock-runtime").ready()))
    records = Records(results)
    return Preparation(training, records, settings, detect, access, lambda: datetime.now(UTC), profiles=results)
