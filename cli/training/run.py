"""A model tuned on a file: checked here first, then trained, hosted and nominated by the pipeline."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from arbiter.aws.objects import Objects
from arbiter.evaluation.run.plan import digest
from arbiter.training_data.check import Report, Rules
from arbiter.tuned_models.service.promotion import IN_SERVICE
from arbiter.tuned_models.training.names import LONGEST_GATED_RUN
from arbiter.tuned_models.training.record import Cost
from cli.core.deployment import Deployment
from cli.core.errors import CliError
from cli.core.execution import Execution, Outcome, new_run, require_run_name
from cli.core.progress import Progress, silent
from cli.evaluation.order import read_file
from cli.models import service
from cli.reporting.figures.numbers import dollars
from cli.training.check import check_file
from cli.training.estimate import estimate, gate_cost, questions_demanded
from cli.training.order import Order
from cli.training.records import find_run
from cli.training.result import TrainResult
from cli.training.watch import JobWatch


def train(
    deployment: Deployment,
    file: Path,
    *,
    run: str | None = None,
    hyperparameters: Mapping[str, str] | None = None,
    rules: Rules | None = None,
    force: bool = False,
    accept_unknown_cost: bool = False,
    gate: Path | None = None,
    promote: bool = False,
    progress: Progress = silent,
) -> TrainResult:
    """Run the training pipeline, as an `Order` says; with `promote` put the model into service whatever its quality.

    Raises:
        CliError: the file or the run's name is refused, or the pipeline failed.
    """
    order = Order(
        run=run or new_run(),
        file=file,
        hyperparameters=hyperparameters or {},
        force=force,
        accept_unknown_cost=accept_unknown_cost,
        gate=gate,
    )
    return Training(deployment, order, progress).result(rules or Rules(), promote=promote)


@dataclass(frozen=True)
class Training:
    """One order, to be carried out."""

    deployment: Deployment
    order: Order
    progress: Progress
    accepts: Callable[[str], bool] = lambda doubt: True
    """Asked whether to train although the gate is sure to hold the model back."""
    on_begin: Callable[[], None] = lambda: None
    """Called when the pipeline has started, or turns out to have started before."""

    def result(self, rules: Rules, *, promote: bool) -> TrainResult:
        """Carry the order out and wait for its end, as `train` says."""
        begun, order = time.monotonic(), self.order
        _require_name(order.run, gated=order.gate is not None)
        report = _checked(order.file, rules, order.gate, self.progress)
        cost = estimate(self.deployment, report.split.train.tokens, order.hyperparameters)
        execution = self._begun(cost)
        output = self._followed(execution).output
        if promote:
            self.progress("Putting the model into service")
            service.promote(self.deployment, order.run)
        record = find_run(self.deployment, order.run)
        in_service = service.pointed_to(self.deployment).get(IN_SERVICE)
        return TrainResult(
            environment=self.deployment.environment,
            run=order.run,
            samples=output["samples"],
            doubts=_doubts(report),
            estimate=cost,
            model=output["model"],
            custom_model=output["custom_model"],
            base_model=output["base_model"],
            reused=output["reused"],
            in_service=in_service is not None and in_service.run == order.run,
            gate=record.gate,
            record=record,
            execution=execution.arn,
            seconds=round(time.monotonic() - begun, 1),
        )

    def _begun(self, cost: Cost) -> Execution:
        """The execution of the run; of one that began before, settings and cost are those that it was given then."""
        states, machine = self.deployment.client("stepfunctions"), self.deployment.output("TrainingStateMachineArn")
        execution = Execution(states, machine, self.order.run)
        if execution.exists():
            self.order.refuse_other_file(execution.input())
            self.on_begin()
            return execution
        self.progress(_in_words(cost))
        questions = self._gate_questions(self.order.gate) if self.order.gate else None
        self.progress("Sending the file")
        execution.start(self._request(questions), self.on_begin)
        return execution

    def _gate_questions(self, file: Path) -> str:
        """Where the questions of the gate are, sent once they will do: known before the training is paid for.

        Raises:
            CliError: they are too few and it is not wanted so, or their evaluation would be refused.
        """
        order, given, demanded = self.order, len(read_file(file).cases), questions_demanded(self.deployment)
        doubt = (
            f"{file} has {given:,} questions and the gate demands {demanded:,} (evaluation.gate."
            "minimum_cases): it will hold the model back, however good."
        )
        if given < demanded and not self.accepts(doubt):
            raise CliError(f"Nothing was trained. {doubt}", code="not_confirmed")
        key, accepts = self._send_questions(file), order.accept_unknown_cost
        if cost := gate_cost(self.deployment, order.run, key, accept_unknown_cost=accepts):
            self.progress(cost)
        return key

    def _request(self, questions: str | None) -> dict[str, Any]:
        """The input of the pipeline, with the files sent to where it says."""
        order, key = self.order, self.order.key()
        with order.file.open("rb") as content:
            kind = "text/csv" if key.endswith(".csv") else "application/jsonl"
            self._bucket("TrainingBucketName").write(key, content, content_type=kind)
        request = {
            "run": order.run,
            "training_key": key,
            "hyperparameters": dict(order.hyperparameters),
            "force": order.force,
            **({"accept_unknown_cost": True} if order.accept_unknown_cost else {}),
            "started_by": service.caller(self.deployment),
        }
        return {**request, "gate": {"cases_key": questions}} if questions else request

    def _send_questions(self, questions: Path) -> str:
        cases = read_file(questions).dump()
        key = f"evaluations/{self.order.run}-gate/questions-{digest(cases)[:16]}.jsonl"
        self._bucket("ResultsBucketName").write(key, cases, content_type="application/jsonl")
        return key

    def _followed(self, execution: Execution) -> Outcome:
        """The end of the pipeline.

        Raises:
            CliError: it failed; says why, and what was cleaned up.
        """
        run, progress, bedrock = self.order.run, self.progress, self.deployment.client("bedrock")
        watch = JobWatch(run, bedrock, self._bucket("TrainingBucketName"), self._bucket("ResultsBucketName"), progress)
        outcome = execution.follow(on_state=watch.enter, on_look=watch.look)
        if not outcome.succeeded:
            raise outcome.failure(f"The training run {run}")
        return outcome

    def _bucket(self, output: str) -> Objects:
        return Objects(self.deployment.client("s3"), self.deployment.output(output))


def _require_name(run: str, *, gated: bool) -> None:
    require_run_name(run)
    if gated and len(run) > LONGEST_GATED_RUN:
        raise CliError(
            f"The run {run} has too long a name: with --gate use at most {LONGEST_GATED_RUN}.", code="bad_run"
        )


def _checked(file: Path, rules: Rules, gate: Path | None, progress: Progress) -> Report:
    result = check_file(file, rules=rules, questions=gate, progress=progress)
    if not result.accepted:
        raise result.refusal()
    return result.report


def _doubts(report: Report) -> tuple[str, ...]:
    unlisted = report.doubt_count - len(report.doubts)
    return (*map(str, report.doubts), *[f"{unlisted:,} more doubts: `arbiter train check` counts each kind"][:unlisted])


def _in_words(cost: Cost) -> str:
    least = "at least" if cost.lower_bound else "about"
    price = "at an unknown price" if cost.usd is None else f"{least} {dollars(cost.usd)}"
    return f"Training on about {cost.tokens:,} tokens: {price}"
