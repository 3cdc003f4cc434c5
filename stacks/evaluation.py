"""Comparison of the modes, and the only stack that may put a tuned model into service."""

from aws_cdk import CfnOutput, Duration

from arbiter.settings.evaluating import CalibrateSettings, SummariseSettings
from stacks.constructs.base.bucket import Bucket
from stacks.constructs.base.function import Function
from stacks.constructs.base.pointer import TunedModelPointer
from stacks.constructs.base.state_machine import StateMachine, allow_invoke, allow_map_runs, pipeline_role
from stacks.constructs.batch.models import ModelsInBatch
from stacks.constructs.batch.stages import BatchStages
from stacks.constructs.evaluation.calibration import calibration_states
from stacks.constructs.evaluation.functions import RUNS, EvaluationFunctions
from stacks.constructs.evaluation.native_jobs import POLL_SECONDS, NativeJobs
from stacks.constructs.evaluation.pipeline import EvaluationPipeline
from stacks.constructs.evaluation.publication import Publication
from stacks.constructs.evaluation.schedule import StandingEvaluation
from stacks.inference import Inference
from stacks.settings.environment import LOCAL
from stacks.settings.prices import PriceBook
from stacks.stack import ArbiterStack, Target

MEASURED = "routing/modes.json"


class Evaluation(ArbiterStack):
    """The evaluation pipeline and the publish function."""

    def __init__(
        self,
        target: Target,
        *,
        prices: PriceBook,
        results: Bucket,
        training: Bucket,
        pointer: TunedModelPointer,
        inference: Inference,
    ) -> None:
        super().__init__(target, "Evaluation", description="comparison of the modes, publication of tuned models")
        settings = target.settings
        self._log_retention_days = settings.router.log_retention_days
        self.publish = self._publication("Publish", results, pointer)
        summarise = self._summarise(results, environment=target.environment)
        functions = EvaluationFunctions(
            self,
            "Engine",
            settings=settings,
            prices=prices,
            results=results,
            training=training,
            pointer=pointer,
            answering=inference.answering,
        )
        calibrate = self._calibrate(results, inference.answering.router_settings.knowledge_base_id)
        native = self._native_jobs(results) if settings.evaluation.native_jobs else None
        self.pipeline = self._pipeline(functions, summarise, results, native, calibrate)
        if settings.evaluation.schedule:
            StandingEvaluation(self, "Standing", machine_arn=self.pipeline.arn, expression=settings.evaluation.schedule)
        CfnOutput(self, "PlanFunctionArn", value=functions.plan.function.function_arn)
        CfnOutput(self, "EvaluationStateMachineArn", value=self.pipeline.arn)
        CfnOutput(self, "CalibrateFunctionArn", value=calibrate.function.function_arn)
        CfnOutput(self, "PublishFunctionArn", value=self.publish.function.function_arn)

    def gated_publication(self, *, results: Bucket, pointer: TunedModelPointer) -> Publication:
        """Make what a training pipeline publishes by: it believes the gate's record, not the pipeline."""
        return self._publication("PublishGated", results, pointer, gated=True)

    def _native_jobs(self, results: Bucket) -> NativeJobs:
        environment = self.target.environment
        return NativeJobs(self, "Native", environment=environment, settings=self.settings, results=results)

    def _publication(
        self, name: str, results: Bucket, pointer: TunedModelPointer, *, gated: bool = False
    ) -> Publication:
        return Publication(
            self,
            name,
            results=results,
            pointer=pointer,
            log_retention_days=self._log_retention_days,
            gated=gated,
        )

    def _pipeline(
        self,
        functions: EvaluationFunctions,
        summarise: Function,
        results: Bucket,
        native: NativeJobs | None,
        calibrate: Function,
    ) -> StateMachine:
        role = pipeline_role(self, "PipelineRole")
        evaluation, answering = self.settings.evaluation, self.settings.answering_in_batch
        prefer = evaluation.calibrate
        batches = self._batch_inference(results)
        pipeline = EvaluationPipeline(
            plan_function=functions.plan.function.function_arn,
            answer_function=functions.answer.function.function_arn,
            judge_function=functions.judge.function.function_arn,
            summarise_function=summarise.function.function_arn,
            results_bucket=results.name,
            concurrency=evaluation.concurrency,
            native_function=native.function.function.function_arn if native else None,
            poll_seconds=1 if self.target.environment == LOCAL else POLL_SECONDS,
            judges=ModelsInBatch(batches, evaluation.judges, "Judge") if batches else None,
            answers=ModelsInBatch(batches, answering, "Answer") if batches and answering else None,
            calibrating=calibration_states(calibrate.function.function_arn, prefer) if prefer else {},
        )
        also = (*([native.function] if native else []), *([calibrate] if prefer else []))
        for function in (functions.plan, functions.answer, functions.judge, summarise, *also):
            allow_invoke(role, function.function.function_arn)
        results.grant_read(role, prefix=f"{RUNS}*/batches.jsonl")
        machine = StateMachine(
            self,
            "Pipeline",
            role=role,
            definition=pipeline.definition(),
            log_retention_days=self._log_retention_days,
        )
        allow_map_runs(self, role, machine)
        if batches:
            batches.grant(role)
            batches.stop_with(machine.arn)
        if native:
            native.stop_with(machine.arn)
        return machine

    def _batch_inference(self, results: Bucket) -> BatchStages | None:
        evaluation = self.settings.evaluation
        if evaluation.batch_minimum is None:
            return None
        tags = {"arbiter:environment": self.target.environment}
        models = [*evaluation.judges, *self.settings.answering_in_batch]
        return BatchStages(
            self, "BatchInference", settings=self.settings, models=models, results=results, prefix=RUNS,
            minimum=evaluation.batch_minimum, tags=tags,
        )  # fmt: skip

    def _summarise(self, results: Bucket, *, environment: str) -> Function:
        summarise = Function(
            self,
            "Summarise",
            module="summarise",
            description="Summarises the answers of an evaluation run",
            settings=SummariseSettings(environment=environment, results_bucket=results.name),
            timeout=Duration.minutes(15),
            # One whole processor, as Lambda gives them out; the memory itself is not needed.
            memory_mb=1769,
            log_retention_days=self._log_retention_days,
        )
        results.grant_list(summarise.role, prefix=RUNS)
        results.grant_read(summarise.role, prefix=RUNS)
        results.grant_write(summarise.role, prefix=RUNS)
        # What the limits of a request are held against in `auto`.
        results.grant_write_objects(summarise.role, MEASURED)
        return summarise

    def _calibrate(self, results: Bucket, knowledge_base_id: str) -> Function:
        """The only function that may change what `auto` decides by."""
        calibrate = Function(
            self,
            "Calibrate",
            module="calibrate",
            description="Calibrates auto on an evaluation run, and takes that back",
            settings=CalibrateSettings(results_bucket=results.name, knowledge_base_id=knowledge_base_id),
            timeout=Duration.minutes(5),
            memory_mb=1769,
            log_retention_days=self._log_retention_days,
        )
        results.grant_list(calibrate.role, prefix=RUNS)
        results.grant_read(calibrate.role, prefix=RUNS)
        results.grant_list(calibrate.role, prefix="routing/")
        policy = f"routing/{knowledge_base_id}/policy.json"
        results.grant_read_objects(calibrate.role, policy)
        results.grant_write_objects(calibrate.role, policy)
        return calibrate
