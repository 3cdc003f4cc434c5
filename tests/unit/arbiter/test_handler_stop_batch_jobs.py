"""An execution that has ended leaves no batch inference job of its own, and touches no other's."""

from arbiter.batch_inference.desk import job_prefix
from arbiter.handlers.stop_batch_jobs import Stopping


class FakeJobs:
    """Jobs by name; the one called `late` has just ended by itself."""

    def __init__(self, *names: str) -> None:
        self.names, self.stopped = names, list[str]()

    def going_on(self, prefix: str) -> list[str]:
        return [name for name in self.names if name.startswith(prefix)]

    def stop(self, arn: str) -> bool:
        if arn.endswith("late"):
            return False
        self.stopped.append(arn)
        return True


def test_an_executions_own_jobs_are_stopped() -> None:
    own = job_prefix("arn:one")
    jobs = FakeJobs(f"{own}a", f"{own}late", f"{job_prefix('arn:two')}a")
    done = Stopping(jobs).stop({"detail": {"executionArn": "arn:one", "status": "ABORTED"}})

    assert done == {"stopped": jobs.stopped} == {"stopped": [f"{own}a"]}
