"""What makes tuned models: the training pipeline. It may nominate a model, never put one into service itself."""

from aws_cdk import CfnOutput, Duration
from aws_cdk import aws_iam as iam

from arbiter.settings import PrepareTrainingSettings
from stacks.constructs import trust
from stacks.constructs.bucket import Bucket
from stacks.constructs.function import Function
from stacks.constructs.models import foundation_model_arn
from stacks.constructs.pointer import TunedModelPointer
from stacks.constructs.state_machine import StateMachine, allow_invoke, pipeline_role
from stacks.constructs.training_pipeline import TrainingPipeline
from stacks.models import minimum_samples
from stacks.stack import ArbiterStack, Target

DATASETS = "datasets/"
JOB_OUTPUT = "customization/"


class FineTuning(ArbiterStack):
    """The training pipeline and the role Bedrock trains under."""

    def __init__(self, target: Target, *, training: Bucket, pointer: TunedModelPointer, publish: Function) -> None:
        super().__init__(target, "FineTuning", description="the training pipeline")
        settings = target.settings
        self._log_retention_days = settings.router.log_retention_days
        customization = self._customization_role(training)
        prepare = self._prepare(settings.fine_tuning.base_model, training)
        role = pipeline_role(self, "PipelineRole")
        allow_invoke(role, prepare.function.function_arn)
        allow_invoke(role, publish.function.function_arn)
        pointer.grant_nominate(role)
        self._allow_customization(role, settings.fine_tuning.base_model, customization)
        self._allow_deployment(role)
        pipeline = TrainingPipeline(
            prepare_function=prepare.function.function_arn,
            publish_function=publish.function.function_arn,
            customization_role=customization.role_arn,
            candidate_parameter=pointer.candidate.parameter_name,
            base_model=settings.fine_tuning.base_model,
            hyperparameters=settings.fine_tuning.hyperparameters(),
            tags={"arbiter:environment": target.environment},
            poll_seconds=settings.poll_seconds,
        )
        self.pipeline = StateMachine(
            self,
            "Pipeline",
            role=role,
            definition=pipeline.definition(),
            log_retention_days=self._log_retention_days,
        )
        CfnOutput(self, "TrainingStateMachineArn", value=self.pipeline.arn)

    def _customization_role(self, training: Bucket) -> iam.Role:
        role = iam.Role(
            self,
            "CustomizationRole",
            assumed_by=trust.service(self, "bedrock", resources="model-customization-job/*"),
        )
        training.grant_list(role, prefix=DATASETS)
        training.grant_read(role, prefix=DATASETS)
        training.grant_list(role, prefix=JOB_OUTPUT)
        training.grant_write(role, prefix=JOB_OUTPUT)
        return role

    def _prepare(self, base_model: str, training: Bucket) -> Function:
        prepare = Function(
            self,
            "Prepare",
            module="prepare_training",
            description="Checks, converts and writes a training set",
            settings=PrepareTrainingSettings(
                training_bucket=training.name,
                base_model=base_model,
                minimum_samples=minimum_samples(base_model),
            ),
            timeout=Duration.minutes(10),
            memory_mb=1024,
            log_retention_days=self._log_retention_days,
        )
        training.grant_read(prepare.role, prefix=DATASETS)
        training.grant_write(prepare.role, prefix=DATASETS)
        return prepare

    def _allow_customization(self, role: iam.Role, base_model: str, customization: iam.Role) -> None:
        jobs, models = self._own("model-customization-job"), self._own("custom-model")
        _allow(role, ["CreateModelCustomizationJob"], [foundation_model_arn(self, base_model), models, jobs])
        # Waiting for the job, and stopping it with the execution, happens under this role too.
        _allow(role, ["GetModelCustomizationJob", "StopModelCustomizationJob"], [jobs])
        _allow(role, ["TagResource"], [jobs, models])
        role.add_to_principal_policy(
            iam.PolicyStatement(
                actions=["iam:PassRole"],
                resources=[customization.role_arn],
                conditions={"StringEquals": {"iam:PassedToService": "bedrock.amazonaws.com"}},
            )
        )

    def _allow_deployment(self, role: iam.Role) -> None:
        deployments = self._own("custom-model-deployment")
        _allow(role, ["CreateCustomModelDeployment"], [self._own("custom-model")])
        _allow(role, ["GetCustomModelDeployment", "TagResource"], [deployments])

    def _own(self, kind: str) -> str:
        """This account's resources of one kind: their ids are given by Bedrock, after synth."""
        return f"arn:{self.partition}:bedrock:{self.region}:{self.account}:{kind}/*"


def _allow(role: iam.Role, actions: list[str], resources: list[str]) -> None:
    named = [f"bedrock:{action}" for action in actions]
    role.add_to_principal_policy(iam.PolicyStatement(actions=named, resources=resources))
