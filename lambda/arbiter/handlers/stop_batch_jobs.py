"""The function that stops the batch inference jobs of an execution that will not read their replies."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Protocol

from arbiter import log
from arbiter.aws.batch_jobs import BatchJobs
from arbiter.batch_inference.desk import job_prefix


class Jobs(Protocol):
    """Batch inference jobs."""

    def going_on(self, prefix: str) -> Iterable[str]: ...

    def stop(self, arn: str) -> bool: ...


def handler(event: Mapping[str, Any], context: object) -> dict[str, Any]:
    """Stop what an execution left: *Step Functions Execution Status Change*, as EventBridge sends it."""
    return _stopping().stop(event)


@cache
def _stopping() -> "Stopping":
    return Stopping(BatchJobs.connect())


@dataclass(frozen=True)
class Stopping:
    """Stops every job that bears the execution's mark in its name."""

    jobs: Jobs

    def stop(self, event: Mapping[str, Any]) -> dict[str, Any]:
        """Stop them; says which.

        Raises:
            Exception: what kept one from being stopped, once the others are.
        """
        execution, stopped, unstopped = event["detail"]["executionArn"], list[str](), list[Exception]()
        for arn in list(self.jobs.going_on(job_prefix(execution))):
            try:
                if self.jobs.stop(arn):
                    stopped.append(arn)
            except Exception as error:  # One job that is not to be stopped must not leave the others running.
                unstopped.append(error)
        log.write("batch inference jobs stopped", execution=execution, jobs=len(stopped))
        if unstopped:
            raise unstopped[0]
        return {"stopped": stopped}
