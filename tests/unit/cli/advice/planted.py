"""Evaluation runs in which it is known beforehand which technique is better, and by how much."""

from collections.abc import Mapping
from functools import cache
from random import Random
from typing import Any

from arbiter.evaluation.numbers import extraction
from arbiter.evaluation.run.plan import Plan
from arbiter.evaluation.summary.summary import summarise
from bench.synthetic_plan import document
from cli.advice.evidence.arms import Stored

LITE, MICRO = "amazon.nova-lite-v1:0", "amazon.nova-micro-v1:0"
JUDGES = ["judge.one", "judge.two"]
TOKENS = {"base": (200, 100), "rag": (1_700, 100), "fine_tuned": (200, 60), "combined": (1_700, 60)}


def planted(means: Mapping[str, float], *, prompting: Mapping[str, str] | None = None, **more: Any) -> Stored:
    """A run whose arms score so on average, summarised once for all tests that ask for the same.

    Args:
        means: the true mean by arm; an arm is in the mode of its name, up to a point.
        prompting: by arm, where it is not zero-shot.
        more: further arguments of `_summarised`.
    """
    return _summarised(tuple(means.items()), tuple((prompting or {}).items()), **more)


@cache
def _summarised(
    means: tuple[tuple[str, float], ...],
    prompting: tuple[tuple[str, str], ...],
    *,
    cases: int = 80,
    noise: float = 0.8,
    local: bool = False,
    tuned_from: str = MICRO,
    base_model: str = MICRO,
    with_plan: bool = True,
    wait: float = 500.0,
) -> Stored:
    random = Random(7)
    arms = [
        {"name": name, "mode": name.split(".")[0], "prompting": dict(prompting).get(name, "zero_shot")}
        for name, _ in means
    ]
    tuned = {"in_service": {"base_model": tuned_from, "custom_model": "m", "invoke_arn": "a", "run": "t"}}
    plan = Plan.load(document("planted", arms, JUDGES, cases=cases, local=local, base_model=base_model, tuned=tuned))
    answers, verdicts = [], []
    for number in range(cases):
        ease = random.gauss(0, 1)
        for name, mean in means:
            truth = mean + ease + random.gauss(0, noise)
            answers.append(_answer(number, name, wait))
            verdicts.append(_verdicts(number, name, truth))
    tags = {f"case-{number}": ("facts",) if number % 2 else ("style",) for number in range(cases)}
    summary = summarise(plan, tags, map(extraction.answer, answers), map(extraction.verdicts, verdicts))
    return Stored(summary, plan if with_plan else None)


def _answer(number: int, name: str, wait: float) -> dict[str, Any]:
    read, written = TOKENS[name.split(".")[0]]
    response = {
        "mode": name.split(".")[0],
        "citations": [],
        "usage": {"input_tokens": read, "output_tokens": written},
        "latency_ms": {"retrieve": 20.0, "generate": wait - 20, "total": wait},
        "cost_usd": 0.0001,
        "degraded": [],
    }
    return {"case": {"id": f"case-{number}"}, "arm": name, "throttles": 0, "response": response}


def _verdicts(number: int, name: str, truth: float) -> dict[str, Any]:
    score = min(10.0, max(0.0, truth))
    given = [{"judge": judge, "repeat": 0, "scores": {}, "score": score, "cost_usd": 0.0} for judge in JUDGES]
    return {"case_id": f"case-{number}", "arm": name, "verdicts": given}
