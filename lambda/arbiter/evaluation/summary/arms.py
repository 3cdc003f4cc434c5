"""One arm of an evaluation run in numbers: quality, latency, tokens, cost, citations, failures."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from arbiter.evaluation.numbers.records import CRITERIA, GROUNDED, Answer, Timing, known_sum
from arbiter.evaluation.numbers.statistics import bands, mean, mean_interval, middle, quantile

Row = dict[str, Any]


def arm_row(
    arm: Mapping[str, Any],
    answers: Sequence[Answer],
    scores: Mapping[int, float],
    criteria: Mapping[str, float | None],
    *,
    cases: int,
    seed: str,
) -> Row:
    """An arm's entry in the summary; what cannot be known is `None`, never 0."""
    given = [one for one in answers if one.failure is None]
    failed = Counter(one.failure for one in answers if one.failure is not None)
    citable, cited = sum(one.citable for one in given), sum(one.cited for one in given)
    return {
        **{name: arm.get(name) for name in ("name", "mode", "model", "prompting")},
        "cases": cases,
        "answered": len(given),
        "failed": dict(sorted(failed.items())),
        "missing": max(0, cases - len(answers)),
        "unjudged": len(given) - len(scores),
        "degraded": sum(one.degraded for one in given),
        "throttles": sum(one.throttles for one in answers),
        "leaked": sum(one.leaked for one in given),
        "in_batch": sum(one.in_batch for one in given),
        "quality": _quality(scores, criteria, seed) if scores else None,
        "latency_ms": _latencies(given, grounded=arm["mode"] in GROUNDED),
        "tokens": {
            "input": sum(one.input_tokens for one in given),
            "output": sum(one.output_tokens for one in given),
            "mean_input": mean([one.input_tokens for one in given]),
            "mean_output": mean([one.output_tokens for one in given]),
        },
        "cost": _cost(given),
        "citations": {"citable": citable, "cited": cited, "share": cited / citable if citable else None},
        "score_given_length": None,
    }


def _quality(scores: Mapping[int, float], criteria: Mapping[str, float | None], seed: str) -> Row:
    values = [scores[case] for case in sorted(scores)]
    return {
        "n": len(values),
        "mean": mean(values),
        "median": middle(values),
        "interval": mean_interval(values, seed=seed),
        "bands": bands(values),
        "criteria": {name: criteria.get(name) for name in CRITERIA},
    }


def _latencies(given: Sequence[Answer], *, grounded: bool) -> Row:
    """Of the answers that somebody waited for; what a batch inference job answers has only its retrieval timed."""
    timed = [(one.timing or Timing(0, 0, 0), one.output_tokens) for one in given]
    generated = [(timing.generate, tokens) for timing, tokens in timed if timing.generate is not None]
    return {
        "retrieve": _spread([timing.retrieve for timing, _ in timed] if grounded else []),
        "generate": _spread([generate for generate, _ in generated]),
        "total": _spread([timing.total for timing, _ in timed if timing.total is not None]),
        "per_output_token": _spread([generate / tokens for generate, tokens in generated if tokens]),
    }


def _spread(values: Sequence[float]) -> Row | None:
    return {"mean": mean(values), "median": middle(values), "p95": quantile(values, 0.95)} if values else None


def _cost(given: Sequence[Answer]) -> Row:
    total = known_sum(one.cost_usd for one in given)
    each = total / len(given) if total is not None and given else None
    return {"total_usd": total, "per_answer_usd": each, "per_1000_usd": None if each is None else each * 1000}
