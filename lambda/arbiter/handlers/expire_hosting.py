"""The function that deletes provisioned throughput when its time is over, and counts what it costs until then."""

import os
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from typing import Any

from arbiter.aws.custom_models import CustomModels
from arbiter.aws.parameters import Parameters
from arbiter.settings.tuning import ExpireHostingSettings
from arbiter.tuned_models.hosting.expirer import Expirer


def handler(event: Mapping[str, Any], context: object) -> dict[str, Any]:
    """One look, of one every few minutes."""
    return _expirer().expire()


@cache
def _expirer() -> Expirer:
    settings = ExpireHostingSettings.from_environment(os.environ)
    return Expirer(CustomModels.connect(), Parameters.connect(), settings, lambda: datetime.now(UTC))
