"""Bedrock's own evaluation jobs in the evaluation pipeline: who runs them, as whom, and the states that wait for them.

The states pass their input on. Whatever fails in them, the run goes on to its summary, which says what is missing.
"""

from aws_cdk import Duration, Stack
from aws_cdk import aws_iam as iam
from constructs import Construct

from arbiter.settings.evaluating import NativeJobsSettings, StopNativeJobsSettings
from stacks.constructs.base import models, trust
from stacks.constructs.base.asl import LAMBDA, LAMBDA_ERRORS, State, task
from stacks.constructs.base.bucket import Bucket
from stacks.constructs.base.function import Function
from stacks.constructs.base.unfinished_runs import UnfinishedRuns
from stacks.settings.environment import Settings
from stacks.settings.model_catalogue import profile_prefix

RUNS = "evaluations/"
JOBS = "evaluation-job/*"
FUNCTION_SECONDS = 900
JOB_HOURS = 24
"""What a job may take at most: then the function has it stopped."""
POLL_SECONDS = 120
"""Ten events a look for a day are 7,200 of the 25,000 in an execution's history; batch inference needs some, too."""


class NativeJobs(Construct):
    """The function that starts and follows jobs, and the role that Bedrock judges under."""

    def __init__(
        self, scope: Construct, construct_id: str, *, environment: str, settings: Settings, results: Bucket
    ) -> None:
        super().__init__(scope, construct_id)
        self._environment = environment
        judges = list(dict.fromkeys(settings.evaluation.judges))
        self.role = self._service_role(results, judges)
        self.function = Function(
            self,
            "Run",
            module="native_jobs",
            description="Has Bedrock's own evaluation jobs judge a run",
            settings=NativeJobsSettings(
                environment=environment, results_bucket=results.name, role_arn=self.role.role_arn
            ),
            timeout=Duration.seconds(FUNCTION_SECONDS),
            memory_mb=1024,
            log_retention_days=settings.router.log_retention_days,
        )
        results.grant_list(self.function.role, prefix=RUNS)
        results.grant_read(self.function.role, prefix=RUNS)
        results.grant_write(self.function.role, prefix=f"{RUNS}*/native/")
        results.grant_write(self.function.role, prefix=f"{RUNS}*/native_jobs/datasets/")
        self._allow_jobs()
        self._results, self._log_retention_days = results, settings.router.log_retention_days

    def stop_with(self, machine_arn: str) -> None:
        """Stop the jobs of executions that end before their jobs do."""
        stop = Function(
            self,
            "Stop",
            module="stop_native_jobs",
            description="Stops the native evaluation jobs of a stopped run",
            settings=StopNativeJobsSettings(results_bucket=self._results.name),
            timeout=Duration.seconds(FUNCTION_SECONDS),
            memory_mb=256,
            log_retention_days=self._log_retention_days,
        )
        self._results.grant_list(stop.role, prefix=RUNS)
        self._results.grant_read(stop.role, prefix=f"{RUNS}*/native/")
        self._results.grant_write(stop.role, prefix=f"{RUNS}*/native/")
        self._results.grant_write(stop.role, prefix=f"{RUNS}*/native_jobs/ended/")
        stop.allow(["bedrock:StopEvaluationJob"], [f"{_own(self)}:{JOBS}"], trust.of_environment(self._environment))
        UnfinishedRuns(
            self,
            "Stopped",
            state_machine=machine_arn,
            description="A run with native evaluation jobs was stopped, failed or took too long",
            act="Stop",
            function=stop,
        )

    def _service_role(self, results: Bucket, judges: list[str]) -> iam.Role:
        """Bedrock user guide, *judge-service-roles*, without what only jobs need that call the judged model too."""
        role = iam.Role(self, "Role", assumed_by=trust.service(self, "bedrock", resources=JOBS))
        results.grant_list(role, prefix=RUNS)
        results.grant_read(role, prefix=f"{RUNS}*/native_jobs/")
        results.grant_write(role, prefix=f"{RUNS}*/native_jobs/output/")
        own = {"StringEquals": {"aws:ResourceAccount": Stack.of(self).account}}
        role.add_to_principal_policy(
            iam.PolicyStatement(
                actions=["s3:GetBucketLocation"], resources=[results.bucket.bucket_arn], conditions=dict(own)
            )
        )
        for judge in judges:
            models.grant_invoke(role, judge)
            if profile_prefix(judge):
                profile = f"{_own(self)}:inference-profile/{judge}"
                role.add_to_principal_policy(
                    iam.PolicyStatement(actions=["bedrock:GetInferenceProfile"], resources=[profile])
                )
        return role

    def _allow_jobs(self) -> None:
        jobs = [f"{_own(self)}:{JOBS}"]
        making = ["bedrock:CreateEvaluationJob", "bedrock:TagResource"]
        self.function.allow(making, jobs, trust.tagging(self._environment))
        self.function.allow(["bedrock:GetEvaluationJob"], jobs)
        self.function.allow(["bedrock:StopEvaluationJob"], jobs, trust.of_environment(self._environment))
        to_bedrock = {"StringEquals": {"iam:PassedToService": "bedrock.amazonaws.com"}}
        self.function.role.add_to_principal_policy(
            iam.PolicyStatement(actions=["iam:PassRole"], resources=[self.role.role_arn], conditions=dict(to_bedrock))
        )


def native_states(function: str, *, poll_seconds: int, then: str) -> dict[str, State]:
    """The states, of which `StartNative` is the first: start every job, then look at them until none goes on."""
    return {
        "StartNative": _asked(function, "start", then=then),
        "NativeOpen": {
            "Type": "Choice",
            "QueryLanguage": "JSONata",
            "Choices": [{"Condition": "{% $states.input.native_open > 0 %}", "Next": "NativeWait"}],
            "Default": then,
        },
        "NativeWait": {"Type": "Wait", "QueryLanguage": "JSONata", "Seconds": poll_seconds, "Next": "FollowNative"},
        "FollowNative": _asked(function, "follow", then=then),
    }


def _asked(function: str, action: str, *, then: str) -> State:
    """The function, asked to act; when it fails for good the run goes on to `then`."""
    payload = {
        "action": action,
        "run": "{% $states.input.run %}",
        "execution": "{% $states.context.Execution.Name %}",
    }
    asked = task(
        LAMBDA,
        {"FunctionName": function, "Payload": payload},
        seconds=FUNCTION_SECONDS + 10,
        retries=LAMBDA_ERRORS,
        on_error=then,
        then="NativeOpen",
        Output="{% $merge([$states.input, {'native_open': $states.result.Payload.open}]) %}",
    )
    asked["Catch"][0]["Output"] = "{% $states.input %}"
    return asked


def _own(scope: Construct) -> str:
    stack = Stack.of(scope)
    return f"arn:{stack.partition}:bedrock:{stack.region}:{stack.account}"
