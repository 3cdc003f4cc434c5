"""Batch inference in a pipeline: the role that Bedrock answers records under, and the states that run a job to its end.

Input: `job_name` and `input_key` as the caller writes them; a name and its records again are the same job again.
Output: the state's own input, and `batch`: `{"job_arn", "status": "Completed | PartiallyCompleted | Expired",
"message", "output_key", "looks"}`. Records may be missing from the output or have failed: whoever reads them counts.
Errors: a job that failed or was stopped goes on to `on_failure` with Bedrock's reason as `Cause`.
"""

from collections.abc import Mapping

from aws_cdk import Stack
from aws_cdk import aws_iam as iam
from constructs import Construct

from stacks.constructs.base import models, trust
from stacks.constructs.base.asl import BEDROCK_ERRORS, State, task
from stacks.constructs.base.bucket import Bucket
from stacks.settings.model_catalogue import foundation_model, profile_prefix

SDK = "arn:aws:states:::aws-sdk:bedrock:"
JOB_HOURS = 24
"""The least that Bedrock takes; a job of an execution that was stopped does not outlive it."""
POLL_SECONDS = 60
FREQUENT_LOOKS, SELDOM_SECONDS = 100, 600
"""After so many looks at a job the pauses are longer. A look is nine events, and an execution has 25,000 (Step
Functions guide, quotas): a day of looks at one job every half minute would end it."""
TASK_SECONDS = 60
# botocore model: ModelInvocationJobStatus.
GOING_ON = ("Submitted", "Validating", "Scheduled", "InProgress", "Stopping")
WITH_OUTPUT = ("Completed", "PartiallyCompleted", "Expired")
JOBS = "model-invocation-job/*"


class BatchInference(Construct):
    """Jobs that one model answers, over records below one prefix of a bucket."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        model: str,
        bucket: Bucket,
        prefix: str,
        tags: Mapping[str, str],
        poll_seconds: int = POLL_SECONDS,
        frequent_looks: int = FREQUENT_LOOKS,
        seldom_seconds: int = SELDOM_SECONDS,
    ) -> None:
        super().__init__(scope, construct_id)
        self._model, self._bucket, self._tags, self._poll_seconds = model, bucket, tags, poll_seconds
        self._frequent_looks, self._seldom_seconds = frequent_looks, max(seldom_seconds, poll_seconds)
        self.role = iam.Role(self, "Role", assumed_by=trust.service(self, "bedrock", resources=JOBS))
        bucket.grant_list(self.role, prefix=prefix)
        bucket.grant_read(self.role, prefix=prefix)
        bucket.grant_write(self.role, prefix=prefix)
        if profile_prefix(model):
            # Bedrock guide, *batch-iam-sr*: only through an inference profile are models invoked under this role.
            models.grant_invoke(self.role, model)

    def grant_run(self, role: iam.Role) -> None:
        """Let a pipeline submit, follow and stop jobs of this model, under this role."""
        stack = Stack.of(self)
        own = f"arn:{stack.partition}:bedrock:{stack.region}:{stack.account}"
        named = [models.foundation_model_arn(self, self._model)]
        if profile_prefix(self._model):
            regional = f"arn:{stack.partition}:bedrock:*::foundation-model/{foundation_model(self._model)}"
            named = [f"{own}:inference-profile/{self._model}", regional]
        environment = self._tags["arbiter:environment"]
        made = [*named, f"{own}:{JOBS}"]
        _allow(role, ["bedrock:CreateModelInvocationJob"], made, trust.tagging(environment))
        _allow(role, ["bedrock:GetModelInvocationJob"], [f"{own}:{JOBS}"])
        _allow(role, ["bedrock:StopModelInvocationJob"], [f"{own}:{JOBS}"], trust.of_environment(environment))
        _allow(role, ["bedrock:TagResource"], [f"{own}:{JOBS}"], trust.tagging(environment))
        to_bedrock = {"StringEquals": {"iam:PassedToService": "bedrock.amazonaws.com"}}
        _allow(role, ["iam:PassRole"], [self.role.role_arn], to_bedrock)

    def states(self, name: str, *, job_name: str, input_key: str, then: str, on_failure: str) -> dict[str, State]:
        """The states of one job, the first called `name`; `job_name` and `input_key` are JSONata without its braces."""
        return {
            name: self._submit(job_name, input_key, then=f"{name}Wait", on_failure=on_failure),
            f"{name}Wait": _wait(self._poll_seconds, then=f"{name}Describe"),
            f"{name}WaitLonger": _wait(self._seldom_seconds, then=f"{name}Describe"),
            f"{name}Describe": self._describe(then=f"{name}Status", on_failure=f"{name}Stop"),
            f"{name}Status": _status(f"{name}Wait", self._frequent_looks, then=then, failed=f"{name}Failed"),
            f"{name}Stop": self._stop(then=f"{name}Failed"),
            f"{name}Failed": _failed(then=on_failure),
        }

    def _submit(self, job_name: str, input_key: str, *, then: str, on_failure: str) -> State:
        at = f"'s3://{self._bucket.name}/' & {input_key}"
        # Beside the records: a folder of the job's id, made by Bedrock.
        folder = f"$replace({input_key}, /[^\\/]+$/, '')"
        output = f"{folder} & $split($states.result.JobArn, '/')[-1] & '/' & $split({input_key}, '/')[-1] & '.out'"
        return task(
            f"{SDK}createModelInvocationJob",
            {
                "JobName": f"{{% {job_name} %}}",
                "ClientRequestToken": f"{{% {job_name} %}}",
                "ModelId": self._model,
                "ModelInvocationType": "Converse",
                "RoleArn": self.role.role_arn,
                "InputDataConfig": {"S3InputDataConfig": {"S3Uri": f"{{% {at} %}}"}},
                "OutputDataConfig": {
                    "S3OutputDataConfig": {"S3Uri": f"{{% 's3://{self._bucket.name}/' & {folder} %}}"}
                },
                "TimeoutDurationInHours": JOB_HOURS,
                "Tags": [{"Key": key, "Value": value} for key, value in self._tags.items()],
            },
            seconds=TASK_SECONDS,
            retries=BEDROCK_ERRORS,
            on_error=on_failure,
            then=then,
            Output=_noted(f"'job_arn': $states.result.JobArn, 'output_key': {output}, 'looks': 0", fresh=True),
        )

    @staticmethod
    def _describe(*, then: str, on_failure: str) -> State:
        message = "$exists($states.result.Message) ? $states.result.Message : 'Bedrock gives no reason'"
        looks = "$states.input.batch.looks + 1"
        described = task(
            f"{SDK}getModelInvocationJob",
            {"JobIdentifier": "{% $states.input.batch.job_arn %}"},
            seconds=TASK_SECONDS,
            retries=BEDROCK_ERRORS,
            on_error=on_failure,
            then=then,
            Output=_noted(f"'status': $states.result.Status, 'message': {message}, 'looks': {looks}"),
        )
        described["Catch"][0]["Output"] = _noted("'message': $string($states.errorOutput.Cause)")
        return described

    @staticmethod
    def _stop(*, then: str) -> State:
        """A job that cannot be followed is not left running; why it could not be is what is told."""
        stopping = task(
            f"{SDK}stopModelInvocationJob",
            {"JobIdentifier": "{% $states.input.batch.job_arn %}"},
            seconds=TASK_SECONDS,
            retries=BEDROCK_ERRORS,
            on_error=then,
            then=then,
            Output="{% $states.input %}",
        )
        stopping["Catch"][0]["Output"] = "{% $states.input %}"
        return stopping


def _wait(seconds: int, *, then: str) -> State:
    return {"Type": "Wait", "QueryLanguage": "JSONata", "Seconds": seconds, "Next": then}


def _status(again: str, frequent_looks: int, *, then: str, failed: str) -> State:
    condition, seldom = "$states.input.batch.status in", f"$states.input.batch.looks >= {frequent_looks}"
    return {
        "Type": "Choice",
        "QueryLanguage": "JSONata",
        "Choices": [
            {"Condition": f"{{% {condition} {list(WITH_OUTPUT)} %}}", "Next": then},
            {"Condition": f"{{% {condition} {list(GOING_ON)} and {seldom} %}}", "Next": f"{again}Longer"},
            {"Condition": f"{{% {condition} {list(GOING_ON)} %}}", "Next": again},
        ],
        "Default": failed,
    }


def _failed(*, then: str) -> State:
    status = "$exists($states.input.batch.status) ? $states.input.batch.status : 'lost'"
    cause = f"'the batch inference job ' & $states.input.batch.job_arn & ' is ' & ({status})"
    return {
        "Type": "Pass",
        "QueryLanguage": "JSONata",
        "Output": {"Cause": f"{{% {cause} & ': ' & $states.input.batch.message %}}"},
        "Next": then,
    }


def _noted(members: str, *, fresh: bool = False) -> str:
    """The state's input with these members of `batch` added."""
    batch = f"{{{members}}}" if fresh else f"$merge([$states.input.batch, {{{members}}}])"
    return f"{{% $merge([$states.input, {{'batch': {batch}}}]) %}}"


def _allow(
    role: iam.Role, actions: list[str], resources: list[str], conditions: dict[str, dict[str, str]] | None = None
) -> None:
    role.add_to_principal_policy(
        iam.PolicyStatement(actions=actions, resources=resources, conditions=dict(conditions) if conditions else None)
    )
