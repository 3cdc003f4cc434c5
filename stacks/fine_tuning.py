"""The training pipeline, which makes tuned models. It may nominate a model, never put one into service itself."""

from typing import Any, NamedTuple

from aws_cdk import CfnOutput
from aws_cdk import aws_iam as iam

from stacks.constructs.base import trust
from stacks.constructs.base.bucket import Bucket
from stacks.constructs.base.function import Function
from stacks.constructs.base.models import grant_invoke
from stacks.constructs.base.pointer import TunedModelPointer
from stacks.constructs.base.state_machine import StateMachine, allow_invoke, pipeline_role
from stacks.constructs.base.unfinished_runs import UnfinishedRuns
from stacks.constructs.training import permissions
from stacks.constructs.training.events import JobNews
from stacks.constructs.training.functions import DATASETS, JOB_OUTPUT, TrainingFunctions
from stacks.constructs.training.gate_function import Gate
from stacks.constructs.training.gate_states import TrainingGate
from stacks.constructs.training.hosting_expiry import HostingExpiry
from stacks.constructs.training.hosting_states import OnDemandHosting, ProvisionedHosting
from stacks.constructs.training.permissions import allow_nested_execution
from stacks.constructs.training.pipeline import TrainingPipeline
from stacks.constructs.training.retirement import Retirement
from stacks.evaluation import Evaluation
from stacks.settings.fine_tuning import FineTuning as FineTuningSettings
from stacks.settings.model_catalogue import profile_prefix
from stacks.settings.prices import PriceBook
from stacks.stack import ArbiterStack, Target


class _Functions(NamedTuple):
    prepare: Function
    place: Function
    gate: Function
    conclude: Function


class FineTuning(ArbiterStack):
    """The training pipeline and the role Bedrock trains under."""

    def __init__(
        self,
        target: Target,
        *,
        training: Bucket,
        results: Bucket,
        pointer: TunedModelPointer,
        evaluation: Evaluation,
        prices: PriceBook,
    ) -> None:
        super().__init__(target, "FineTuning", description="the training pipeline")
        tuning = target.settings.fine_tuning
        self._log_retention_days = target.settings.router.log_retention_days
        self._tags = {"arbiter:environment": target.environment}
        functions = self._functions(training, results, pointer, prices)
        customization = self._customization_role(training)
        role = pipeline_role(self, "PipelineRole")
        pointer.grant_nominate(role)
        publish = evaluation.gated_publication(results=results, pointer=pointer)
        for function in (*functions, publish):
            allow_invoke(role, function.function.function_arn)
        allow_nested_execution(role, evaluation.pipeline)
        permissions.allow_customization(role, tuning.base_model, customization, environment=target.environment)
        permissions.allow_hosting(role, provisioned=tuning.hosting == "provisioned", environment=target.environment)
        self.pipeline = StateMachine(
            self,
            "Pipeline",
            role=role,
            definition=self._definition(functions, customization, pointer, evaluation, publish),
            log_retention_days=self._log_retention_days,
        )
        UnfinishedRuns(
            self,
            "UnfinishedRuns",
            state_machine=self.pipeline.arn,
            description="A training run was stopped, took too long or failed",
            act="Conclude",
            function=functions.conclude,
        )
        if tuning.notification_email:
            JobNews(self, "JobNews", email=tuning.notification_email)
        CfnOutput(self, "TrainingStateMachineArn", value=self.pipeline.arn)
        self._end_of_models(results, pointer, prices)

    def _functions(
        self, training: Bucket, results: Bucket, pointer: TunedModelPointer, prices: PriceBook
    ) -> "_Functions":
        """The functions that the pipeline calls, in the order of its states."""
        settings = self.settings
        made = TrainingFunctions(
            scope=self,
            environment=self.target.environment,
            settings=settings,
            book=prices,
            training=training,
            results=results,
            pointer=pointer,
        )
        gate = Gate(
            self,
            "Gate",
            rules=settings.evaluation.gate,
            results=results,
            log_retention_days=self._log_retention_days,
        )
        return _Functions(made.prepare(), made.place(), gate, made.conclude())

    def _definition(
        self,
        functions: "_Functions",
        customization: iam.Role,
        pointer: TunedModelPointer,
        evaluation: Evaluation,
        publish: Function,
    ) -> dict[str, Any]:
        tuning = self.settings.fine_tuning
        gate = TrainingGate(
            evaluation=evaluation.pipeline.arn,
            gate_function=functions.gate.function.function_arn,
            publish_function=publish.function.function_arn,
            batch_answers=self.settings.evaluation.batch_answers,
        )
        pipeline = TrainingPipeline(
            prepare_function=functions.prepare.function.function_arn,
            place_function=functions.place.function.function_arn,
            conclude_function=functions.conclude.function.function_arn,
            hosting=self._hosting(tuning),
            gate=gate,
            customization_role=customization.role_arn,
            candidate_parameter=pointer.candidate.parameter_name,
            base_model=tuning.base_model,
            teacher_model=tuning.teacher_model,
            tags=self._tags,
        )
        return pipeline.definition()

    def _hosting(self, tuning: FineTuningSettings) -> OnDemandHosting | ProvisionedHosting:
        poll_seconds = self.settings.poll_seconds
        if tuning.hosting == "on_demand" or tuning.provisioned is None:
            return OnDemandHosting(tags=self._tags, poll_seconds=poll_seconds)
        return ProvisionedHosting(
            tags=self._tags,
            poll_seconds=poll_seconds,
            model_units=tuning.provisioned.model_units,
            commitment=tuning.provisioned.commitment,
        )

    def _end_of_models(self, results: Bucket, pointer: TunedModelPointer, prices: PriceBook) -> None:
        """The functions that delete models and end hosting by the hour, which a former setting may have begun."""
        environment = self.target.environment
        retirement = Retirement(
            self,
            "Retirement",
            environment=environment,
            results=results,
            pointer=pointer,
            log_retention_days=self._log_retention_days,
        )
        expiry = HostingExpiry(
            self,
            "HostingExpiry",
            environment=environment,
            pointer=pointer,
            usd_per_unit_hour=prices.per_unit_hour(region=self.settings.region),
            log_retention_days=self._log_retention_days,
        )
        CfnOutput(self, "RetireFunctionArn", value=retirement.function.function_arn)
        CfnOutput(self, "ExpireHostingFunctionArn", value=expiry.function.function_arn)

    def _customization_role(self, training: Bucket) -> iam.Role:
        role = iam.Role(
            self,
            "CustomizationRole",
            assumed_by=trust.service(self, "bedrock", resources="model-customization-job/*"),
        )
        training.grant_list(role, prefix=DATASETS)
        training.grant_read(role, prefix=DATASETS)
        training.grant_list(role, prefix=JOB_OUTPUT)
        # AWS's own example grants reading of the output too: a paid job is not risked for the lack of it.
        training.grant_read(role, prefix=JOB_OUTPUT)
        training.grant_write(role, prefix=JOB_OUTPUT)
        teacher = self.settings.fine_tuning.teacher_model
        if teacher and profile_prefix(teacher):
            # Bedrock calls a teacher itself; one behind an inference profile it calls under this role.
            grant_invoke(role, teacher)
        return role
