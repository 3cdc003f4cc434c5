"""The evaluation pipeline: every question in every mode through the router, one record an answer, then a summary.

Input: `{"run": "…", "cases_key": "evaluations/<run>/cases.jsonl", "modes": ["base", …]}`.
Output: what the summarise function returns.
Errors: AnswersFailed, SummaryFailed; inside the map: RecordingFailed.
"""

from dataclasses import dataclass
from typing import Any

from stacks.constructs.asl import LAMBDA, LAMBDA_ERRORS, S3_ERRORS, State, failure, retry, task

RUN_HOURS = 12
BUSY_ATTEMPTS = 5


@dataclass(frozen=True, kw_only=True)
class EvaluationPipeline:
    """What the definition needs to know; ARNs and names may be CloudFormation tokens."""

    router: str
    router_timeout_seconds: int
    summarise_function: str
    results_bucket: str
    concurrency: int

    def definition(self) -> dict[str, Any]:
        """The state machine, in Amazon States Language. Its map is JSONPath, every other state JSONata."""
        return {
            "Comment": "Answers every question in every mode and summarises the run",
            "StartAt": "Answer",
            "TimeoutSeconds": RUN_HOURS * 3600,
            "States": {
                "Answer": self._answer(),
                "Summarise": self._summarise(),
                "AnswersFailed": failure("AnswersFailed"),
                "SummaryFailed": failure("SummaryFailed"),
            },
        }

    def _answer(self) -> State:
        return {
            "Type": "Map",
            "Label": "Cases",
            "MaxConcurrency": self.concurrency,
            "ItemReader": {
                "Resource": "arn:aws:states:::s3:getObject",
                "ReaderConfig": {"InputType": "JSONL"},
                "Parameters": {"Bucket": self.results_bucket, "Key.$": "$.cases_key"},
            },
            "ItemSelector": {"run.$": "$.run", "modes.$": "$.modes", "case.$": "$$.Map.Item.Value"},
            "ItemProcessor": {
                "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
                "StartAt": "EachMode",
                "States": {"EachMode": self._each_mode()},
            },
            # The answers are in the bucket; the run itself goes on to the summary. The CDK drops a path that is null.
            "ResultPath": "$.answers",
            "Retry": retry(["States.ItemReaderFailed"], attempts=2),
            "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "AnswersFailed"}],
            "Next": "Summarise",
        }

    def _each_mode(self) -> State:
        return {
            "Type": "Map",
            "QueryLanguage": "JSONata",
            "Items": "{% $states.input.modes %}",
            "ItemSelector": {
                "run": "{% $states.input.run %}",
                "case": "{% $states.input.case %}",
                "mode": "{% $states.context.Map.Item.Value %}",
                "attempt": 0,
            },
            # One mode after the other, so that `concurrency` is the number of requests at once.
            "MaxConcurrency": 1,
            "ItemProcessor": {
                "ProcessorConfig": {"Mode": "INLINE"},
                "StartAt": "Ask",
                "States": {
                    "Ask": self._ask(),
                    "IsBusy": self._is_busy(),
                    "StepBack": self._step_back(),
                    "Record": self._record(),
                    "RecordingFailed": failure("RecordingFailed"),
                },
            },
            "Output": "{% $count($states.result) %}",
            "End": True,
        }

    def _ask(self) -> State:
        unanswered = "{'code': 'invocation_failed', 'message': $string($states.errorOutput), 'retryable': false}"
        caught = f"{{% $merge([$states.input, {{'response': {{'error': {unanswered}}}}}]) %}}"
        question = {"question": "{% $states.input.case.question %}", "mode": "{% $states.input.mode %}"}
        return task(
            LAMBDA,
            {"FunctionName": self.router, "Payload": question},
            seconds=self.router_timeout_seconds + 30,
            retries=LAMBDA_ERRORS,
            on_error={},
            then="IsBusy",
            Catch=[{"ErrorEquals": ["States.ALL"], "Output": caught, "Next": "Record"}],
            Output="{% $merge([$states.input, {'response': $states.result.Payload}]) %}",
        )

    @staticmethod
    def _is_busy() -> State:
        error = "$states.input.response.error"
        # A call that ran out of time was probably billed: asking again pays again.
        again = f"$exists({error}) and {error}.retryable = true and {error}.code != 'deadline_exceeded'"
        busy = f"{{% {again} and $states.input.attempt < {BUSY_ATTEMPTS} %}}"
        return {
            "Type": "Choice",
            "QueryLanguage": "JSONata",
            "Choices": [{"Condition": busy, "Next": "StepBack"}],
            "Default": "Record",
        }

    @staticmethod
    def _step_back() -> State:
        return {
            "Type": "Wait",
            "QueryLanguage": "JSONata",
            "Seconds": "{% $floor($power(2, $states.input.attempt) * (1 + $random())) %}",
            "Output": "{% $merge([$states.input, {'attempt': $states.input.attempt + 1}]) %}",
            "Next": "Ask",
        }

    def _record(self) -> State:
        key = "'evaluations/' & $states.input.run & '/answers/' & $states.input.case.id & '/' & $states.input.mode"
        outcome = "$exists($r.error) ? {'error': $r.error} : {'response': $r}"
        identity = "{'run': $states.input.run, 'case': $states.input.case, 'mode': $states.input.mode}"
        return task(
            "arn:aws:states:::aws-sdk:s3:putObject",
            {
                "Bucket": self.results_bucket,
                "Key": f"{{% {key} & '.json' %}}",
                # An object: a text would be written as a quoted JSON string.
                "Body": f"{{% ($r := $states.input.response; $merge([{identity}, {outcome}])) %}}",
                "ContentType": "application/json",
            },
            seconds=60,
            retries=S3_ERRORS,
            on_error="RecordingFailed",
            then=None,
            Output="{% $states.input.mode %}",
        )

    def _summarise(self) -> State:
        run = {name: f"{{% $states.input.{name} %}}" for name in ("run", "cases_key", "modes")}
        return task(
            LAMBDA,
            {"FunctionName": self.summarise_function, "Payload": run},
            seconds=900,
            retries=LAMBDA_ERRORS,
            on_error="SummaryFailed",
            then=None,
            Output="{% $states.result.Payload %}",
        )
