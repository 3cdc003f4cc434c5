"""An evaluation that was planned, and one that ended."""

import io
from typing import Any

from rich.console import Console

from arbiter.evaluation.numbers.extraction import answer
from arbiter.evaluation.run.plan import Plan
from arbiter.evaluation.summary.document import Summary
from arbiter.evaluation.summary.summary import summarise
from bench.synthetic_plan import document
from cli.evaluation.run import EvaluateResult
from tests.unit.cli.fakes import OUTPUTS

MACHINE = OUTPUTS["EvaluationStateMachineArn"]
ARN = MACHINE.replace(":stateMachine:", ":execution:") + ":run-1"
ESTIMATE = {
    "answers": 1,
    "verdicts": 2,
    "input_tokens": 1000,
    "output_tokens": 100,
    "usd": None,
    "known_usd": 0.25,
    "unknown_prices": ["meta.two"],
    "ceiling_usd": 25.0,
}
PLANNED = {
    "run": "run-1",
    "cases": 1,
    "arms": ["base"],
    "judges": ["anthropic.one", "meta.two"],
    "estimate": ESTIMATE,
    "prices_as_of": "2026-11-21",
    "doubts": ["1: a doubt"],
}
PLAN = document("run-1", ["base"], ["anthropic.one", "meta.two"])


def summary() -> Summary:
    record = {
        "case": {"id": "case-0001"},
        "arm": "base",
        "throttles": 0,
        "error": {"code": "throttled", "message": "…", "retryable": True},
    }
    return summarise(Plan.load(PLAN), {"case-0001": ()}, [answer(record)])


def shown(render: Any, *arguments: Any) -> str:
    text = io.StringIO()
    render(Console(file=text, width=160), *arguments)
    return text.getvalue()


def result_of(found: dict[str, Any], problem: str | None = None) -> EvaluateResult:
    return EvaluateResult(
        environment="dev", run="run-1", summary_uri="s3://results/summary.json", summary=found, estimate=None,
        problem=problem, execution=ARN, seconds=1.0,
    )  # fmt: skip
