"""Every question of a run with all its answers, as the page shows them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Any

from arbiter.evaluation.run.plan import Plan
from arbiter.evaluation.verdicts.document import PairVerdicts, Verdict
from cli.reporting.figures.agreement import scores_by_judge
from cli.reporting.run.records import Records

EXCERPT = 700
TIE = "tie"
NOBODY = ""

Entry = Mapping[str, Any]


@dataclass(frozen=True)
class ShownVerdict:
    """One verdict of one judge; a failed one has a failure and no score."""

    judge: str
    repeat: int
    score: float | None
    reason: str
    criteria: Sequence[tuple[str, int]]
    failure: str


@dataclass(frozen=True)
class Citation:
    """A passage that an answer rests on."""

    source: str
    score: float | None
    excerpt: str


@dataclass(frozen=True)
class Shown:
    """One arm's answer, or what came instead of it."""

    arm: str
    index: int
    """Of the arm; it decides the colour."""
    response: Entry | None
    failure: str
    score: float | None
    verdicts: Sequence[ShownVerdict]
    citations: Sequence[Citation]


@dataclass(frozen=True)
class Question:
    """One case with everything that became of it."""

    id: str
    text: str
    reference: str
    tags: Sequence[str]
    document: str
    answers: Sequence[Shown]
    winner: str
    apart: float
    """How many points the judges lie apart on the answer that they disagree on most."""
    failed: bool
    pairs: Sequence[PairVerdicts]


def questions(plan: Plan, records: Records) -> list[Question]:
    """The cases in their own order, each with one answer an arm."""
    given = {(record["case"]["id"], record["arm"]): record for record in records.answers}
    judged = {(record["case_id"], record["arm"]): record["verdicts"] for record in records.verdicts}
    cases = {case["id"]: case for case in (*records.cases, *(record["case"] for record in records.answers))}
    paired: dict[str, list[PairVerdicts]] = {}
    for record in records.pairs:
        paired.setdefault(record["case_id"], []).append(record)
    by_judge = scores_by_judge(records.verdicts)
    return [
        _question(
            case,
            [
                _shown(
                    arm.name,
                    index,
                    given.get((id_, arm.name)),
                    judged.get((id_, arm.name), ()),
                    _score(by_judge, plan.judges, (id_, arm.name)),
                )
                for index, arm in enumerate(plan.arms)
            ],
            paired.get(id_, ()),
        )
        for id_, case in cases.items()
        if records.shown is None or id_ in records.shown
    ]


def _score(
    by_judge: Mapping[str, Mapping[tuple[str, str], float]], judges: Sequence[str], answer: tuple[str, str]
) -> float | None:
    """The mean over the judges, when every one of them gave a score."""
    given = [by_judge.get(judge, {}).get(answer) for judge in judges]
    scores = [score for score in given if score is not None]
    return fmean(scores) if scores and len(scores) == len(given) else None


def _question(case: Entry, answers: Sequence[Shown], pairs: Sequence[PairVerdicts]) -> Question:
    return Question(
        id=case["id"],
        text=str(case.get("question", "")),
        reference=str(case.get("reference") or ""),
        tags=[str(tag) for tag in case.get("tags") or ()],
        document=str(case.get("document") or ""),
        answers=answers,
        winner=_winner(answers),
        apart=max((_apart(shown.verdicts) for shown in answers), default=0.0),
        failed=any(shown.failure or any(verdict.failure for verdict in shown.verdicts) for shown in answers),
        pairs=pairs,
    )


def _winner(answers: Sequence[Shown]) -> str:
    """The arm with the best score; nobody wins where only one has a score."""
    scores = {shown.arm: shown.score for shown in answers if shown.score is not None}
    if len(scores) < 2:
        return NOBODY
    best = [arm for arm, score in scores.items() if score == max(scores.values())]
    return best[0] if len(best) == 1 else TIE


def _apart(verdicts: Sequence[ShownVerdict]) -> float:
    scores: dict[str, list[float]] = {}
    for verdict in verdicts:
        if verdict.score is not None:
            scores.setdefault(verdict.judge, []).append(verdict.score)
    means = [fmean(given) for given in scores.values()]
    return max(means) - min(means) if means else 0.0


def _shown(arm: str, index: int, record: Entry | None, verdicts: Sequence[Verdict], score: float | None) -> Shown:
    response = (record or {}).get("response")
    return Shown(
        arm=arm,
        index=index,
        response=response,
        failure="" if response else _failure(record),
        score=score,
        verdicts=[_verdict(item) for item in verdicts],
        citations=[_citation(item) for item in (response or {}).get("citations") or ()],
    )


def _failure(record: Entry | None) -> str:
    if record is None:
        return "There is no record of an answer: the run did not get to it."
    error = record.get("error") or {}
    return f"{error.get('code', 'unknown')}: {error.get('message', '')}"


def _verdict(given: Verdict) -> ShownVerdict:
    failure = given.get("failure")
    return ShownVerdict(
        judge=given["judge"],
        repeat=given.get("repeat", 0),
        score=None if failure else given.get("score"),
        reason=given.get("reason", ""),
        criteria=[(name, value) for name, value in given.get("scores", {}).items() if value is not None],
        failure=f"{failure['code']}: {failure['message']}" if failure else "",
    )


def _citation(item: Entry) -> Citation:
    text = " ".join(str(item.get("text") or "").split())
    uri = str(item.get("uri") or "")
    source = uri.removeprefix("s3://").partition("/")[2] or uri
    return Citation(source, item.get("score"), text if len(text) <= EXCERPT else text[:EXCERPT] + " …")
