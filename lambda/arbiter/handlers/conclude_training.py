"""The function that ends a training run: it cleans up after a failed one, and completes the record.

Event: `{"run", "execution", "failure"?: {"name", "cause"}, "gate"?, "hosting"?: ARN}` from the pipeline's last tasks,
or EventBridge's "Step Functions Execution Status Change" of an execution that could not say so itself. Both may come,
in any order and more than once. Result: `{"run", "status", "failure", "reused"}`.
"""

import os
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from typing import Any

from arbiter.aws.customization import Customization
from arbiter.aws.hosting import Hosting
from arbiter.aws.objects import Objects
from arbiter.aws.parameters import Parameters
from arbiter.settings.tuning import ConcludeTrainingSettings
from arbiter.tuned_models.service.promotion import named
from arbiter.tuned_models.training.cleanup import Cleanup
from arbiter.tuned_models.training.concluder import Concluder
from arbiter.tuned_models.training.records import Records


def handler(event: Mapping[str, Any], context: object) -> dict[str, Any] | None:
    """Conclude one run."""
    return _concluder().conclude(event)


@cache
def _concluder() -> Concluder:
    settings = ConcludeTrainingSettings.from_environment(os.environ)
    bedrock, parameters = Customization.connect(), Parameters.connect()
    records = Records(Objects.connect(settings.results_bucket))

    def pointed_to() -> set[str]:
        pointers = settings.candidate_parameter, settings.in_service_parameter
        return {model.model for model in named(*map(parameters.read, pointers)).values()}

    def rest() -> None:
        time.sleep(settings.rest_seconds)

    return Concluder(
        records=records,
        models=bedrock,
        tables=Objects.connect(settings.training_bucket),
        cleanup=Cleanup(bedrock, Hosting.connect(), pointed_to, records.claimant, rest),
        settings=settings,
        now=lambda: datetime.now(UTC),
    )
