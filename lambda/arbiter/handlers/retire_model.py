"""The function that deletes a tuned model with all that hosts it.

Event: `{"run": …}` or `{"custom_model": <ARN>}`, and `"force": true` to retire the candidate as well.
Result: `{"custom_model": <ARN>, "deleted": [ARN …], "proof": [{"arn", "gone": true} …]}`; nothing is deleted twice.
"""

import os
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from typing import Any, Protocol

from arbiter.aws.custom_models import CustomModels
from arbiter.aws.objects import Objects
from arbiter.aws.parameters import Parameters
from arbiter.settings.tuning import RetireModelSettings
from arbiter.tuned_models.retirer import Retirer

POLL_SECONDS = 5
# Time kept back for the answer: what is left must still be named.
ANSWER_MILLISECONDS = 20_000


class Context(Protocol):
    """The time that is left of the invocation."""

    def get_remaining_time_in_millis(self) -> int: ...


def handler(event: Mapping[str, Any], context: Context) -> dict[str, Any]:
    """Retire one model."""

    def wait() -> bool:
        time.sleep(POLL_SECONDS)
        return context.get_remaining_time_in_millis() > ANSWER_MILLISECONDS

    return _retirer().retire(event, now=datetime.now(UTC), wait=wait)


@cache
def _retirer() -> Retirer:
    settings = RetireModelSettings.from_environment(os.environ)
    return Retirer(CustomModels.connect(), Parameters.connect(), Objects.connect(settings.results_bucket), settings)
