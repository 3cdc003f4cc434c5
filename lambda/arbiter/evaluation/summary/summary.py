"""The summary of an evaluation run: every number of the report, from the numbers of its records."""

from collections.abc import Iterable, Mapping, Sequence
from math import log
from typing import Any

from arbiter.evaluation.numbers.comparison import Comparison, compare_all
from arbiter.evaluation.numbers.length import scores_given_length
from arbiter.evaluation.numbers.records import GROUNDED, Answer, Pair, Verdicts, cites, known_sum
from arbiter.evaluation.numbers.scoreboard import Scoreboard
from arbiter.evaluation.numbers.statistics import mean, mean_interval
from arbiter.evaluation.summary.arms import arm_row
from arbiter.evaluation.summary.conclusion import conclude
from arbiter.evaluation.summary.judges import judges_agreement, preferences
from arbiter.evaluation.summary.native import NativeJob, native_rows
from arbiter.modes import Mode

__all__ = ["GROUNDED", "MODES", "cites", "summarise"]

MODES = tuple(mode.value for mode in Mode)
MOST_TAGS = 50
"""Tags that are compared, the most frequent ones: a tag on every question apart says nothing."""
MOST_PAIRED_BY_TAG = 6
"""Arms of which all pairs are compared tag by tag."""
DECIMALS = 9

Row = dict[str, Any]


def summarise(
    run: Mapping[str, Any],
    tags: Mapping[str, Sequence[str]],
    answers: Iterable[Answer],
    verdicts: Iterable[Verdicts] = (),
    pairs: Iterable[Pair] = (),
    *,
    native: Iterable[NativeJob] = (),
    unreadable: Sequence[str] = (),
) -> Row:
    """`summary.json` of a run: its plan, the tags of its cases by id in their order, and the numbers of its records.

    What never came is counted as missing, what failed by its code, and neither is ever scored.
    """
    board = _board(run, tags)
    board.add_answers(answers)
    board.add_verdicts(verdicts)
    board.add_pairs(pairs)
    rows, seed = _rows(run, board), str(run["run"])
    summary: Row = {
        "run": run["run"],
        "cases": len(tags),
        "judges": list(board.judges),
        "arms": rows,
        "comparisons": [comparison.dump() for comparison in compare_all(board.scores, seed=seed)],
        "judges_agreement": judges_agreement(board),
        "pairwise": preferences(board),
        "tags": [_tag(tag, cases, board, seed) for tag, cases in _by_tag(tags).items()],
        "cost": _cost(run, board, rows),
        "leakage": _leakage(run, board),
    }
    if jobs := native_rows(run, native, board):
        summary["native"] = jobs
    summary["complete"] = all(row["answered"] == row["cases"] and not row["unjudged"] for row in rows)
    summary["conclusion"] = conclude(summary, run, unreadable)
    rounded: Row = _rounded(summary)
    return rounded


def _board(run: Mapping[str, Any], cases: Iterable[str]) -> Scoreboard:
    arms, judges = [arm["name"] for arm in run["arms"]], tuple(run.get("judges") or ())
    places = {case: place for place, case in enumerate(cases)}
    return Scoreboard(places, arms, judges, run.get("repeat"), run.get("pairwise", True))


def _rows(run: Mapping[str, Any], board: Scoreboard) -> list[Row]:
    criteria, lengths = board.criteria(), {arm: _lengths(board, arm) for arm in board.arms}
    given_length = scores_given_length(lengths)
    rows = []
    for arm in run["arms"]:
        name = arm["name"]
        answers, scores, seed = board.answers_of(name), board.scores[name], f"{run['run']}/{name}"
        row = arm_row(arm, answers, scores, criteria[name], cases=len(board.cases), seed=seed)
        rows.append({**row, "priced_as": _priced_as(arm, run), "score_given_length": given_length[name]})
    return rows


def _priced_as(arm: Mapping[str, Any], run: Mapping[str, Any]) -> str | None:
    """The name that an arm's price stands under; arms with the same one have the same price, known or not."""
    if not Mode(arm["mode"]).specialised:
        return arm.get("model") or run.get("base_model")
    tuned = (run.get("tuned") or {}).get(arm.get("tuned") or "in_service")
    return f"custom:{tuned['base_model']}" if tuned else None


def _lengths(board: Scoreboard, arm: str) -> list[tuple[float, float]]:
    scored = [(board.answers[arm, case].output_tokens, score) for case, score in sorted(board.scores[arm].items())]
    same: dict[tuple[int, float], tuple[float, float]] = {}
    return [same.setdefault((tokens, score), (log(tokens), score)) for tokens, score in scored if tokens > 0]


def _by_tag(tags: Mapping[str, Sequence[str]]) -> dict[str, set[int]]:
    """The places of the cases of each tag, by name."""
    cases: dict[str, set[int]] = {}
    for place, own in enumerate(tags.values()):
        for tag in own:
            cases.setdefault(tag, set()).add(place)
    most = sorted(cases, key=lambda tag: (-len(cases[tag]), tag))[:MOST_TAGS]
    return {tag: cases[tag] for tag in sorted(most)}


def _tag(tag: str, cases: set[int], board: Scoreboard, seed: str) -> Row:
    scores = {arm: {case: own[case] for case in sorted(own.keys() & cases)} for arm, own in board.scores.items()}
    seed = f"{seed}/{tag}"
    return {
        "tag": tag,
        "cases": len(cases),
        "arms": {
            arm: {
                "n": len(own),
                "mean": mean(list(own.values())),
                "interval": mean_interval(list(own.values()), seed=f"{seed}/{arm}"),
            }
            for arm, own in scores.items()
        },
        "comparisons": [comparison.dump() for comparison in _compare_by_tag(scores, seed)],
    }


def _compare_by_tag(scores: Mapping[str, Mapping[int, float]], seed: str) -> list[Comparison]:
    """Many arms are each compared with base alone: 24 have 276 pairs, which fifty tags would make 13,800 of."""
    if len(scores) <= MOST_PAIRED_BY_TAG:
        return compare_all(scores, seed=seed)
    return compare_all(scores, seed=seed, to="base" if "base" in scores else next(iter(scores)))


def _leakage(run: Mapping[str, Any], board: Scoreboard) -> Row:
    """Questions whose answer a model may only have repeated: asked in a training set, or standing in a document."""
    in_documents = {case for (_, case), answer in board.answers.items() if answer.leaked}
    return {"training": dict(run.get("trained_on") or {}), "documents": len(in_documents)}


def _cost(run: Mapping[str, Any], board: Scoreboard, rows: Sequence[Row]) -> Row:
    answers = known_sum(row["cost"]["total_usd"] for row in rows)
    judged = [verdict.cost_usd for own in board.verdicts.values() for verdict in own]
    chosen = [choice.cost_usd for pair in board.pairs.values() for choice in pair.choices]
    judging = known_sum([*judged, *chosen])
    return {
        "answers_usd": answers,
        "judging_usd": judging,
        "total_usd": known_sum((answers, judging)),
        "estimate_usd": (run.get("estimate") or {}).get("usd"),
    }


def _rounded(value: Any) -> Any:
    """Without the last digits, which depend on the order of summation."""
    if isinstance(value, float):
        return round(value, DECIMALS)
    if isinstance(value, Mapping):
        return {name: _rounded(one) for name, one in value.items()}
    return [_rounded(one) for one in value] if isinstance(value, list | tuple) else value
