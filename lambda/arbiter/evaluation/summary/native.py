"""The scores of Bedrock's own evaluation jobs, in the numbers of a run's summary."""

from collections import Counter
from collections.abc import Iterable, Mapping
from statistics import fmean
from typing import Any, NamedTuple, TypedDict

from arbiter.evaluation.numbers.agreement import spearman
from arbiter.evaluation.numbers.comparison import Bounds
from arbiter.evaluation.numbers.scoreboard import Scoreboard
from arbiter.evaluation.numbers.statistics import HIGHEST, mean, mean_interval
from arbiter.evaluation.run.plan import Plan
from arbiter.evaluation.summary.judges import FEWEST_ANSWERS

COMPLETED = "Completed"
GOING_ON = "was still going on when the run ended; the same command with --run and --native-jobs reads it"


class SameJudge(TypedDict):
    """The scores of the same judge on the same answers, asked by Arbiter."""

    n: int
    mean: float | None
    difference: float | None
    interval: Bounds | None
    spearman: float | None


class NativeScores(TypedDict):
    """The scores that one of Bedrock's own evaluation jobs gave."""

    judge: str
    arm: str
    status: str
    cases: int
    n: int
    mean: float | None
    interval: Bounds | None
    ours: SameJudge
    unscored: dict[str, int]
    left_out: dict[str, int]
    failure: str | None


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


def native_scores(plan: Plan, jobs: Iterable[NativeJob], board: Scoreboard) -> list[NativeScores]:
    """A row for each judge and arm of the run; jobs that an earlier start had for others are left out."""
    by_judge_and_arm = {(job.judge, job.arm): job for job in jobs}
    wanted = [(judge, arm.name) for judge in plan.judges for arm in plan.arms]
    ours = _by_judge_and_arm(board) if by_judge_and_arm else {}
    return [_row(plan.run, by_judge_and_arm[key], ours.get(key, {})) for key in wanted if key in by_judge_and_arm]


def why_no_scores(job: NativeScores) -> str:
    """The reason why a job has no scores; empty where it has."""
    return job["failure"] or ("" if job["status"] == COMPLETED else GOING_ON)


def _by_judge_and_arm(board: Scoreboard) -> dict[tuple[str, str], dict[str, float]]:
    """Each judge's mean score of every answer when it is asked by Arbiter, by case."""
    cases = {index: case for case, index in board.cases.items()}
    means: dict[tuple[str, str], dict[str, float]] = {}
    for (arm, index), by_judge in board.judged():
        for judge, verdicts in by_judge.items():
            score = fmean(verdict.score for verdict in verdicts if verdict.score is not None)
            means.setdefault((judge, arm), {})[cases[index]] = score
    return means


def _row(run: str, job: NativeJob, ours: Mapping[str, float]) -> NativeScores:
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


def _beside(scores: Mapping[str, float], ours: Mapping[str, float], *, seed: str) -> SameJudge:
    """The same judge's scores of the same answers, asked by Arbiter; the difference is Bedrock's score less ours."""
    both = [case for case in scores if case in ours]
    theirs, own = [scores[case] for case in both], [ours[case] for case in both]
    differences = [a - b for a, b in zip(theirs, own, strict=True)]
    return {
        "n": len(both),
        "mean": mean(own),
        "difference": mean(differences),
        "interval": mean_interval(differences, seed=seed, lowest=-HIGHEST, highest=HIGHEST),
        "spearman": spearman(theirs, own) if len(both) >= FEWEST_ANSWERS else None,
    }
