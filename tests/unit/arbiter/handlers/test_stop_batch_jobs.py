"""An execution that has ended leaves no batch inference job of its own, and touches no other's."""

import pytest

from arbiter.batch_inference.desk import job_prefix
from arbiter.handlers.stop_batch_jobs import Stopping


class FakeJobs:
    """Jobs by name; the one called `late` has just ended by itself, and `stuck` cannot be stopped."""

    def __init__(self, *names: str) -> None:
        self.names, self.stopped = names, list[str]()

    def going_on(self, prefix: str) -> list[str]:
        return [name for name in self.names if name.startswith(prefix)]

    def stop(self, arn: str) -> bool:
        if arn.endswith("late"):
            return False
        if arn.endswith("stuck"):
            raise PermissionError(arn)
        self.stopped.append(arn)
        return True


def test_an_executions_own_jobs_are_stopped() -> None:
    own = job_prefix("arn:one")
    jobs = FakeJobs(f"{own}a", f"{own}late", f"{job_prefix('arn:two')}a")
    done = Stopping(jobs).stop({"detail": {"executionArn": "arn:one", "status": "ABORTED"}})

    assert done == {"stopped": jobs.stopped} == {"stopped": [f"{own}a"]}


def test_a_job_that_cannot_be_stopped_leaves_no_other_running_and_is_told() -> None:
    own = job_prefix("arn:one")
    jobs = FakeJobs(f"{own}stuck", f"{own}a", f"{own}b")
    with pytest.raises(PermissionError):
        Stopping(jobs).stop({"detail": {"executionArn": "arn:one", "status": "ABORTED"}})
    assert jobs.stopped == [f"{own}a", f"{own}b"]
