"""The functions of the training pipeline, each with what it may do."""

from aws_cdk import Duration
from constructs import Construct

from arbiter.settings.tuning import ConcludeTrainingSettings, PlaceModelSettings, PrepareTrainingSettings
from stacks.constructs.bucket import Bucket
from stacks.constructs.function import Function
from stacks.constructs.packages import DetectorPackages
from stacks.constructs.pointer import TunedModelPointer
from stacks.constructs.retirement import allow_tagged, own
from stacks.prices import TrainingPrices
from stacks.settings import Settings

DATASETS = "datasets/"
JOB_OUTPUT = "customization/"
RECORDS = "training/"
# Bedrock is asked at least this often how far a stop or a deletion is.
MOST_REST_SECONDS = 10


class Preparation(Function):
    """Checks, converts and writes training sets; refuses what would fail or cost too much."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        environment: str,
        settings: Settings,
        prices: TrainingPrices,
        training: Bucket,
        results: Bucket,
    ) -> None:
        tuning = settings.fine_tuning
        super().__init__(
            scope,
            construct_id,
            module="prepare_training",
            description="Checks, converts and writes a training set",
            settings=PrepareTrainingSettings(
                environment=environment,
                training_bucket=training.name,
                results_bucket=results.name,
                base_model=tuning.base_model,
                hyperparameters=tuning.hyperparameters(),
                customization_type=tuning.customization_type,
                teacher_model=tuning.teacher_model,
                validation_percentage=tuning.validation_percentage,
                max_training_tokens=tuning.max_training_tokens,
                max_training_cost_usd=tuning.max_training_cost_usd,
                training_per_1k=prices.per_1k,
                storage_usd_per_month=prices.storage_usd_per_month,
                prices_as_of=prices.as_of,
            ),
            timeout=Duration.minutes(10),
            memory_mb=1024,
            layers=[DetectorPackages(scope, f"{construct_id}Packages").layer],
            log_retention_days=settings.router.log_retention_days,
        )
        training.grant_read(self.role, prefix=DATASETS)
        training.grant_write(self.role, prefix=DATASETS)
        _keep_records(self, results)


class Placing(Function):
    """Says where a model is hosted; may withdraw a candidate whose place is needed."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        environment: str,
        settings: Settings,
        prices: TrainingPrices,
        results: Bucket,
        pointer: TunedModelPointer,
    ) -> None:
        provisioned = settings.fine_tuning.provisioned if settings.fine_tuning.hosting == "provisioned" else None
        hourly = prices.unit_usd_per_hour
        super().__init__(
            scope,
            construct_id,
            module="place_model",
            description="Says where a trained model is hosted",
            settings=PlaceModelSettings(
                environment=environment,
                results_bucket=results.name,
                candidate_parameter=pointer.candidate.parameter_name,
                in_service_parameter=pointer.in_service.parameter_name,
                gate_mode=settings.evaluation.gate.mode,
                ttl_hours=provisioned.ttl_hours if provisioned else 0,
                usd_per_hour=hourly * provisioned.model_units if provisioned and hourly is not None else None,
            ),
            timeout=Duration.minutes(1),
            log_retention_days=settings.router.log_retention_days,
        )
        pointer.grant_read(self.role)
        if not provisioned:
            pointer.grant_nominate(self.role)
            self.allow(["bedrock:GetCustomModelDeployment"], [own(self, "custom-model-deployment")])
        _keep_records(self, results)


class Conclusion(Function):
    """Ends runs: stops and deletes what a failed one began, and completes its record."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        environment: str,
        settings: Settings,
        training: Bucket,
        results: Bucket,
        pointer: TunedModelPointer,
    ) -> None:
        tuning = settings.fine_tuning
        super().__init__(
            scope,
            construct_id,
            module="conclude_training",
            description="Ends a training run: cleans up and completes its record",
            settings=ConcludeTrainingSettings(
                training_bucket=training.name,
                results_bucket=results.name,
                candidate_parameter=pointer.candidate.parameter_name,
                in_service_parameter=pointer.in_service.parameter_name,
                base_model=tuning.base_model,
                customization_type=tuning.customization_type,
                rest_seconds=min(MOST_REST_SECONDS, settings.poll_seconds),
            ),
            timeout=Duration.minutes(15),
            log_retention_days=settings.router.log_retention_days,
        )
        pointer.grant_read(self.role)
        training.grant_list(self.role, prefix=JOB_OUTPUT)
        training.grant_read(self.role, prefix=JOB_OUTPUT)
        _keep_records(self, results)
        self.allow(
            ["bedrock:GetModelCustomizationJob", "bedrock:StopModelCustomizationJob"],
            [own(self, "model-customization-job")],
        )
        self.allow(["bedrock:GetCustomModel"], [own(self, "custom-model")])
        kind, name = ("custom-model-deployment", "CustomModelDeployment")
        if tuning.hosting == "provisioned":
            kind, name = ("provisioned-model", "ProvisionedModelThroughput")
        self.allow([f"bedrock:Get{name}"], [own(self, kind)])
        allow_tagged(self, f"bedrock:Delete{name}", kind, environment)
        if tuning.hosting == "provisioned":
            # What cannot be deleted yet is marked as expired.
            allow_tagged(self, "bedrock:TagResource", kind, environment)


def _keep_records(function: Function, results: Bucket) -> None:
    results.grant_read(function.role, prefix=RECORDS)
    results.grant_write(function.role, prefix=RECORDS)
