"""An evaluation run: estimated and confirmed, then answered and judged by the pipeline, or continued."""

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any, Unpack

from arbiter.aws.objects import Objects
from arbiter.evaluation.run.plan import digest
from arbiter.evaluation.summary import document
from arbiter.evaluation.summary.document import Summary
from cli.core.deployment import Deployment
from cli.core.errors import CliError, together
from cli.core.execution import Execution, new_run, require_run_name
from cli.core.function import call
from cli.core.progress import Progress, silent
from cli.evaluation.doubts import changed_documents, not_served
from cli.evaluation.executions import find_execution, follow_execution, refuse_other_cases
from cli.evaluation.order import Choices, checked_cases, order_of, tuned_bases


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """The most that a run may take: shown before anything is asked; `usd` is `None` while a price is unknown."""

    run: str
    cases: int
    arms: tuple[str, ...]
    judges: tuple[str, ...]
    answers: int
    verdicts: int
    native_verdicts: int
    batch_answers: bool
    """Whether batch inference answers where there are enough questions for a model."""
    input_tokens: int
    output_tokens: int
    usd: float | None
    known_usd: float
    unknown_prices: tuple[str, ...]
    ceiling_usd: float | None
    prices_as_of: str
    doubts: tuple[str, ...]

    @classmethod
    def of(cls, planned: Mapping[str, Any]) -> "Estimate":
        """The estimate in the planning function's answer."""
        estimated = {"native_verdicts": 0, "batch_answers": False, **planned["estimate"], **planned}
        values = {field.name: estimated[field.name] for field in fields(cls)}
        lists = {name: tuple(value) for name, value in values.items() if isinstance(value, list)}
        return cls(**{**values, **lists})

    def dump(self) -> dict[str, Any]:
        return asdict(self)


Confirm = Callable[[Estimate], bool]


def always(estimate: Estimate) -> bool:
    """Whatever it costs, up to the ceiling that the deployment is set to."""
    return True


@dataclass(frozen=True, kw_only=True)
class EvaluateResult:
    """The summary of a run, and where it is kept."""

    environment: str
    run: str
    summary_uri: str
    summary: Summary
    estimate: Estimate | None
    """`None` for a run that was only followed."""
    problem: str | None
    """Why a batch of cases was given up, when one was."""
    execution: str
    seconds: float

    @property
    def complete(self) -> bool:
        return self.summary["complete"]

    def dump(self) -> dict[str, Any]:
        return {**asdict(self), "complete": self.complete}


def evaluate(
    deployment: Deployment,
    file: Path,
    *,
    run: str | None = None,
    confirm: Confirm = always,
    on_begin: Callable[[], None] = lambda: None,
    progress: Progress = silent,
    **choices: Unpack[Choices],
) -> EvaluateResult:
    """Run the evaluation pipeline; a run that is at work is followed, one that ended is completed where it lacks.

    Args:
        on_begin: called when the pipeline has started, or turns out to have started before.

    Raises:
        CliError: the run is refused, not confirmed, or the pipeline failed.
    """
    begun = time.monotonic()
    run = run or new_run()
    cases, order, results = _asked(deployment, file, run, choices, progress)
    execution, known = find_execution(deployment, order)
    if known:
        refuse_other_cases(results, run, cases)
        on_begin()
    estimate = None if known else _start(deployment, execution, results, order, cases, confirm, on_begin, progress)
    problem = follow_execution(deployment, execution, run, progress)
    return EvaluateResult(
        environment=deployment.environment,
        run=run,
        summary_uri=results.uri(document.summary_key(run)),
        summary=document.load(json.loads(results.read(document.summary_key(run)))),
        estimate=estimate,
        problem=problem,
        execution=execution.arn,
        seconds=round(time.monotonic() - begun, 1),
    )


def estimate(
    deployment: Deployment, file: Path, *, run: str, progress: Progress = silent, **choices: Unpack[Choices]
) -> Estimate:
    """The most that a run may take; nothing is started.

    Raises:
        CliError: the run is refused.
    """
    cases, order, results = _asked(deployment, file, run, choices, progress)
    return _planned(deployment, results, order, cases, progress)[1]


def _asked(
    deployment: Deployment, file: Path, run: str, choices: Choices, progress: Progress
) -> tuple[bytes, dict[str, Any], Objects]:
    """The questions, the order, and the bucket that both go to."""
    results = Objects(deployment.client("s3"), deployment.output("ResultsBucketName"))
    runs = choices.get("tuned", ())
    read, order, _ = together(
        lambda: checked_cases(file),
        lambda: order_of(run, choices, lambda: tuned_bases(results, runs)),
        lambda: require_run_name(run),
    )
    for note in read.notes:
        progress(note)
    return read.dump(), order, results


def _planned(
    deployment: Deployment, results: Objects, order: Mapping[str, Any], cases: bytes, progress: Progress
) -> tuple[dict[str, Any], Estimate]:
    """Send the cases, named so that nobody else's take their place; the event that starts the run, and its price."""
    progress("Estimating")
    key = f"evaluations/{order['run']}/given-{digest(cases)[:16]}.jsonl"
    results.write(key, cases, content_type="application/jsonl")
    event = {**order, "cases_key": key}
    planned = Estimate.of(call(deployment, "PlanFunctionArn", {**event, "estimate_only": True}))
    return event, replace(planned, doubts=(*planned.doubts, *not_served(deployment, planned.arms)))


def _start(
    deployment: Deployment,
    execution: Execution,
    results: Objects,
    order: Mapping[str, Any],
    cases: bytes,
    confirm: Confirm,
    on_begin: Callable[[], None],
    progress: Progress,
) -> Estimate:
    """Send the cases, and start once what they may cost is agreed to."""
    event, estimate = _planned(deployment, results, order, cases, progress)
    if execution.name != order["run"]:
        estimate = replace(estimate, doubts=(*estimate.doubts, *changed_documents(deployment, results, order["run"])))
    if not confirm(estimate):
        raise CliError("Nothing was asked: the estimate was not confirmed.", code="not_confirmed")
    execution.start({**event, "started_by": deployment.client("sts").get_caller_identity()["Arn"]}, on_begin)
    return estimate
