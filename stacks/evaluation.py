"""What compares the modes, and the only place that may put a tuned model into service."""

from aws_cdk import CfnOutput, Duration
from aws_cdk import aws_iam as iam

from arbiter.settings import PublishSettings, SummariseSettings
from stacks.constructs.bucket import Bucket
from stacks.constructs.evaluation_pipeline import EvaluationPipeline
from stacks.constructs.function import Function
from stacks.constructs.pointer import TunedModelPointer
from stacks.constructs.state_machine import StateMachine, allow_invoke, pipeline_role
from stacks.inference import Inference
from stacks.stack import ArbiterStack, Target

RUNS = "evaluations/"


class Evaluation(ArbiterStack):
    """The evaluation pipeline and the publish function."""

    def __init__(self, target: Target, *, results: Bucket, pointer: TunedModelPointer, inference: Inference) -> None:
        super().__init__(target, "Evaluation", description="comparison of the modes, publication of tuned models")
        settings = target.settings
        self._log_retention_days = settings.router.log_retention_days
        self.publish = self._publish(pointer)
        summarise = self._summarise(results)
        role = pipeline_role(self, "PipelineRole")
        pipeline = EvaluationPipeline(
            router=inference.alias.function_arn,
            router_timeout_seconds=settings.router.timeout_seconds,
            summarise_function=summarise.function.function_arn,
            results_bucket=results.name,
            concurrency=settings.evaluation.concurrency,
        )
        inference.grant_ask(role)
        allow_invoke(role, summarise.function.function_arn)
        results.grant_read(role, prefix=RUNS)
        results.grant_write(role, prefix=RUNS)
        self.pipeline = StateMachine(
            self,
            "Pipeline",
            role=role,
            definition=pipeline.definition(),
            log_retention_days=self._log_retention_days,
        )
        self._allow_map_runs(role)
        CfnOutput(self, "EvaluationStateMachineArn", value=self.pipeline.arn)
        CfnOutput(self, "PublishFunctionArn", value=self.publish.function.function_arn)

    def _publish(self, pointer: TunedModelPointer) -> Function:
        publish = Function(
            self,
            "Publish",
            module="publish",
            description="Puts the nominated model into service",
            settings=PublishSettings(
                candidate_parameter=pointer.candidate.parameter_name,
                in_service_parameter=pointer.in_service.parameter_name,
                previous_parameter=pointer.previous.parameter_name,
            ),
            timeout=Duration.seconds(30),
            log_retention_days=self._log_retention_days,
        )
        pointer.grant_publish(publish.role)
        return publish

    def _summarise(self, results: Bucket) -> Function:
        summarise = Function(
            self,
            "Summarise",
            module="summarise",
            description="Summarises the answers of an evaluation run",
            settings=SummariseSettings(results_bucket=results.name),
            timeout=Duration.minutes(15),
            memory_mb=1024,
            log_retention_days=self._log_retention_days,
        )
        results.grant_list(summarise.role, prefix=RUNS)
        results.grant_read(summarise.role, prefix=RUNS)
        results.grant_write(summarise.role, prefix=RUNS)
        return summarise

    def _allow_map_runs(self, role: iam.Role) -> None:
        """A distributed map starts executions of its own state machine. A policy apart, for it names the machine."""
        machine = self.pipeline.state_machine
        executions = f"arn:{self.partition}:states:{self.region}:{self.account}:execution:{machine.state_machine_name}"
        policy = iam.Policy(self, "MapRuns", roles=[role])
        policy.add_statements(
            iam.PolicyStatement(actions=["states:StartExecution"], resources=[machine.state_machine_arn]),
            iam.PolicyStatement(
                actions=["states:DescribeExecution", "states:StopExecution"], resources=[f"{executions}:*"]
            ),
        )
