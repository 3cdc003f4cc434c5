"""The executions of an evaluation run: the one to follow, or the next to start, and how far it is."""

import re
from collections.abc import Mapping
from typing import Any

from arbiter.aws.objects import Objects
from arbiter.evaluation.run.keys import plan_key
from arbiter.evaluation.run.plan import Plan, digest
from arbiter.store import ObjectMissingError
from cli.core.deployment import Deployment
from cli.core.errors import CliError
from cli.core.execution import Execution
from cli.core.map_runs import MapRuns
from cli.core.progress import Progress

RUNS = "evaluations/"
MOST_ATTEMPTS = 50
CHOICES = ("arms", "judges", "pairwise", "repeat", "native_jobs", "batch_answers")
"""The fields that make an order another one, where it has them."""
STAGES = {
    "AskAnswers": "Preparing the answers' jobs",
    "AnswerInBatch": "Waiting for the answers' jobs, at most 24 hours",
    "Answers": "Answering",
    "AskJudges": "Preparing the judges' jobs",
    "JudgeInBatch": "Waiting for the judges' jobs, at most 24 hours",
    "Verdicts": "Judging",
    "NativeWait": "Waiting for Bedrock's own jobs",
}
"""The stages of the pipeline: its maps by their labels, its waits for jobs of Bedrock by their states."""

BRANCH = re.compile(r"(Judge|Answer)\d")


def find_execution(deployment: Deployment, order: Mapping[str, Any]) -> tuple[Execution, bool]:
    """The execution that is at work for a run or has completed it, else one to be started; and whether it is known.

    A name is never used twice: further starts are numbered, with a character that the name of a run cannot have.

    Raises:
        CliError: the run is at work on another order, or was started too often.
    """
    client, machine = deployment.client("stepfunctions"), deployment.output("EvaluationStateMachineArn")
    run = order["run"]
    for name in (run, *(f"{run}_{number}" for number in range(2, MOST_ATTEMPTS + 1))):
        execution = Execution(client, machine, name)
        status = execution.status()
        if status is None:
            return execution, False
        if status == "RUNNING":
            if not _asks_the_same(order, execution):
                raise CliError(
                    f"The run {run} is at work with other techniques, judges or repeats. Follow it without these "
                    "options, or wait for its end and start it again with them.",
                    code="run_at_work",
                )
            return execution, True
        if status == "SUCCEEDED" and _lacks_nothing(order, execution) and _asks_the_same(order, execution):
            return execution, True
    raise CliError(f"The run {run} was started {MOST_ATTEMPTS} times. Mend what its executions say, and name another.")


def follow_execution(deployment: Deployment, execution: Execution, run: str, progress: Progress) -> str | None:
    """Wait for the end; gives the reason of a batch that was given up."""
    maps, entered = MapRuns(deployment.client("stepfunctions"), execution.arn), set[str]()

    def look() -> None:
        counts = maps.counts()
        for name, stage in STAGES.items():
            if name in counts:
                progress(stage, *counts[name])
            elif name in entered:
                entered.remove(name)
                progress(stage)

    # Hours later only the states inside are among the last events: Judge1JobWait, Judge2JobDescribe, …
    outcome = execution.follow(
        on_state=lambda state: entered.add(f"{branch[1]}InBatch" if (branch := BRANCH.match(state)) else state),
        on_look=look,
    )
    inside = maps.failure()
    if not outcome.succeeded:
        failure = outcome.failure(f"The evaluation run {run}")
        kept = f"What was answered and judged is kept: the same command with --run {run} goes on with it."
        raise CliError(f"{str(failure).rstrip('.')}. {kept}", code=failure.code, details=failure.details)
    return inside


def refuse_other_cases(results: Objects, run: str, cases: bytes) -> None:
    """A run that is followed shows the answers to its own cases, whatever file is named with it.

    Raises:
        CliError: the file holds other cases.
    """
    try:
        began_with = Plan.parse(results.read(plan_key(run))).cases_digest
    except ObjectMissingError:
        return
    if began_with != digest(cases):
        raise CliError(f"The run {run} began with other questions. Give this one another name.", code="other_cases")


def _lacks_nothing(order: Mapping[str, Any], execution: Execution) -> bool:
    """Bedrock's own jobs that gave no scores are missed by who asks for them."""
    ended = execution.output()
    return bool(ended.get("complete")) and not (order.get("native_jobs") and ended.get("native_lacking"))


def _asks_the_same(order: Mapping[str, Any], execution: Execution) -> bool:
    chosen = {name: order[name] for name in CHOICES if name in order}
    if not chosen:
        return True
    given = execution.input()
    return all(given.get(name) == value for name, value in chosen.items())
