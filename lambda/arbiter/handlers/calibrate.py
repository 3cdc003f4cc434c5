"""The function that calibrates `auto` on an evaluation run, publishes what wins, and takes it back."""

import os
from collections.abc import Mapping
from functools import cache
from typing import Any

from arbiter.aws.objects import Objects
from arbiter.evaluation.calibration.calibrator import CalibrationRefused, Calibrator
from arbiter.settings.evaluating import CalibrateSettings


def handler(event: Mapping[str, Any], context: object) -> dict[str, Any]:
    """Calibrate or roll back; a refusal is `{"refused": sentence, "code": …}`."""
    try:
        return _calibrator().handle(event)
    except CalibrationRefused as refusal:
        return {"refused": str(refusal), "code": refusal.code}


@cache
def _calibrator() -> Calibrator:
    settings = CalibrateSettings.from_environment(os.environ)
    return Calibrator(Objects.connect(settings.results_bucket), settings.knowledge_base_id)
