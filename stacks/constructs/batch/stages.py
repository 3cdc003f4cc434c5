"""The stages of a pipeline that ask models through batch inference: merge, job, replies; and jobs nobody waits for."""

from collections.abc import Sequence
from math import ceil

from aws_cdk import Duration, Stack
from aws_cdk import aws_iam as iam
from constructs import Construct

from arbiter.settings import FunctionSettings
from arbiter.settings.batch_inference import BatchRecordsSettings
from stacks.constructs.base import trust
from stacks.constructs.base.asl import LAMBDA, LAMBDA_ERRORS, State, task
from stacks.constructs.base.bucket import Bucket
from stacks.constructs.base.function import Function
from stacks.constructs.base.state_machine import allow_invoke
from stacks.constructs.base.unfinished_runs import UnfinishedRuns
from stacks.constructs.batch.inference import FREQUENT_LOOKS, JOBS, SELDOM_SECONDS, BatchInference
from stacks.settings.environment import Settings

SECONDS = 900
JOBS_OF_HALF_A_HISTORY = 5
"""A day of looks at more jobs than these, as often as each may be looked at, would leave too little for the rest."""
FOLDER = "*/batch-inference/"
"""Below the prefix of the runs: what batch inference reads and writes of each."""


class BatchStages(Construct):
    """One job a model and run at most, under the rights of that model alone."""

    def __init__(
        self, scope: Construct, construct_id: str, *, settings: Settings, models: Sequence[str],
        results: Bucket, prefix: str, minimum: int, tags: dict[str, str],
    ) -> None:  # fmt: skip
        super().__init__(scope, construct_id)
        self._log_retention_days, self._tags = settings.router.log_retention_days, tags
        folder = f"{prefix}{FOLDER}"
        self._records = self._function(
            "Records",
            "batch_records",
            "Merges what models are asked, and shares out what batch inference replied",
            BatchRecordsSettings(results_bucket=results.name, prefix=prefix, minimum=minimum),
            memory_mb=1769,
        )
        results.grant_list(self._records.role, prefix=folder)
        results.grant_read(self._records.role, prefix=folder)
        results.grant_write(self._records.role, prefix=folder)
        rarer = ceil(len(models) / JOBS_OF_HALF_A_HISTORY)
        self._jobs = {
            model: BatchInference(
                self, f"Job{number}", model=model, bucket=results, prefix=folder, tags=tags,
                poll_seconds=settings.poll_seconds, frequent_looks=FREQUENT_LOOKS // rarer,
                seldom_seconds=SELDOM_SECONDS * rarer,
            )
            for number, model in enumerate(models, start=1)
        }  # fmt: skip

    def grant(self, role: iam.Role) -> None:
        """Let a pipeline go through the stages."""
        allow_invoke(role, self._records.function.function_arn)
        for job in self._jobs.values():
            job.grant_run(role)

    def stop_with(self, machine_arn: str) -> None:
        """Stop the jobs of executions that end before their jobs do."""
        stop = self._function("Stop", "stop_batch_jobs", "Stops the batch inference jobs of a stopped run")
        stack = Stack.of(self)
        jobs = f"arn:{stack.partition}:bedrock:{stack.region}:{stack.account}:{JOBS}"
        stop.allow(["bedrock:StopModelInvocationJob"], [jobs], trust.of_environment(self._tags["arbiter:environment"]))
        stop.allow_unscoped(["bedrock:ListModelInvocationJobs"])
        UnfinishedRuns(
            self,
            "Stopped",
            state_machine=machine_arn,
            description="A run with batch inference was stopped, failed or took too long",
            act="Stop",
            function=stop,
        )

    def states(self, name: str, model: str, *, then: str, on_failure: str) -> dict[str, State]:
        """The states of one model, the first called `<name>Merge`; too few requests lead straight to `then`."""
        enough = {"Condition": "{% $states.input.merged.records > 0 %}", "Next": f"{name}Job"}
        asked = {"job_name": "$states.input.merged.job_name", "input_key": "$states.input.merged.input_key"}
        event = {"execution": "{% $states.context.Execution.Id %}"}
        output = {"output_key": "{% $states.input.batch.output_key %}"}
        merged = "{% $merge([$states.input, {'merged': $states.result.Payload}]) %}"
        return {
            f"{name}Merge": self._call(model, event, merged, then=f"{name}Enough", on_failure=on_failure),
            f"{name}Enough": {"Type": "Choice", "QueryLanguage": "JSONata", "Choices": [enough], "Default": then},
            **self._jobs[model].states(f"{name}Job", **asked, then=f"{name}Replies", on_failure=on_failure),
            f"{name}Replies": self._call(model, output, "{% $states.input %}", then=then, on_failure=on_failure),
        }

    def _call(self, model: str, event: dict[str, str], output: str, *, then: str, on_failure: str) -> State:
        payload = {"run": "{% $states.input.run %}", "model": model, **event}
        return task(
            LAMBDA,
            {"FunctionName": self._records.function.function_arn, "Payload": payload},
            seconds=SECONDS + 10,
            retries=(*LAMBDA_ERRORS, "States.Timeout"),
            on_error=on_failure,
            then=then,
            Output=output,
        )

    def _function(
        self, name: str, module: str, description: str, settings: FunctionSettings | None = None, memory_mb: int = 256
    ) -> Function:
        return Function(
            self,
            name,
            module=module,
            description=description,
            settings=settings,
            timeout=Duration.seconds(SECONDS),
            memory_mb=memory_mb,
            log_retention_days=self._log_retention_days,
        )
