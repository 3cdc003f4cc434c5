"""The summary of an evaluation run: every number of the report, from the numbers of its records."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from math import log
from typing import Any

from arbiter.evaluation.numbers.clusters import Documents, clusters_of, evidence
from arbiter.evaluation.numbers.comparison import Comparison, Scores, compare_all, compare_parts
from arbiter.evaluation.numbers.length import scores_given_length
from arbiter.evaluation.numbers.records import Answer, Pair, Verdicts, known_sum
from arbiter.evaluation.numbers.scoreboard import Scoreboard
from arbiter.evaluation.numbers.statistics import mean, mean_interval
from arbiter.evaluation.run.arms import Arm
from arbiter.evaluation.run.plan import Plan
from arbiter.evaluation.summary.arm_numbers import Models, arm_summary
from arbiter.evaluation.summary.arms import ArmSummary, received
from arbiter.evaluation.summary.conclusion import conclude
from arbiter.evaluation.summary.document import Leakage, RunCost, Summary, TagSummary
from arbiter.evaluation.summary.doubts import caveats, doubts
from arbiter.evaluation.summary.judges import judges_agreement, preferences
from arbiter.evaluation.summary.native import NativeJob, native_scores
from arbiter.evaluation.summary.routing import Routed, auto_summary, sentence_on

MOST_TAGS = 50
"""Tags that are compared, the most frequent ones: a tag on every question apart says nothing."""
MOST_PAIRED_BY_TAG = 6
"""Arms of which all pairs are compared tag by tag."""
DECIMALS = 9


def summarise(
    plan: Plan,
    tags: Mapping[str, Sequence[str]],
    answers: Iterable[Answer],
    verdicts: Iterable[Verdicts] = (),
    pairs: Iterable[Pair] = (),
    *,
    documents: Mapping[str, str] | None = None,
    native: Iterable[NativeJob] = (),
    routing: Sequence[Routed] = (),
    unreadable: Sequence[str] = (),
) -> Summary:
    """`summary.json` of a run: its plan, the tags of its cases by id in their order, and the numbers of its records.

    `documents` names the document that a case is about, by the case's id. What never came is counted as missing, what
    failed by its code, and neither is ever scored.
    """
    board = _board(plan, tags, documents or {})
    board.add_answers(answers)
    board.add_verdicts(verdicts)
    board.add_pairs(pairs)
    arms, confounded = _arms(plan, board), plan.confounded()
    summary: Summary = {
        "run": plan.run,
        "local": plan.local,
        "cases": len(tags),
        "clusters": clusters_of(len(tags), board.documents),
        "judges": list(board.judges),
        "arms": arms,
        "comparisons": compare_all(board.scores, seed=plan.run, documents=board.documents, confounded=confounded),
        "judges_agreement": judges_agreement(board),
        "pairwise": preferences(board),
        "tags": _tags(board, _by_tag(tags), plan.run, confounded),
        "cost": _cost(plan, board, arms),
        "leakage": _leakage(plan, board),
        "complete": all(received(arm) == arm["cases"] and not arm["unjudged"] for arm in arms),
        "caveats": [],
        "conclusion": [],
        "doubts": [],
    }
    if jobs := native_scores(plan, native, board):
        summary["native"] = jobs
    if routing:
        summary["auto"] = auto_summary(board, plan.arms, routing, seed=plan.run, prefer=plan.prefer)
    summary["caveats"] = caveats(summary, plan)
    summary["conclusion"] = conclude(summary)
    if auto := summary.get("auto"):
        summary["conclusion"].append(sentence_on(auto))
    summary["doubts"] = doubts(summary, plan, unreadable)
    rounded: Summary = _rounded(summary)
    return rounded


def _board(plan: Plan, cases: Iterable[str], documents: Mapping[str, str]) -> Scoreboard:
    indexes = {case: index for index, case in enumerate(cases)}
    about = {index: documents[case] for case, index in indexes.items() if case in documents}
    arms = [arm.name for arm in plan.arms]
    return Scoreboard(indexes, arms, plan.judges, plan.repeat, plan.pairwise, documents=about)


def _arms(plan: Plan, board: Scoreboard) -> list[ArmSummary]:
    criteria, lengths = board.criteria(), {arm: _lengths(board, arm) for arm in board.arms}
    given_length = scores_given_length(lengths)
    return [
        arm_summary(
            arm,
            _models(arm, plan),
            board.answers_of(arm.name),
            board.scores[arm.name],
            criteria[arm.name],
            cases=len(board.cases),
            documents=board.documents,
            seed=f"{plan.run}/{arm.name}",
            given_length=given_length[arm.name],
        )
        for arm in plan.arms
    ]


def _models(arm: Arm, plan: Plan) -> Models:
    """The models of an arm; arms that are priced under one name have the same price, known or not."""
    if not arm.specialised:
        return Models(plan.base_of(arm), None, arm.model or plan.base_model)
    tuned = plan.tuned_of(arm)
    return Models(plan.base_of(arm), tuned.get("run"), f"custom:{tuned['base_model']}") if tuned else Models()


def _lengths(board: Scoreboard, arm: str) -> list[tuple[float, float]]:
    scored = [(board.answers[arm, case].output_tokens, score) for case, score in sorted(board.scores[arm].items())]
    same: dict[tuple[int, float], tuple[float, float]] = {}
    return [same.setdefault((tokens, score), (log(tokens), score)) for tokens, score in scored if tokens > 0]


def _by_tag(tags: Mapping[str, Sequence[str]]) -> dict[str, set[int]]:
    """The indexes of the cases of each tag, by name."""
    cases: dict[str, set[int]] = {}
    for index, own in enumerate(tags.values()):
        for tag in own:
            cases.setdefault(tag, set()).add(index)
    most = sorted(cases, key=lambda tag: (-len(cases[tag]), tag))[:MOST_TAGS]
    return {tag: cases[tag] for tag in sorted(most)}


def _tags(
    board: Scoreboard, by_tag: Mapping[str, set[int]], run: str, confounded: Collection[tuple[str, str]]
) -> list[TagSummary]:
    parts = {
        f"{run}/{tag}": {
            arm: {case: own[case] for case in sorted(own.keys() & cases)} for arm, own in board.scores.items()
        }
        for tag, cases in by_tag.items()
    }
    # Many arms are each compared with base alone: 24 have 276 pairs, which fifty tags would make 13,800 of.
    base = "base" if "base" in board.scores else board.arms[0]
    to = None if len(board.arms) <= MOST_PAIRED_BY_TAG else base
    compared = compare_parts(parts, documents=board.documents, to=to, confounded=confounded)
    tagged = zip(by_tag.items(), parts.items(), compared, strict=True)
    return [_tag(tag, len(cases), scores, board.documents, seed, rows) for (tag, cases), (seed, scores), rows in tagged]


def _tag(
    tag: str, cases: int, scores: Scores, documents: Documents, seed: str, compared: list[Comparison]
) -> TagSummary:
    return {
        "tag": tag,
        "cases": cases,
        "arms": {
            arm: {
                "n": len(own),
                "mean": mean(list(own.values())),
                "interval": mean_interval(evidence(own, documents).values, seed=f"{seed}/{arm}"),
            }
            for arm, own in scores.items()
        },
        "comparisons": compared,
    }


def _leakage(plan: Plan, board: Scoreboard) -> Leakage:
    """Questions whose answer a model may only have repeated: asked in a training set, or standing in a document."""
    in_documents = {case for (_, case), answer in board.answers.items() if answer.leaked}
    return {"training": dict(plan.trained_on), "documents": len(in_documents)}


def _cost(plan: Plan, board: Scoreboard, arms: Sequence[ArmSummary]) -> RunCost:
    answers = known_sum(arm["cost"]["total_usd"] for arm in arms)
    judged = [verdict.cost_usd for own in board.verdicts.values() for verdict in own]
    chosen = [choice.cost_usd for pair in board.pairs.values() for choice in pair.choices]
    judging = known_sum([*judged, *chosen])
    return {
        "answers_usd": answers,
        "judging_usd": judging,
        "total_usd": known_sum((answers, judging)),
        "estimate_usd": plan.estimate.get("usd"),
    }


def _rounded(value: Any) -> Any:
    """Without the last digits, which depend on the order of summation."""
    if isinstance(value, float):
        return round(value, DECIMALS)
    if isinstance(value, Mapping):
        return {name: _rounded(one) for name, one in value.items()}
    return [_rounded(one) for one in value] if isinstance(value, list | tuple) else value
