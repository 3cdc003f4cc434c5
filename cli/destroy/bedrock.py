"""Models, what hosts them, jobs and executions: the parts that no stack holds, or that outlive theirs."""

import time
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from functools import partial
from typing import Any

from botocore.exceptions import ClientError

from arbiter.aws.batch_jobs import BatchJobs
from arbiter.aws.custom_models import CustomModels
from arbiter.aws.customization import Customization
from arbiter.aws.evaluation_jobs import EvaluationJobs
from arbiter.evaluation.native.bedrock import JobError
from arbiter.tuned_models.hosting.retirement import Kind, Resource, remove
from cli.core.deployment import Deployment
from cli.destroy.parts import Part
from cli.destroy.prices import Prices
from cli.destroy.workers import Workers
from cli.models.inventory import Host, Inventory

TRAINING, BATCH, EVALUATION, ENDED = "training job", "batch inference job", "evaluation job", "ended evaluation job"
EXECUTION = "execution"
HOSTED = "what hosts it is left"
GOING_ON = frozenset({"InProgress", "Stopping"})
PATIENCE_SECONDS = 1800.0
LONGEST_PAUSE = 5.0
DELETED_AT_ONCE = 25
"""botocore model: the most evaluation jobs in one request."""
AT_ONCE = 4


class BedrockParts:
    """Finds the parts of one environment by their tag, stops what runs and deletes what is there."""

    def __init__(self, deployment: Deployment, prices: Prices, workers: Workers) -> None:
        self._deployment, self._prices, self._workers = deployment, prices, workers
        self._client = deployment.client("bedrock", retries={"mode": "standard", "total_max_attempts": 8})
        self._stop: dict[str, Callable[[str], object]] = {
            TRAINING: Customization(self._client).stop,
            BATCH: BatchJobs(self._client).stop,
            EVALUATION: EvaluationJobs(self._client).stop,
        }

    def jobs(self) -> list[Part]:
        """Every job that has not ended."""
        inventory = Inventory(self._deployment)
        evaluations = (job for job in inventory.evaluation_jobs() if job["status"] in GOING_ON)
        kinds = {TRAINING: inventory.jobs(), BATCH: inventory.batch_jobs(), EVALUATION: evaluations}
        return [self._job(kind, job) for kind, listed in kinds.items() for job in listed]

    def ended_evaluations(self) -> list[Part]:
        """Evaluation jobs that have ended, which cost nothing and can be deleted."""
        listed = Inventory(self._deployment).evaluation_jobs()
        return [_part(ENDED, job) for job in listed if job["status"] not in (*GOING_ON, "Deleting")]

    def hosts(self) -> list[Part]:
        """Deployments and provisioned throughput."""
        return [self._host(host) for host in Inventory(self._deployment).hosts()]

    def models(self) -> list[Part]:
        """Custom models and imported ones."""
        inventory = Inventory(self._deployment)
        tuned = (
            Part(kind=Kind.MODEL, name=one["modelName"], id=one["modelArn"], month=self._prices.model(one))
            for one in inventory.models()
        )
        imported = (
            Part(kind=Kind.IMPORTED, name=one["modelName"], id=one["modelArn"], month=self._prices.imported())
            for one in inventory.imported()
        )
        return [*tuned, *imported]

    def stop_jobs(self) -> dict[str, str]:
        """Stop every job and wait for its end; returns why others go on, by ARN."""
        refused: dict[str, str] = {}
        for _ in self._looks():
            jobs = [job for job in self.jobs() if job.id not in refused]
            if not jobs:
                break
            for job in jobs:
                try:
                    self._stop[job.kind](job.id)
                except (ClientError, JobError) as error:
                    refused[job.id] = str(error)
        return refused

    def delete_ended_evaluations(self) -> None:
        """Delete the records of evaluation jobs."""
        ended = [job.id for job in self.ended_evaluations()]
        for start in range(0, len(ended), DELETED_AT_ONCE):
            self._client.batch_delete_evaluation_job(jobIdentifiers=ended[start : start + DELETED_AT_ONCE])

    def delete_models(self) -> dict[str, str]:
        """Delete what hosts models, then the models; returns why others stay, by ARN."""
        inventory, now = Inventory(self._deployment), datetime.now(UTC)
        hosts = [_resource(host) for host in inventory.hosts()]
        left = {
            host.arn: f"committed, and billed, until {host.committed_until:%Y-%m-%d %H:%M} UTC"
            for host in hosts
            if host.committed_until and host.committed_until > now
        }
        left |= self._removed(host for host in hosts if host.arn not in left)
        models = [Resource(Kind.MODEL, one["modelArn"]) for one in inventory.models()]
        hosted = {one.arn: HOSTED for one in models if any(host.arn in left for host in inventory.hosts(one.arn))}
        models += [Resource(Kind.IMPORTED, one["modelArn"]) for one in inventory.imported()]
        return left | hosted | self._removed(one for one in models if one.arn not in hosted)

    def _removed(self, resources: Iterable[Resource]) -> dict[str, str]:
        """Delete some at a time and see each gone; returns why others are not."""
        wanted, models = list(resources), CustomModels(self._client)
        reasons = self._workers.each(lambda one: self._reason(partial(remove, models, one)), wanted, at_once=AT_ONCE)
        return {one.arn: reason for one, reason in zip(wanted, reasons, strict=True) if reason}

    def _reason(self, deletion: Callable[[Callable[[], bool]], str | None]) -> str | None:
        looks = self._looks()
        next(looks)
        return deletion(lambda: next(looks, None) is not None)

    def _looks(self) -> Iterator[float]:
        """Looks at what goes on, at growing distances; they end when patience does."""
        pause, deadline = 0.1, time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline:
            yield pause
            self._workers.sleep(pause)
            pause = min(LONGEST_PAUSE, pause * 1.5)

    def _job(self, kind: str, job: dict[str, Any]) -> Part:
        return _part(kind, job, month=self._prices.running(kind))

    def _host(self, host: Host) -> Part:
        kind = Kind.THROUGHPUT if host.kind == "provisioned" else Kind.DEPLOYMENT
        return Part(kind=kind, name=host.name, id=host.arn, month=self._prices.host(host))


def _part(kind: str, job: dict[str, Any], **more: Any) -> Part:
    return Part(kind=kind, name=job["jobName"], id=job["jobArn"], **more)


def _resource(host: Host) -> Resource:
    kind = Kind.THROUGHPUT if host.kind == "provisioned" else Kind.DEPLOYMENT
    until = datetime.fromisoformat(host.committed_until) if host.committed_until else None
    return Resource(kind, host.arn, until)


class Executions:
    """The executions of some state machines."""

    def __init__(self, deployment: Deployment, sleep: Callable[[float], None]) -> None:
        self._client, self._sleep = deployment.client("stepfunctions"), sleep

    def running(self, machines: Iterable[str]) -> list[Part]:
        """Executions that have not ended; none of a machine that is gone."""
        return [Part(kind=EXECUTION, name=one["name"], id=one["executionArn"]) for one in self._listed(machines)]

    def stop(self, machines: Iterable[str]) -> None:
        """Stop them, those too that begin meanwhile."""
        wanted = list(machines)
        for _ in range(20):
            running = self.running(wanted)
            if not running:
                return
            for one in running:
                self._client.stop_execution(
                    executionArn=one.id, error="Destroyed", cause="its environment is being destroyed"
                )
            self._sleep(0.5)

    def _listed(self, machines: Iterable[str]) -> Iterator[dict[str, Any]]:
        for machine in machines:
            pages = self._client.get_paginator("list_executions")
            try:
                for page in pages.paginate(stateMachineArn=machine, statusFilter="RUNNING"):
                    yield from page["executions"]
            except self._client.exceptions.StateMachineDoesNotExist:
                continue
