"""The function between a pipeline and its batch inference jobs: merges what is asked, shares out what came back."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from arbiter import log
from arbiter.aws.objects import Objects
from arbiter.batch_inference.desk import THREADS, Desk
from arbiter.runs import is_name
from arbiter.settings.batch_inference import BatchRecordsSettings
from arbiter.store import Store


def handler(event: Mapping[str, Any], context: object) -> dict[str, Any]:
    """`{"run", "model", "execution"}` merges, `{"run", "model", "output_key"}` shares out."""
    return _records().work(event)


@cache
def _records() -> "BatchRecords":
    settings = BatchRecordsSettings.from_environment(os.environ)
    return BatchRecords(
        Objects.connect(settings.results_bucket, connections=THREADS), settings.prefix, settings.minimum
    )


@dataclass(frozen=True)
class BatchRecords:
    """One step before a job, and one after it."""

    results: Store
    prefix: str
    minimum: int

    def work(self, event: Mapping[str, Any]) -> dict[str, Any]:
        """Do the step that the event asks for."""
        run, model = str(event["run"]), str(event["model"])
        if not is_name(run):
            raise ValueError(f"{run!r} is no name of a run")
        desk = Desk(self.results, f"{self.prefix}{run}/")
        if "output_key" in event:
            done = desk.share_out(model, event["output_key"])
            log.write("replies shared out", run=run, model=model, asked=done["asked"], answered=done["answered"])
            return dict(done)
        merged = desk.merge(model, event["execution"], self.minimum)
        log.write("requests merged", run=run, model=model, records=merged["records"], asked=merged["asked"])
        return dict(merged)
