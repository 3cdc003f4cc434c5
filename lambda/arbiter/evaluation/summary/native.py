"""What Bedrock's own evaluation jobs say of a run, in the numbers of its summary."""

from collections import Counter
from collections.abc import Iterable, Mapping
from statistics import fmean
from typing import Any, NamedTuple

from arbiter.evaluation.numbers.agreement import spearman
from arbiter.evaluation.numbers.scoreboard import Scoreboard
from arbiter.evaluation.numbers.statistics import HIGHEST, mean, mean_interval

Row = dict[str, Any]


class NativeJob(NamedTuple):
    """One job's record, without its texts."""

    judge: str
    arm: str
    status: str
    cases: int
    scores: Mapping[str, float]
    """By case."""
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
        scores={str(one["case_id"]): float(one["score"]) for one in record["scores"]},
        unscored=dict(Counter(str(one["code"]) for one in record["unscored"])),
        left_out=dict(record["left_out"]),
        failure=f"{failure['code']}: {failure['message']}" if failure else None,
    )


def native_rows(run: Mapping[str, Any], jobs: Iterable[NativeJob], board: Scoreboard) -> list[Row]:
    """A row for each judge and arm of the run; what an earlier start of it left for others is not told."""
    found = {(job.judge, job.arm): job for job in jobs}
    places = [(judge, arm["name"]) for judge in run.get("judges") or () for arm in run["arms"]]
    ours = _by_judge_and_arm(board) if found else {}
    return [_row(str(run["run"]), found[place], ours.get(place, {})) for place in places if place in found]


def native_lacking(summary: Mapping[str, Any]) -> int:
    """How many jobs of a run gave no scores."""
    return sum(1 for row in summary.get("native", ()) if row["failure"] or row["status"] != "Completed")


def _by_judge_and_arm(board: Scoreboard) -> dict[tuple[str, str], dict[str, float]]:
    """What each judge said when it was asked by us: its mean score of every answer, by case."""
    cases = {place: case for case, place in board.cases.items()}
    found: dict[tuple[str, str], dict[str, float]] = {}
    for (arm, place), by_judge in board.judged():
        for judge, verdicts in by_judge.items():
            score = fmean(verdict.score for verdict in verdicts if verdict.score is not None)
            found.setdefault((judge, arm), {})[cases[place]] = score
    return found


def _row(run: str, job: NativeJob, ours: Mapping[str, float]) -> Row:
    scores, seed = list(job.scores.values()), f"{run}/native/{job.judge}/{job.arm}"
    return {
        "judge": job.judge,
        "arm": job.arm,
        "status": job.status,
        "cases": job.cases,
        "n": len(scores),
        "mean": mean(scores),
        "interval": mean_interval(scores, seed=seed),
        "ours": _beside(job.scores, ours, seed=f"{seed}/ours"),
        "unscored": dict(job.unscored),
        "left_out": dict(job.left_out),
        "failure": job.failure,
    }


def _beside(scores: Mapping[str, float], ours: Mapping[str, float], *, seed: str) -> Row:
    """The same judge on the same answers, asked by us; the difference is Bedrock's score less ours."""
    both = [case for case in scores if case in ours]
    theirs, own = [scores[case] for case in both], [ours[case] for case in both]
    differences = [a - b for a, b in zip(theirs, own, strict=True)]
    return {
        "n": len(both),
        "mean": mean(own),
        "difference": mean(differences),
        "interval": mean_interval(differences, seed=seed, lowest=-HIGHEST, highest=HIGHEST),
        "spearman": spearman(theirs, own),
    }
