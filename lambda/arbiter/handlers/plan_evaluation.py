"""The function that plans an evaluation run: checks it, says what it may cost, and lays out its cases."""

import os
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from typing import Any
from uuid import uuid4

from arbiter.answering.access import access_through
from arbiter.aws.clients import Client, new_session
from arbiter.aws.hosting import Hosting
from arbiter.aws.objects import Objects
from arbiter.aws.parameters import Parameters
from arbiter.aws.searching.any_model import AnyModel
from arbiter.evaluation.planning.planner import Planner
from arbiter.evaluation.planning.tuned_runs import TunedRuns
from arbiter.settings.evaluating import PlanEvaluationSettings
from arbiter.tuned_models.training.records import Records


def handler(event: Mapping[str, Any], context: object) -> dict[str, Any]:
    """Plan one run; with `estimate_only` nothing is written."""
    return _planner().plan(event)


def _now() -> datetime:
    return datetime.now(UTC)


@cache
def _planner() -> Planner:
    settings = PlanEvaluationSettings.from_environment(os.environ)
    runtime = Client(new_session(), "bedrock-runtime").ready()
    results = Objects.connect(settings.results_bucket)
    return Planner(
        results=results,
        training=Objects.connect(settings.training_bucket),
        pointers=Parameters.connect(),
        runs=TunedRuns(Records(results), Hosting.within_a_minute(), settings.environment, _now),
        access=access_through(AnyModel(runtime)),
        settings=settings,
        now=_now,
        new_start=lambda: uuid4().hex,
    )
