"""An evaluation run: estimated and confirmed, then answered and judged by the pipeline, or continued."""

import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from arbiter.aws.objects import Objects
from arbiter.evaluation.arms import MODES, default_arms
from arbiter.evaluation.cases import read_cases
from arbiter.training.run import NAME_RULE, is_name
from cli.deployment import Deployment
from cli.errors import CliError
from cli.evaluation_runs import find_execution, follow_execution, refuse_other_cases
from cli.execution import Execution, new_run
from cli.function import call
from cli.progress import Progress, silent

CHUNK_BYTES = 1 << 20


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """What a run may take at most: shown before anything is asked; `usd` is `None` while a price is unknown."""

    run: str
    cases: int
    arms: tuple[str, ...]
    judges: tuple[str, ...]
    answers: int
    verdicts: int
    native_verdicts: int
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
        """What the planning function says of a run."""
        told = {"native_verdicts": 0, **planned["estimate"], **planned}
        values = {field.name: told[field.name] for field in fields(cls)}
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
    summary: dict[str, Any]
    estimate: Estimate | None
    """`None` for a run that was only followed."""
    problem: str | None
    """Why a batch of cases was given up, when one was."""
    execution: str
    seconds: float

    @property
    def complete(self) -> bool:
        return bool(self.summary["complete"])

    def dump(self) -> dict[str, Any]:
        return {**asdict(self), "complete": self.complete}


def evaluate(
    deployment: Deployment,
    file: Path,
    *,
    modes: Sequence[str] = (),
    models: Sequence[str] = (),
    arms: Sequence[Mapping[str, Any]] = (),
    judges: Sequence[str] = (),
    pairwise: bool = False,
    repeat: int | None = None,
    run: str | None = None,
    max_cost_usd: float | None = None,
    native_jobs: bool | None = None,
    confirm: Confirm = always,
    progress: Progress = silent,
) -> EvaluateResult:
    """Run the evaluation pipeline; a run that is at work is followed, one that ended is completed where it lacks.

    Raises:
        CliError: the run is refused, not confirmed, or the pipeline failed.
    """
    begun = time.monotonic()
    run = run or new_run()
    cases = _check(file, run)
    wanted = {
        "arms": list(arms) or (_arms(modes, models) if modes or models else None),
        "judges": list(dict.fromkeys(judges)) or None,
        "pairwise": pairwise or None,
        "repeat": repeat,
        "max_cost_usd": max_cost_usd,
        "native_jobs": native_jobs,
    }
    order = {"run": run, **{name: value for name, value in wanted.items() if value is not None}}
    results = Objects(deployment.client("s3"), deployment.output("ResultsBucketName"))
    execution, known = find_execution(deployment, order)
    if known:
        refuse_other_cases(results, run, cases)
    estimate = None if known else _start(deployment, execution, results, order, cases, confirm, progress)
    problem = follow_execution(deployment, execution, run, progress)
    summary_key = f"evaluations/{run}/summary.json"
    return EvaluateResult(
        environment=deployment.environment,
        run=run,
        summary_uri=results.uri(summary_key),
        summary=json.loads(results.read(summary_key)),
        estimate=estimate,
        problem=problem,
        execution=execution.arn,
        seconds=round(time.monotonic() - begun, 1),
    )


def _start(
    deployment: Deployment,
    execution: Execution,
    results: Objects,
    order: Mapping[str, Any],
    cases: bytes,
    confirm: Confirm,
    progress: Progress,
) -> Estimate:
    """Send the cases, and start once what they may cost is agreed to."""
    progress("Estimating")
    key = f"evaluations/{order['run']}/given.jsonl"
    results.write(key, cases, content_type="application/jsonl")
    event = {**order, "cases_key": key}
    estimate = Estimate.of(call(deployment, "PlanFunctionArn", {**event, "estimate_only": True}))
    if not confirm(estimate):
        raise CliError("Nothing was asked: the estimate was not confirmed.", code="not_confirmed")
    who = deployment.client("sts").get_caller_identity()["Arn"]
    execution.start({**event, "started_by": who})
    return estimate


def _arms(modes: Sequence[str], models: Sequence[str]) -> list[dict[str, Any]]:
    if unknown := [mode for mode in modes if mode not in MODES]:
        raise CliError(f"{', '.join(unknown)}: there is no such mode. Use {', '.join(MODES)}.", code="bad_mode")
    return default_arms(tuple(dict.fromkeys(modes)) or MODES, tuple(dict.fromkeys(models)))


def _check(file: Path, run: str) -> bytes:
    """The cases of a file, each with its id, when they can be used."""
    if not is_name(run):
        raise CliError(f"The run {run!r} has no good name: {NAME_RULE}.", code="bad_run")
    if not file.is_file():
        raise CliError(f"{file} is not a file. Name a file of questions (.jsonl).", code="no_file")
    with file.open("rb") as content:
        read = read_cases(iter(lambda: content.read(CHUNK_BYTES), b""))
    if read.problems:
        problems = [{"problem": problem} for problem in read.problems]
        raise CliError(f"{file} cannot be used.", code="bad_cases", details={"problems": problems})
    return read.dump()
