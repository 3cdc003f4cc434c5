"""`auto` in an evaluation: the answers of the arms it chose, against the best single technique and the oracle."""

from collections.abc import Iterable, Mapping, Sequence
from statistics import fmean, median
from typing import Any, NamedTuple, NotRequired, TypedDict

from arbiter.evaluation.numbers.clusters import Documents, evidence
from arbiter.evaluation.numbers.comparison import Bounds, Comparison, Scores, compare_parts
from arbiter.evaluation.numbers.oracle import best_of, ratings
from arbiter.evaluation.numbers.records import known_sum
from arbiter.evaluation.numbers.scoreboard import Scoreboard
from arbiter.evaluation.numbers.statistics import HIGHEST, mean, mean_interval
from arbiter.evaluation.run.arms import Arm
from arbiter.modes import AUTO, Mode

_APART = {"not_distinguishable": " (not distinguishable)", "too_few": " (too few questions to tell them apart)"}


class Routed(NamedTuple):
    """The mode that `auto` chose for a case, and the scores that it went by."""

    case: str
    mode: Mode
    grounded: float
    specialised: float


class AutoSummary(TypedDict):
    """The answers that callers in `auto` get, on the cases that every technique of the run has a score for."""

    prefer: NotRequired[str]
    """The preference of the requests; of the first versions quality."""
    routed: int
    unmeasured: int
    """Cases whose mode is no arm of the run: the same without the tuned model counts in its place."""
    shares: dict[str, float]
    """Share of the cases that each mode was chosen for."""
    n: int
    mean: float | None
    interval: Bounds | None
    best: str | None
    """The single technique with the highest score."""
    best_mean: float | None
    against_best: Comparison | None
    oracle_loss: float | None
    """Points to the best answer to each case, whatever the technique; `None` where one rating alone is no check."""
    oracle_interval: NotRequired[Bounds | None]
    """None in summaries of former versions, whose loss took the noise of the judges for quality."""
    median_ms: float | None
    per_answer_usd: float | None


def routed(record: Mapping[str, Any]) -> list[Routed]:
    """The choices in a record of a batch; raises as the readers of other records do for what is none."""
    return [
        Routed(
            str(one["case"]),
            Mode(one["mode"]),
            float(one["decision"]["grounded"]["score"]),
            float(one["decision"]["specialised"]["score"]),
        )
        for one in record["decisions"]
    ]


def single_techniques(arms: Iterable[Arm]) -> dict[Mode, str]:
    """The arms that are a mode as callers get it, by mode."""
    plain = {arm.name: arm.mode for arm in arms if arm == Arm(arm.mode.value, arm.mode)}
    return {mode: name for name, mode in plain.items()}


def answered_by(mode: Mode, arms: Mapping[Mode, str]) -> str | None:
    """The arm that answers for a mode: its own, else that without the tuned model, as a router without one does."""
    return arms.get(mode) or arms.get(Mode.of(grounded=mode.grounded, specialised=False))


def auto_summary(
    board: Scoreboard, arms: Sequence[Arm], choices: Sequence[Routed], *, seed: str, prefer: str = "quality"
) -> AutoSummary:
    """`auto` in numbers; nothing was answered or judged for it."""
    single = single_techniques(arms)
    chosen = {board.cases[one.case]: answered_by(one.mode, single) for one in choices if one.case in board.cases}
    scores = {name: board.scores[name] for name in single.values()}
    cases = sorted(case for case in chosen if chosen[case] and all(case in own for own in scores.values()))
    own = {case: board.scores[str(chosen[case])][case] for case in cases}
    best = max(scores, key=lambda name: fmean(scores[name][case] for case in cases)) if cases else None
    losses = _to_the_best(board, own, list(scores))
    lost = evidence(losses, board.documents).values
    answers = [board.answers[str(chosen[case]), case] for case in cases]
    timed = [answer.timing.total for answer in answers if answer.timing and answer.timing.total is not None]
    cost = known_sum(answer.cost_usd for answer in answers)
    values = list(own.values())
    return {
        "prefer": prefer,
        "routed": len(choices),
        "unmeasured": sum(one.mode not in single for one in choices),
        "shares": {mode.value: sum(one.mode is mode for one in choices) / len(choices) for mode in Mode},
        "n": len(cases),
        "mean": fmean(values) if values else None,
        "interval": mean_interval(evidence(own, board.documents).values, seed=f"{seed}/{AUTO}"),
        "best": best,
        "best_mean": fmean(scores[best][case] for case in cases) if best else None,
        "against_best": _against(best, own, scores, board.documents, seed) if best else None,
        "oracle_loss": mean([*losses.values()]),
        "oracle_interval": mean_interval(lost, seed=f"{seed}/oracle", lowest=-HIGHEST, highest=HIGHEST),
        "median_ms": float(median(timed)) if timed else None,
        "per_answer_usd": cost / len(answers) if cost is not None and answers else None,
    }


def _against(best: str, own: Mapping[int, float], scores: Scores, documents: Documents, seed: str) -> Comparison:
    """`auto` beside the best technique, corrected for that having been chosen among several."""
    (rows,) = compare_parts({seed: {AUTO: own, **scores}}, documents=documents, to=AUTO)
    return next(row for row in rows if row["b"] == best)


def _to_the_best(board: Scoreboard, own: Mapping[int, float], arms: Sequence[str]) -> dict[int, float]:
    """How far the answer of `auto` to each case is below the best one, where the judges can tell without bias."""
    verdicts = {cell: judged for cell, judged in board.judged() if cell[0] in arms and cell[1] in own}
    rated = {case: best_of(ratings({arm: verdicts[arm, case] for arm in arms})) for case in own}
    return {case: best - own[case] for case, best in rated.items() if best is not None}


def measured_modes(summary: Mapping[str, Any], arms: Iterable[Arm]) -> dict[str, dict[str, float]]:
    """The median time and the mean length of an answer, by mode: what the limits of a request are held against."""
    names = {name: mode for mode, name in single_techniques(arms).items()}
    return {
        names[arm["name"]].value: {
            "milliseconds": arm["latency_ms"]["total"]["median"],
            "output_tokens": arm["tokens"]["mean_output"],
        }
        for arm in summary["arms"]
        if arm["name"] in names and arm["latency_ms"]["total"] and arm["tokens"]["mean_output"]
    }


def sentence_on(auto: AutoSummary) -> str:
    """A sentence on what `auto` gains or loses."""
    prefer = auto.get("prefer", "quality")
    chose = "auto chose " if prefer == "quality" else f"auto, preferring {prefer}, chose "
    chose += ", ".join(f"{mode} {share:.0%}" for mode, share in auto["shares"].items() if share)
    if auto["mean"] is None or auto["best_mean"] is None:
        return f"{chose}; no question has a score of every technique."
    loss = auto["best_mean"] - auto["mean"]
    side = f"{abs(loss):.2f} points {'below' if loss > 0 else 'above'}" if abs(loss) >= 0.005 else "level with"
    verdict = auto["against_best"]["verdict"] if auto["against_best"] else "too_few"
    best = f"{auto['best']}, the best single technique{_APART.get(verdict, '')}"
    lacking = f"; {auto['unmeasured']} of its choices are no technique of the run" if auto["unmeasured"] else ""
    return f"{chose}: {auto['mean']:.2f} of 10, {side} {best}{_below(auto)}{lacking}."


def _below(auto: AutoSummary) -> str:
    """The loss to the best answer to each question, as far as it is no noise of the judges."""
    loss, interval = auto["oracle_loss"], auto.get("oracle_interval")
    if loss is None or interval is None:
        return "; how far below the best answer to each question cannot be said"
    sentence = f"below the best answer to each of {auto['n']:,} questions"
    sure = f"95 % interval {interval[0]:.2f} to {interval[1]:.2f}, each answer chosen by other judges than score it"
    return (
        f", and {loss:.2f} {sentence} ({sure})" if interval[0] > 0 else f", and not distinguishably {sentence} ({sure})"
    )
