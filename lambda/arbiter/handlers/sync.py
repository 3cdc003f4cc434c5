"""The function that turns changes of the documents into ingestion jobs, one at a time."""

import os
from collections.abc import Mapping
from functools import cache
from typing import Any

from arbiter.aws.ingestion import Ingestion
from arbiter.aws.queue import Queue
from arbiter.aws.routing.function import LaterFunction
from arbiter.documents.sync import SyncWorker
from arbiter.settings.answering import SyncSettings


def handler(event: Mapping[str, Any], context: object) -> None:
    """One batch of messages: events of S3, and what the function left for itself."""
    _worker().handle(event["Records"])


@cache
def _worker() -> SyncWorker:
    settings = SyncSettings.from_environment(os.environ)
    return SyncWorker(
        jobs=Ingestion.connect(settings.knowledge_base_id, settings.data_source_id),
        queue=Queue.connect(settings.queue_url),
        profile=LaterFunction.connect(settings.profile_function) if settings.profile_function else None,
        environment=settings.environment,
    )
