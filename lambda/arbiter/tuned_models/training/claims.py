"""Claims of training runs: what only one run may use at a time, until that run has ended.

A run claims the name of its model before it trains, so that two runs on the same data make one model, and its turn
before it is hosted, so that a gate asks the model that its own run nominated. A claim ends with the run's record: no
run can leave one behind.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol

from arbiter.tuned_models.training.record import TRAINING
from arbiter.tuned_models.training.records import Records

LONGEST_RUN = timedelta(days=5)
"""More than an execution of the pipeline may take: a record that says "running" for longer was never completed."""
TURN = "turn"
"""The claim on hosting, nomination and gate."""


class ClaimedByAnotherRun(RuntimeError):  # noqa: N818 - the name is what the pipeline waits on
    """Another run uses it; the message names the run."""


class ClaimStore(Protocol):
    """Objects that are written on a condition, as S3 offers it."""

    def create(self, key: str, body: bytes, *, content_type: str) -> bool:
        """Write an object unless there is one; returns whether there was none."""

    def read_tagged(self, key: str) -> tuple[bytes, str]:
        """Content and ETag of an object; LookupError when there is none."""

    def replace(self, key: str, body: bytes, *, etag: str, content_type: str) -> bool:
        """Write an object that still has an ETag; returns whether it had."""


@dataclass(frozen=True)
class Claims:
    """The claims of one environment."""

    store: ClaimStore
    records: Records
    now: Callable[[], datetime]

    def model(self, name: str, run: str) -> None:
        """Claim the name of a custom model for a run."""
        self._hold(f"models/{name}", run, f"the same data and settings are being trained on by run {{holder}} ({name})")

    def turn(self, run: str) -> None:
        """Claim hosting, nomination and gate for a run.

        Raises:
            ClaimedByAnotherRun: another run has not ended.
        """
        self._hold(TURN, run, "run {holder} is being hosted, or its gate asks the model that it nominated")

    def _hold(self, name: str, run: str, reason: str) -> None:
        key, body = f"{TRAINING}claims/{name}", run.encode()
        if not self.store.create(key, body, content_type="text/plain"):
            holder, etag = self._holder(key)
            if holder != run and self._runs(holder):
                self._wait(run, reason.format(holder=holder))
            elif holder != run and not self.store.replace(key, body, etag=etag, content_type="text/plain"):
                self._wait(run, "another run was quicker")
        self.records.change(run, lambda record: replace(record, waits_for=None) if record.waits_for else record)

    def _holder(self, key: str) -> tuple[str, str]:
        content, etag = self.store.read_tagged(key)
        return content.decode(), etag

    def _runs(self, run: str) -> bool:
        record = self.records.find(run)
        if record is None or record.status != "running" or record.started_at is None:
            return False
        return self.now() - datetime.fromisoformat(record.started_at) < LONGEST_RUN

    def _wait(self, run: str, reason: str) -> None:
        self.records.change(run, lambda record: replace(record, waits_for=reason))
        raise ClaimedByAnotherRun(reason)
