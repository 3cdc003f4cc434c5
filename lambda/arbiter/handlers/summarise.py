"""The function that summarises an evaluation run."""

import os
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache

from arbiter.aws.objects import Objects
from arbiter.evaluation.numbers.reading import READERS
from arbiter.evaluation.summary.summariser import Summarised, Summariser
from arbiter.settings.evaluating import SummariseSettings


def handler(event: Mapping[str, str], context: object) -> Summarised:
    """Summarise one run: `{"run": …}`; returns where the summary is kept, its conclusion, and whether it is complete.

    Raises:
        InvalidEvaluationRun: naming what cannot be read.
    """
    return _summariser().summarise(event["run"])


@cache
def _summariser() -> Summariser:
    settings = SummariseSettings.from_environment(os.environ)
    objects = Objects.connect(settings.results_bucket, connections=READERS)
    return Summariser(objects, settings.environment, now=lambda: datetime.now(UTC))
