"""The generation pipeline: a plan with its price, pairs of each document by two models, and the collected pairs.

Input: `{"run": "…", "purpose": "training | evaluation", "pairs": n, "target"?: "fine_tuned | combined", "kinds"?: […],
"max_tokens"?: n}`; the same input under another execution name goes on with a run that ended before its time.
Output: the run's report.
Errors: GenerationRejected, PlanningFailed, GeneratingFailed, CollectionFailed; inside the map: DocumentFailed and
DailyQuotaReached, which says when the run may go on.
With batch inference each model is asked as much as possible at once before the map over the documents, which asks what
is left; then there is the error BatchInferenceFailed, too.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from stacks.constructs.base.asl import LAMBDA, LAMBDA_ERRORS, State, failure, never, processor, retry, task

RUN_HOURS = 24
BATCH_HOURS = 24
"""What one batch inference job may take."""
ASKED = ("generator", "verifier")
"""The models that are asked through batch inference, one after the other: replies of the first make the questions."""
FAILURES = ("GenerationRejected", "PlanningFailed", "GeneratingFailed", "CollectionFailed")
PASSING = ("Throttled", "ModelNotReady", "ModelError", "KnowledgeBaseUnavailable", "DeadlineExceeded")
FUNCTION_SECONDS = 900

Stages = Callable[[str, str, str], dict[str, State]]
"""The states of one model's batch inference: which model, what comes then, and what on failure."""


@dataclass(frozen=True, kw_only=True)
class GenerationPipeline:
    """Inputs of the definition; ARNs and names may be CloudFormation tokens."""

    plan_function: str
    generate_function: str
    collect_function: str
    results_bucket: str
    concurrency: int
    batch_inference: Stages | None = None

    def definition(self) -> dict[str, Any]:
        """The state machine, in Amazon States Language."""
        return {
            "Comment": "Makes questions with answers from the documents",
            "StartAt": "Plan",
            "TimeoutSeconds": (RUN_HOURS + (len(ASKED) * BATCH_HOURS if self.batch_inference else 0)) * 3600,
            "States": {
                "Plan": self._call(
                    self.plan_function,
                    failed="PlanningFailed",
                    then=self._first,
                    # What goes on days after its plan was made tries its models again before it asks them.
                    payload="{% $merge([$states.input, {'begins': true}]) %}",
                ),
                **self._asking(),
                "Generate": self._map(then="Collect"),
                "Collect": self._call(self.collect_function, failed="CollectionFailed", then=None),
                **{name: failure(name) for name in FAILURES},
            },
        }

    @property
    def _first(self) -> str:
        return f"Ask_{ASKED[0]}" if self.batch_inference else "Generate"

    def _asking(self) -> dict[str, State]:
        """For each model: what it will be asked is written down by a map of its own, and asked in one job."""
        if self.batch_inference is None:
            return {}
        states: dict[str, State] = {"BatchInferenceFailed": failure("BatchInferenceFailed")}
        following = (*(f"Ask_{asked}" for asked in ASKED[1:]), "Generate")
        for asked, then in zip(ASKED, following, strict=True):
            states[f"Ask_{asked}"] = self._map(then=f"{asked}Merge", defer=asked)
            states |= self.batch_inference(asked, then, "BatchInferenceFailed")
        return states

    @staticmethod
    def _call(function: str, *, failed: str, then: str | None, payload: str = "{% $states.input %}") -> State:
        return task(
            LAMBDA,
            {"FunctionName": function, "Payload": payload},
            seconds=FUNCTION_SECONDS,
            retries=LAMBDA_ERRORS,
            on_error={"GenerationRejected": "GenerationRejected", "States.ALL": failed},
            then=then,
            Output="{% $states.result.Payload %}",
        )

    def _map(self, *, then: str, defer: str | None = None) -> State:
        label = f"Ask_{defer}" if defer else "Documents"
        ordered = {name: f"{{% $states.input.{name} %}}" for name in ("run", "target", "kinds")}
        return {
            "Type": "Map",
            "QueryLanguage": "JSONata",
            "Label": label,
            "MaxConcurrency": self.concurrency,
            "ItemReader": {
                "Resource": "arn:aws:states:::s3:getObject",
                "ReaderConfig": {"InputType": "JSONL"},
                "Arguments": {"Bucket": self.results_bucket, "Key": "{% $states.input.plan_key %}"},
            },
            "ItemSelector": {
                **ordered,
                **({"defer": defer} if defer else {}),
                "share": "{% $states.context.Map.Item.Value %}",
            },
            "ItemProcessor": processor(
                label,
                "GeneratePairs",
                {
                    "GeneratePairs": self._generate_of_document(),
                    "DocumentFailed": failure("DocumentFailed"),
                    "DailyQuotaReached": failure("DailyQuotaReached"),
                },
            ),
            # The pairs are in the bucket.
            "Output": "{% $states.input %}" if defer else {"run": "{% $states.input.run %}"},
            "Retry": retry(["States.ItemReaderFailed"], attempts=2),
            "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "GeneratingFailed"}],
            "Next": then,
        }

    def _generate_of_document(self) -> State:
        return task(
            LAMBDA,
            {"FunctionName": self.generate_function, "Payload": "{% $states.input %}"},
            seconds=FUNCTION_SECONDS + 30,
            retries=(),
            on_error={"DailyQuota": "DailyQuotaReached", "States.ALL": "DocumentFailed"},
            then=None,
            Retry=[
                *never(["DailyQuota"]),
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
