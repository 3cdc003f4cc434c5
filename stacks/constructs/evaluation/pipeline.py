"""The evaluation pipeline: plan, answer every case in every arm, have the answers judged, sum up.

Input: `{"run": "…", "cases_key": "evaluations/…", "arms"?, "judges"?, "pairwise"?, "repeat"?, "max_cost_usd"?,
"native_jobs"?, "batch_answers"?, "accept_unknown_cost"?, "started_by"?}`; the same run again, under another
name, does only what is missing.
Output: what the summarise function returns; where `auto` is calibrated on every run, with `calibration`.
Errors: EvaluationRejected, PlanFailed, AnswersFailed, VerdictsFailed, SummaryFailed, DailyQuotaReached; inside the
maps: BatchFailed. A quota of the day ends the run after the map that met it, whose batches then ask no more.
A batch that failed ends nothing: what it left undone is missing in the summary, and done by the run's next start.
Where Bedrock's own evaluation jobs are set, they judge before the summary, and none of them ends the run either.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from stacks.constructs.base.asl import LAMBDA, LAMBDA_ERRORS, State, failure, task
from stacks.constructs.batch.models import ModelsInBatch
from stacks.constructs.evaluation.map_states import INPUT, USED_UP, over_batches, stopped
from stacks.constructs.evaluation.native_jobs import JOB_HOURS, POLL_SECONDS, native_states

RUN_HOURS = 48
BATCH_HOURS = 24
"""What one batch inference job may take; those of all judges run at the same time, as do those of all who answer."""
FAILED_JOB = "BatchInferenceFailed"


@dataclass(frozen=True, kw_only=True)
class EvaluationPipeline:
    """Inputs of the definition; ARNs and names may be CloudFormation tokens."""

    plan_function: str
    answer_function: str
    judge_function: str
    summarise_function: str
    results_bucket: str
    concurrency: int
    native_function: str | None = None
    """What has Bedrock judge as well, where that is set."""
    poll_seconds: int = POLL_SECONDS
    judges: ModelsInBatch | None = None
    """What has the judges asked in jobs, where that is set."""
    answers: ModelsInBatch | None = None
    """The same of the models that answer."""
    calibrating: Mapping[str, State] = field(default_factory=dict)
    """The states that calibrate `auto` on the run, where that is set."""

    def definition(self) -> dict[str, Any]:
        """The state machine, in Amazon States Language."""
        asked = "AskJudges" if self.judges else "Judge"
        return {
            "Comment": "Answers every case in every arm, has the answers judged and summarises the run",
            "StartAt": "Plan",
            "TimeoutSeconds": self._hours() * 3600,
            "States": {
                "Plan": self._plan(then="HasBatchAnswers" if self.answers else "Answer"),
                **self._asking_answers(),
                "Answer": self._batches(
                    self.answer_function, label="Answers", failed="AnswersFailed", then="AnswersStopped"
                ),
                "AnswersStopped": stopped(then=asked),
                **self._asking_judges(),
                "Judge": self._batches(
                    self.judge_function,
                    label="Verdicts",
                    failed="VerdictsFailed",
                    then="VerdictsStopped",
                ),
                "VerdictsStopped": stopped(then="StartNative" if self.native_function else "Summarise"),
                **self._native(),
                "Summarise": self._summarise(then=next(iter(self.calibrating), None)),
                **self.calibrating,
                **{
                    name: failure(name)
                    for name in ("EvaluationRejected", "PlanFailed", "AnswersFailed", "VerdictsFailed", "SummaryFailed")
                },
                "DailyQuotaReached": failure("DailyQuotaReached", USED_UP),
            },
        }

    def _hours(self) -> int:
        asking = BATCH_HOURS * sum(map(bool, (self.judges, self.answers)))
        return RUN_HOURS + asking + (JOB_HOURS if self.native_function else 0)

    def _native(self) -> dict[str, State]:
        if not self.native_function:
            return {}
        return native_states(self.native_function, poll_seconds=self.poll_seconds, then="Summarise")

    def _asking_answers(self) -> dict[str, State]:
        """A map of its own writes down what the models are asked; one job a model asks it."""
        if self.answers is None:
            return {}
        ask, job = "AskAnswers", "AnswerInBatch"
        wanted = {"Condition": "{% $states.input.batch_answers %}", "Next": ask}
        return {
            "HasBatchAnswers": {
                "Type": "Choice", "QueryLanguage": "JSONata", "Choices": [wanted], "Default": "Answer",
            },
            ask: self._batches(self.answer_function, label=ask, failed=FAILED_JOB, then=job, defer=True),
            **self.answers.states(job, then="Answer", on_failure=FAILED_JOB),
        }  # fmt: skip

    def _asking_judges(self) -> dict[str, State]:
        """The same for the judges."""
        if self.judges is None:
            return {}
        ask, job = "AskJudges", "JudgeInBatch"
        return {
            ask: self._batches(self.judge_function, label=ask, failed=FAILED_JOB, then=job, defer=True),
            **self.judges.states(job, then="Judge", on_failure=FAILED_JOB),
            FAILED_JOB: failure(FAILED_JOB),
        }

    def _plan(self, *, then: str) -> State:
        return task(
            LAMBDA,
            {"FunctionName": self.plan_function, "Payload": INPUT},
            seconds=900,
            retries=LAMBDA_ERRORS,
            on_error={"EvaluationRejected": "EvaluationRejected", "States.ALL": "PlanFailed"},
            then=then,
            Output="{% $states.result.Payload %}",
        )

    def _batches(self, function: str, *, label: str, failed: str, then: str, defer: bool = False) -> State:
        return over_batches(
            function,
            bucket=self.results_bucket,
            concurrency=self.concurrency,
            label=label,
            failed=failed,
            then=then,
            defer=defer,
        )

    def _summarise(self, *, then: str | None) -> State:
        run = {name: f"{{% $states.input.{name} %}}" for name in ("run", "cases_key", "arms")}
        return task(
            LAMBDA,
            {"FunctionName": self.summarise_function, "Payload": run},
            seconds=900,
            retries=LAMBDA_ERRORS,
            on_error="SummaryFailed",
            then=then,
            Output="{% $states.result.Payload %}",
        )
