"""The generation pipeline: a plan with its price, pairs of each document by two models, and the collected pairs.

Input: `{"run": "…", "purpose": "training | evaluation", "pairs": n, "target"?: "fine_tuned | combined", "kinds"?: […],
"max_tokens"?: n}`; the same input under another execution name goes on with a run that ended before its time.
Output: the run's report.
Errors: GenerationRejected, PlanningFailed, GeneratingFailed, CollectionFailed; inside the map: DocumentFailed.
"""

from dataclasses import dataclass
from typing import Any

from stacks.constructs.asl import LAMBDA, LAMBDA_ERRORS, State, failure, retry, task

RUN_HOURS = 24
FAILURES = ("GenerationRejected", "PlanningFailed", "GeneratingFailed", "CollectionFailed")
PASSING = ("Throttled", "ModelNotReady", "ModelError", "KnowledgeBaseUnavailable", "DeadlineExceeded")
FUNCTION_SECONDS = 900


@dataclass(frozen=True, kw_only=True)
class GenerationPipeline:
    """What the definition needs to know; ARNs and names may be CloudFormation tokens."""

    plan_function: str
    generate_function: str
    collect_function: str
    results_bucket: str
    concurrency: int

    def definition(self) -> dict[str, Any]:
        """The state machine, in Amazon States Language."""
        return {
            "Comment": "Makes questions with answers from the documents",
            "StartAt": "Plan",
            "TimeoutSeconds": RUN_HOURS * 3600,
            "States": {
                "Plan": self._call(self.plan_function, failed="PlanningFailed", then="Generate"),
                "Generate": self._generate(),
                "Collect": self._call(self.collect_function, failed="CollectionFailed", then=None),
                **{name: failure(name) for name in FAILURES},
            },
        }

    @staticmethod
    def _call(function: str, *, failed: str, then: str | None) -> State:
        return task(
            LAMBDA,
            {"FunctionName": function, "Payload": "{% $states.input %}"},
            seconds=FUNCTION_SECONDS,
            retries=LAMBDA_ERRORS,
            on_error={"GenerationRejected": "GenerationRejected", "States.ALL": failed},
            then=then,
            Output="{% $states.result.Payload %}",
        )

    def _generate(self) -> State:
        ordered = {name: f"{{% $states.input.{name} %}}" for name in ("run", "target", "kinds")}
        return {
            "Type": "Map",
            "QueryLanguage": "JSONata",
            "Label": "Documents",
            "MaxConcurrency": self.concurrency,
            "ItemReader": {
                "Resource": "arn:aws:states:::s3:getObject",
                "ReaderConfig": {"InputType": "JSONL"},
                "Arguments": {"Bucket": self.results_bucket, "Key": "{% $states.input.plan_key %}"},
            },
            "ItemSelector": {**ordered, "share": "{% $states.context.Map.Item.Value %}"},
            "ItemProcessor": {
                "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
                "StartAt": "GenerateOfDocument",
                "States": {
                    "GenerateOfDocument": self._generate_of_document(),
                    "DocumentFailed": failure("DocumentFailed"),
                },
            },
            # The pairs are in the bucket.
            "Output": {"run": "{% $states.input.run %}"},
            "Retry": retry(["States.ItemReaderFailed"], attempts=2),
            "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "GeneratingFailed"}],
            "Next": "Collect",
        }

    def _generate_of_document(self) -> State:
        return task(
            LAMBDA,
            {"FunctionName": self.generate_function, "Payload": "{% $states.input %}"},
            seconds=FUNCTION_SECONDS + 30,
            retries=(),
            on_error="DocumentFailed",
            then=None,
            Retry=[
                *retry(LAMBDA_ERRORS),
                *retry(PASSING, attempts=8),
                # A long document takes several invocations, each of which goes on where the last one ended.
                *retry(["Unfinished"], attempts=100),
                # A function that was killed leaves no error of its own; what it had written is kept.
                *retry(["States.TaskFailed", "States.Timeout"], attempts=2),
            ],
            # A number: the outputs of all documents together must stay below 256 KB.
            Output="{% $states.result.Payload.pairs %}",
        )
