"""Where the records of training runs are kept: read and written as a whole."""

from collections.abc import Callable
from dataclasses import dataclass

from arbiter.store import Store
from arbiter.tuned_models.training.record import TRAINING, TrainingRecord, record_key

JSON = "application/json"
TAKEN = ("running", "nominated")
"""How a run stands whose name nobody else may use."""


class RunExists(ValueError):  # noqa: N818 - part of what the pipeline catches by name
    """A name under which another execution runs, or has left a model."""


@dataclass(frozen=True)
class Records:
    """The records of one environment."""

    store: Store

    def find(self, run: str) -> TrainingRecord | None:
        """The record of a run; `None` when there is none.

        Raises:
            MalformedRecordError: what is there is no record.
        """
        try:
            return TrainingRecord.parse(self.store.read(record_key(run)))
        except LookupError:
            return None

    def begin(self, record: TrainingRecord) -> None:
        """Write the record of a run that begins; in place of one that failed, if it has to be.

        Raises:
            RunExists: the name is taken.
        """
        # Not looked for first: S3 does not say whether an object is missing to a role that may not list the bucket.
        if self.store.create(record_key(record.run), record.dumps().encode(), content_type=JSON):
            return
        known = self.find(record.run)
        if known and known.execution == record.execution and known.status not in TAKEN:
            raise RunExists(f"run {record.run!r} was stopped before its preparation began")
        if known and known.execution != record.execution and known.status in TAKEN:
            raise RunExists(f"run {record.run!r} exists already, as {known.execution}: use another name")
        self.write(record)

    def write(self, record: TrainingRecord) -> None:
        self.store.write(record_key(record.run), record.dumps().encode(), content_type=JSON)

    def claim(self, slot: str, run: str) -> None:
        """Note whose model a deployment is about to be given: nobody else cleans it up."""
        self.store.write(_claim_key(slot), run.encode(), content_type="text/plain")

    def claimant(self, slot: str) -> str | None:
        """The run that a deployment was last given to."""
        try:
            return self.store.read(_claim_key(slot)).decode()
        except LookupError:
            return None

    def change(self, run: str, change: Callable[[TrainingRecord], TrainingRecord]) -> TrainingRecord | None:
        """Change the record of a run that runs; one that has ended meanwhile stays as it ended."""
        record = self.find(run)
        if record is None or record.status != "running":
            return None
        changed = change(record)
        self.write(changed)
        return changed


def _claim_key(slot: str) -> str:
    return f"{TRAINING}slots/{slot}"
