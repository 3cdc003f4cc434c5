"""The function that puts a tuned model into service, and takes it out again.

Event: `{"action": "promote", "run": …, "over"?: the run it was compared with}`, `{"action": "rollback", "from": …,
"to_none"?: bool}` or `{"action": "forget", "run": …}`, each with `"by"`: who asks, as far as the caller knows. Result:
`{"in_service", "previous", "changed"}`.
"""

import os
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from typing import Any

from arbiter.aws.hosting import Hosting
from arbiter.aws.objects import Objects
from arbiter.aws.parameters import Parameters
from arbiter.settings.tuning import PublishSettings
from arbiter.tuned_models.publisher import Publisher


def handler(event: Mapping[str, Any], context: object) -> dict[str, Any]:
    """Move the pointer."""
    return _publisher().publish(event)


@cache
def _publisher() -> Publisher:
    settings = PublishSettings.from_environment(os.environ)
    records = Objects.connect(settings.results_bucket)
    return Publisher(Parameters.connect(), Hosting.within_a_minute(), records, settings, lambda: datetime.now(UTC))
