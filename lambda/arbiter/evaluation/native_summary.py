"""What Bedrock's own evaluation jobs say of a run, in the numbers of its summary."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from arbiter.evaluation.statistics import mean, mean_interval

Row = dict[str, Any]


class NativeJob(NamedTuple):
    """One job's record, without its texts."""

    judge: str
    arm: str
    status: str
    cases: int
    scores: tuple[float, ...]
    unscored: Mapping[str, int]
    left_out: Mapping[str, int]
    failure: str | None


def native_job(record: Mapping[str, Any]) -> NativeJob:
    """Read a record as the function that follows the jobs keeps it."""
    failure = record["failure"]
    return NativeJob(
        judge=str(record["judge"]),
        arm=str(record["arm"]),
        status=str(record["status"]),
        cases=len(record["case_ids"]),
        scores=tuple(float(one["score"]) for one in record["scores"]),
        unscored=dict(Counter(str(one["code"]) for one in record["unscored"])),
        left_out=dict(record["left_out"]),
        failure=f"{failure['code']}: {failure['message']}" if failure else None,
    )


def native_rows(run: Mapping[str, Any], jobs: Iterable[NativeJob]) -> list[Row]:
    """A row for each judge and arm of the run; what an earlier start of it left for others is not told."""
    found = {(job.judge, job.arm): job for job in jobs}
    places = [(judge, arm["name"]) for judge in run.get("judges") or () for arm in run["arms"]]
    return [_row(str(run["run"]), found[place]) for place in places if place in found]


def _row(run: str, job: NativeJob) -> Row:
    scores = list(job.scores)
    return {
        "judge": job.judge,
        "arm": job.arm,
        "status": job.status,
        "cases": job.cases,
        "n": len(scores),
        "mean": mean(scores),
        "interval": mean_interval(scores, seed=f"{run}/native/{job.judge}/{job.arm}"),
        "unscored": dict(job.unscored),
        "left_out": dict(job.left_out),
        "failure": job.failure,
    }
