"""The evaluation runs of an environment."""

from dataclasses import dataclass

from arbiter.aws.objects import Objects
from arbiter.evaluation.run.plan import Plan
from arbiter.store import ObjectMissingError
from cli.core.deployment import Deployment

RUNS = "evaluations/"


@dataclass(frozen=True, kw_only=True)
class ListedRun:
    """An evaluation run as its plan describes it."""

    run: str
    started_at: str
    started_by: str
    cases: int
    arms: tuple[str, ...]
    summarised: bool


def list_runs(deployment: Deployment) -> list[ListedRun]:
    """The evaluation runs of an environment, the latest first."""
    results = Objects(deployment.client("s3"), deployment.output("ResultsBucketName"))
    runs = (_listed(results, folder) for folder in results.folders(RUNS))
    return sorted((run for run in runs if run), key=lambda run: (run.started_at, run.run), reverse=True)


def _listed(results: Objects, folder: str) -> ListedRun | None:
    """A folder without a plan holds cases alone: nothing was started, or the start was refused."""
    try:
        plan = Plan.parse(results.read(f"{folder}run.json"))
    except ObjectMissingError:
        return None
    return ListedRun(
        run=plan.run,
        started_at=plan.started_at,
        started_by=plan.started_by or "",
        cases=plan.cases,
        arms=tuple(arm.name for arm in plan.arms),
        summarised=any(results.listing(f"{folder}summary.json")),
    )
