"""The function that brings the pairs of a run together."""

import os
from collections.abc import Mapping
from functools import cache
from typing import Any

from arbiter.aws.objects import Objects
from arbiter.detection.detector import detect
from arbiter.generation.collector import READERS, Collector
from arbiter.settings.generating import CollectPairsSettings


def handler(event: Mapping[str, Any], context: object) -> dict[str, Any]:
    """Collect one run: `{"run"}`; returns its report."""
    return _collector().collect(event["run"])


@cache
def _collector() -> Collector:
    settings = CollectPairsSettings.from_environment(os.environ)
    return Collector(settings, Objects.connect(settings.results_bucket, connections=READERS), detect)
