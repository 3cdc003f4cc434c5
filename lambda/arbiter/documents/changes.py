"""Whether a change of the documents needs a new ingestion job: the coalescing decision."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from arbiter.documents.ingestion import IngestionJob

USELESS = frozenset({"FAILED", "STOPPED", "STOPPING"})

# Bedrock: StartIngestionJob 0.1 requests a second, one running job a knowledge base (service quotas, not adjustable).
START_INTERVAL = timedelta(seconds=10)
RUNNING_POLL_SECONDS = 10

# S3 states the time of a change in whole seconds, rounded down: the change may have come up to a second later.
CHANGE_PRECISION = timedelta(seconds=1)


@dataclass(frozen=True)
class Covered:
    """The job began after the change, so it sees the change."""

    job: IngestionJob


@dataclass(frozen=True)
class Start:
    """No job sees the change and one may start now."""


@dataclass(frozen=True)
class Wait:
    """No job sees the change and none may start yet."""

    seconds: int


def decide(changed_at: datetime, latest: IngestionJob | None, now: datetime) -> Covered | Start | Wait:
    """Decide what to do about a change, given the ingestion job that started last."""
    if latest is None:
        return Start()
    if latest.started_at >= changed_at + CHANGE_PRECISION and latest.status not in USELESS:
        return Covered(latest)
    if latest.running:
        return Wait(RUNNING_POLL_SECONDS)
    rest = (latest.started_at + START_INTERVAL - now).total_seconds()
    return Wait(min(RUNNING_POLL_SECONDS, int(rest) + 1)) if rest > 0 else Start()
