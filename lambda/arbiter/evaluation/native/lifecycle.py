"""A run's native evaluation jobs from their start to the scores that they leave."""

import json
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from arbiter.evaluation.native import jobs as native
from arbiter.evaluation.native import request as native_request
from arbiter.evaluation.native.bedrock import JobError, Jobs
from arbiter.evaluation.native.records import WAITING, NativeRecords, failed, is_open
from arbiter.evaluation.run.batches import read_batch
from arbiter.evaluation.run.keys import answer_key, plan_key
from arbiter.evaluation.run.plan import Plan, Record
from arbiter.store import ObjectMissingError, Store

READERS = 32
AT_ONCE = 200
LONGEST_HOURS = 24
LONGEST = timedelta(hours=LONGEST_HOURS)
"""A job that takes longer is stopped: the run waits for it."""
ENDED_WITHOUT = frozenset({"Failed", "Stopped"})


@dataclass(frozen=True, kw_only=True)
class NativeJobs:
    """One job for each judge and arm; its record says how it stands, whatever becomes of it."""

    results: Store
    jobs: Jobs
    role_arn: str
    environment: str
    now: Callable[[], datetime]

    def start(self, run: str, execution: str) -> int:
        """Start every job that has not judged these very answers yet; none for a run that is planned without."""
        plan = Plan.parse(self.results.read(plan_key(run)))
        if not plan.native_jobs:
            return 0
        cases = read_batch(self.results.read(plan.cases_key))
        records = NativeRecords(self.results, run)
        kept = {(record["judge"], record["arm"]): record for record in records.all()}
        for arm in plan.arms:
            data = native.dataset(cases, partial(self._answered, run, arm.name), arm.name)
            key = native.dataset_key(run, arm.name)
            self.results.write(key, data.content, content_type="application/jsonl")
            for judge in plan.judges:
                records.keep(self._judged(run, judge, arm.name, data, execution, kept.get((judge, arm.name))))
            if records.has_ended(execution):
                records.stop(self.jobs, execution, "its run has ended while its jobs were started")
                return 0
        return sum(1 for _ in records.open())

    def follow(self, run: str, execution: str) -> int:
        """Look at every job that goes on; gives how many still do."""
        del execution
        records = NativeRecords(self.results, run)
        for record in list(records.open()):
            if (looked := self._looked_at(record)) != record:
                records.keep(looked)
        return sum(1 for _ in records.open())

    def _judged(
        self, run: str, judge: str, arm: str, data: native.Dataset, execution: str, before: Record | None
    ) -> Record:
        """The record of a judge and arm: what is there of these answers is taken over, and paid for once."""
        if before and before["dataset"] == data.digest and not before["failure"]:
            return {**before, "execution": execution}
        if before and is_open(before):
            self._abandon(before)
        return self._started(run, judge, arm, data, execution)

    def _looked_at(self, record: Record) -> Record:
        try:
            return self._followed(record)
        except JobError as error:
            if error.passing and not self._is_late(record):
                return record
            self._abandon(record)
            return failed(record, record["status"], error.code, str(error))
        except (ObjectMissingError, ValueError) as error:
            return failed(record, record["status"], "unreadable", str(error))

    def _started(self, run: str, judge: str, arm: str, data: native.Dataset, execution: str) -> Record:
        name = native_request.job_name(run, judge, arm, f"{self.environment} {data.digest} {execution}")
        record = {
            "run": run,
            "judge": judge,
            "arm": arm,
            "execution": execution,
            "job": {"name": name, "arn": None},
            "status": WAITING,
            "started_at": self.now().isoformat(),
            **data.dump(),
            "failure": None,
            "scores": [],
            "unscored": [],
        }
        if not data.case_ids:
            return failed(record, "NotCreated", "no_answers", "the arm has no answer that could be judged")
        request = native_request.request(
            name=name,
            judge=judge,
            arm=arm,
            referenced=data.referenced,
            role_arn=self.role_arn,
            uri=self.results.uri(native.dataset_key(run, arm)),
            output=self.results.uri(native.output_prefix(run)),
            environment=self.environment,
        )
        try:
            return {**record, "job": {"name": name, "arn": self.jobs.create(request)}}
        except JobError as error:
            return failed(record, "NotCreated", error.code, str(error))

    def _followed(self, record: Record) -> Record:
        job = self.jobs.describe(record["job"]["arn"])
        if job.status == "Completed":
            return self._read(record)
        if job.status in ENDED_WITHOUT:
            reason = "; ".join(job.failures) or "Bedrock gives no reason"
            return failed(record, job.status, job.status.lower(), reason)
        if self._is_late(record):
            self._abandon(record)
            return failed(record, job.status, "timed_out", f"the job took more than {LONGEST_HOURS} hours")
        return record

    def _abandon(self, record: Record) -> None:
        """Have a job stopped, as far as that can be had: nobody will read its results."""
        with suppress(JobError):
            self.jobs.stop(record["job"]["arn"])

    def _read(self, record: Record) -> Record:
        run, name = record["run"], record["job"]["name"]
        listed = self.results.listing(f"{native.output_prefix(run)}{name}/")
        keys = [item.key for item in listed if item.key.endswith("_output.jsonl")]
        if not keys:
            return failed(record, "Completed", "no_results", "the job is completed and left no results")
        content = self.results.read(native.dataset_key(run, record["arm"]))
        scores = native.read_results(content, record["case_ids"], map(self.results.read, keys))
        return {**record, "status": "Completed", **scores._asdict()}

    def _answered(self, run: str, arm: str, cases: Sequence[Record]) -> Iterator[tuple[Record, Record]]:
        """The arm's responses in the order of the cases, no more of them read than are taken."""
        with ThreadPoolExecutor(READERS) as readers:
            for start in range(0, len(cases), AT_ONCE):
                some = cases[start : start + AT_ONCE]
                keys = [answer_key(run, case["id"], arm) for case in some]
                for case, record in zip(some, readers.map(self._record, keys), strict=True):
                    if record and "response" in record:
                        yield case, record["response"]

    def _is_late(self, record: Record) -> bool:
        return self.now() - datetime.fromisoformat(record["started_at"]) > LONGEST

    def _record(self, key: str) -> Record | None:
        try:
            return dict(json.loads(self.results.read(key)))
        except ObjectMissingError:
            return None
