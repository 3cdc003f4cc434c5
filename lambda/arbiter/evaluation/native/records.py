"""The records of a run's native evaluation jobs: how each job stands, and which execution it belongs to."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

from arbiter.evaluation.native.bedrock import Jobs
from arbiter.evaluation.run.plan import Record
from arbiter.store import Store, exists

WAITING = "InProgress"
STOPPED = "Stopped"
JSON = "application/json"

_NOT_IN_KEYS = re.compile(r"[^A-Za-z0-9._-]+")


def records_prefix(run: str) -> str:
    return f"evaluations/{run}/native/"


def record_key(run: str, judge: str, arm: str) -> str:
    return f"{records_prefix(run)}{_NOT_IN_KEYS.sub('-', judge)}--{arm}.json"


def end_key(run: str, execution: str) -> str:
    return f"evaluations/{run}/native_jobs/ended/{execution}.json"


@dataclass(frozen=True)
class NativeRecords:
    """The records of one run."""

    store: Store
    run: str

    def all(self) -> Iterator[Record]:
        for item in list(self.store.listing(records_prefix(self.run))):
            yield dict(json.loads(self.store.read(item.key)))

    def open(self) -> Iterator[Record]:
        """Those of jobs that are waited for."""
        return filter(is_open, self.all())

    def keep(self, record: Record) -> None:
        key = record_key(self.run, record["judge"], record["arm"])
        self.store.write(key, json.dumps(record, indent=2).encode(), content_type=JSON)

    def stop(self, jobs: Jobs, execution: str, why: str) -> list[str]:
        """Stop the jobs of an execution; gives the ARNs of those that had not ended by themselves.

        Raises:
            Exception: what kept one from being stopped, once the others are.
        """
        stopped, unstopped = list[str](), list[Exception]()
        for record in [record for record in self.open() if record["execution"] == execution]:
            arn = str(record["job"]["arn"])
            try:
                going_on = jobs.stop(arn)
            except Exception as error:  # One job that is not to be stopped must not leave the others running.
                unstopped.append(error)
                continue
            if going_on:
                self.keep(failed(record, STOPPED, "stopped", why))
                stopped.append(arn)
        if unstopped:
            raise unstopped[0]
        return stopped

    def end(self, execution: str) -> None:
        """Note that an execution has ended: whoever starts jobs for it finds that out afterwards, and stops them."""
        self.store.write(end_key(self.run, execution), b"{}", content_type=JSON)

    def has_ended(self, execution: str) -> bool:
        return exists(self.store, end_key(self.run, execution))


def failed(record: Record, status: str, code: str, message: str) -> Record:
    """The record of a job that will give no scores."""
    return {**record, "status": status, "failure": {"code": code, "message": message}}


def is_open(record: Record) -> bool:
    return record["status"] == WAITING and not record["failure"]
