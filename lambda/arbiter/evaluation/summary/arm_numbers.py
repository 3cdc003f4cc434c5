"""The numbers of one arm, counted from its answers and scores."""

from collections.abc import Mapping, Sequence
from statistics import fmean, median
from typing import NamedTuple

from arbiter.evaluation.numbers.clusters import Documents, evidence
from arbiter.evaluation.numbers.records import CRITERIA, Answer, Timing, known_sum
from arbiter.evaluation.numbers.scoreboard import counts, reasons
from arbiter.evaluation.numbers.statistics import bands, mean, mean_interval, quantile
from arbiter.evaluation.run.arms import Arm
from arbiter.evaluation.summary.arms import ArmCost, ArmSummary, Latencies, Quality, Spread


class Models(NamedTuple):
    """The models of an arm, as far as they are known."""

    base_model: str | None = None
    tuned_run: str | None = None
    priced_as: str | None = None


def arm_summary(
    arm: Arm,
    models: Models,
    answers: Sequence[Answer],
    scores: Mapping[int, float],
    criteria: Mapping[str, float | None],
    *,
    cases: int,
    documents: Documents,
    seed: str,
    given_length: float | None,
) -> ArmSummary:
    """An arm's entry in the summary; what cannot be known is `None`, never 0."""
    given = [one for one in answers if one.failure is None]
    failures = [one.failure for one in answers if one.failure is not None]
    citable, cited = sum(one.citable for one in given), sum(one.cited for one in given)
    return {
        "name": arm.name,
        "mode": arm.mode.value,
        "model": arm.model,
        "base_model": models.base_model,
        "tuned_run": models.tuned_run,
        "prompting": arm.prompting,
        "retrieval": arm.retrieval,
        "knowledge_base": arm.knowledge_base,
        "cases": cases,
        "answered": sum(not one.abstained for one in given),
        "abstained": sum(one.abstained for one in given),
        "failed": counts(failures),
        "reasons": reasons(failures),
        "missing": max(0, cases - len(answers)),
        "unjudged": len(given) - len(scores),
        "degraded": sum(one.degraded for one in given),
        "throttles": sum(one.throttles for one in answers),
        "failed_usd": (failed_usd := known_sum(one.failed_usd for one in answers)),
        "unsettled": sum(one.unsettled for one in answers),
        "leaked": sum(one.leaked for one in given),
        "in_batch": sum(one.in_batch for one in given),
        "quality": _quality(scores, criteria, documents, seed) if scores else None,
        "latency_ms": _latencies(given, grounded=arm.grounded),
        "tokens": {
            "input": sum(one.input_tokens for one in given),
            "output": sum(one.output_tokens for one in given),
            "mean_input": mean([one.input_tokens for one in given]),
            "mean_output": mean([one.output_tokens for one in given]),
        },
        "cost": _cost(given, failed_usd),
        "citations": {"citable": citable, "cited": cited, "share": cited / citable if citable else None},
        "score_given_length": given_length,
        "priced_as": models.priced_as,
    }


def _quality(
    scores: Mapping[int, float], criteria: Mapping[str, float | None], documents: Documents, seed: str
) -> Quality:
    values = [scores[case] for case in sorted(scores)]
    return {
        "n": len(values),
        "mean": fmean(values),
        "median": float(median(values)),
        "interval": mean_interval(evidence(scores, documents).values, seed=seed),
        "bands": bands(values),
        "criteria": {name: criteria.get(name) for name in CRITERIA},
    }


def _latencies(given: Sequence[Answer], *, grounded: bool) -> Latencies:
    """The latencies of answers that somebody waited for; of a batch inference job only the retrieval is timed."""
    timed = [(one.timing or Timing(0, 0, 0), one.output_tokens) for one in given]
    generated = [(timing.generate, tokens) for timing, tokens in timed if timing.generate is not None]
    return {
        "retrieve": _spread([timing.retrieve for timing, _ in timed] if grounded else []),
        "generate": _spread([generate for generate, _ in generated]),
        "total": _spread([timing.total for timing, _ in timed if timing.total is not None]),
        "per_output_token": _spread([generate / tokens for generate, tokens in generated if tokens]),
    }


def _spread(values: Sequence[float]) -> Spread | None:
    if not values:
        return None
    return {"mean": fmean(values), "median": float(median(values)), "p95": quantile(values, 0.95)}


def _cost(given: Sequence[Answer], failed_usd: float | None) -> ArmCost:
    answers = known_sum(one.cost_usd for one in given)
    each = answers / len(given) if answers is not None and given else None
    return {
        "total_usd": known_sum((answers, failed_usd)),
        "per_answer_usd": each,
        "per_1000_usd": None if each is None else each * 1000,
    }
