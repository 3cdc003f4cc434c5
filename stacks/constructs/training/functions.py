"""The functions of the training pipeline, each with what it may do."""

from dataclasses import dataclass
from typing import Any

from aws_cdk import Duration
from constructs import Construct

from arbiter.costs.prices import GUARDRAIL, SEARCH, search_price
from arbiter.settings.tuning import (
    ConcludeTrainingSettings,
    PlaceModelSettings,
    PrepareTrainingSettings,
    TrainingPrices,
)
from stacks.constructs.base import models
from stacks.constructs.base.bucket import Bucket
from stacks.constructs.base.function import Function
from stacks.constructs.base.packages import DetectorPackages
from stacks.constructs.base.pointer import TunedModelPointer
from stacks.constructs.training.retirement import allow_tagged, own
from stacks.settings.environment import Settings
from stacks.settings.prices import PriceBook
from stacks.settings.search_prices import search_prices

DATASETS = "datasets/"
JOB_OUTPUT = "customization/"
RECORDS = "training/"
PROFILES = "routing/models/"
# Bedrock is asked at least this often how far a stop or a deletion is.
MOST_REST_SECONDS = 10
HOSTS = {"custom-model-deployment": "CustomModelDeployment", "provisioned-model": "ProvisionedModelThroughput"}


def gate_models(settings: Settings) -> list[str]:
    """The judges of the gate, and the model that it may compare with."""
    return [settings.models.base, *settings.evaluation.judges]


def called_by_gate(settings: Settings) -> list[str]:
    """The same, and the model that embeds the questions of a gate with passages."""
    embedding = settings.embedding_model if settings.evaluation.gate.mode == "combined" else None
    return [*gate_models(settings), *([embedding] if embedding else [])]


def unpriced(settings: Settings, book: PriceBook) -> dict[str, Any]:
    """Everything for whose lack of a price the evaluation of a gate is refused, and the ceiling that wants one."""
    ceiling = settings.evaluation.max_cost_usd
    asked = [*gate_models(settings), f"custom:{settings.fine_tuning.base_model}"]
    priced = book.per_token(asked, region=settings.region)
    names = [name for name in asked if name not in priced]
    search = search_price(search_prices(book, settings).get(SEARCH, {}))
    if settings.evaluation.gate.mode == "combined" and search.cost(1, hybrid=settings.hybrid_search) is None:
        names.append(SEARCH)
    screening = settings.guardrail.policies if settings.guardrail else ()
    if None in book.per_screening(screening, region=settings.region).get(GUARDRAIL, {}).values():
        names.append(GUARDRAIL)
    return {"unpriced": names, "max_cost_usd": ceiling} if names and ceiling is not None else {}


@dataclass(frozen=True, kw_only=True)
class TrainingFunctions:
    """Makes the functions, each of which keeps the records of runs."""

    scope: Construct
    environment: str
    settings: Settings
    book: PriceBook
    training: Bucket
    results: Bucket
    pointer: TunedModelPointer

    @property
    def prices(self) -> TrainingPrices:
        return self.book.of_training(self.settings.fine_tuning.base_model, region=self.settings.region)

    def prepare(self) -> Function:
        """Checks, converts and writes training sets; refuses what would fail or cost too much."""
        prepare = Function(
            self.scope,
            "Prepare",
            module="prepare_training",
            description="Checks, converts and writes a training set",
            settings=self._preparation(),
            timeout=Duration.minutes(10),
            memory_mb=1024,
            layers=[DetectorPackages(self.scope, "PreparePackages").layer],
            log_retention_days=self.settings.router.log_retention_days,
        )
        self.training.grant_read(prepare.role, prefix=DATASETS)
        self.training.grant_write(prepare.role, prefix=DATASETS)
        self.results.grant_write(prepare.role, prefix=PROFILES)
        for model in self._asked_beforehand():
            models.grant_invoke(prepare.role, model)
        return self._keeping_records(prepare)

    def place(self) -> Function:
        """Says where a model is hosted; may withdraw a candidate whose place is needed."""
        function = Function(
            self.scope,
            "Place",
            module="place_model",
            description="Says where a trained model is hosted",
            settings=self._placement(),
            timeout=Duration.minutes(1),
            log_retention_days=self.settings.router.log_retention_days,
        )
        self.pointer.grant_read(function.role)
        if self.settings.fine_tuning.hosting == "on_demand":
            self.pointer.grant_nominate(function.role)
            function.allow(["bedrock:GetCustomModelDeployment"], [own(function, "custom-model-deployment")])
        return self._keeping_records(function)

    def conclude(self) -> Function:
        """Ends runs: stops and deletes what a failed one began, and completes its record."""
        conclude = Function(
            self.scope,
            "Conclude",
            module="conclude_training",
            description="Ends a training run: cleans up and completes its record",
            settings=self._conclusion(),
            timeout=Duration.minutes(15),
            log_retention_days=self.settings.router.log_retention_days,
        )
        self.pointer.grant_read(conclude.role)
        self.training.grant_list(conclude.role, prefix=JOB_OUTPUT)
        self.training.grant_read(conclude.role, prefix=JOB_OUTPUT)
        conclude.allow(["bedrock:GetModelCustomizationJob"], [own(conclude, "model-customization-job")])
        allow_tagged(conclude, "bedrock:StopModelCustomizationJob", "model-customization-job", self.environment)
        conclude.allow(["bedrock:GetCustomModel"], [own(conclude, "custom-model")])
        # Both kinds, whatever the setting: a run that it changes under is cleaned up, too.
        for kind, name in HOSTS.items():
            conclude.allow([f"bedrock:Get{name}"], [own(conclude, kind)])
            allow_tagged(conclude, f"bedrock:Delete{name}", kind, self.environment)
        # What cannot be deleted yet is marked as expired.
        allow_tagged(conclude, "bedrock:TagResource", "provisioned-model", self.environment)
        return self._keeping_records(conclude)

    def _asked_beforehand(self) -> list[str]:
        """Models that a run asks for one token before it pays for anything."""
        asked = (self.settings.model_to_tune, self.settings.fine_tuning.teacher_model, *called_by_gate(self.settings))
        return list(dict.fromkeys(model for model in asked if model))

    def _preparation(self) -> PrepareTrainingSettings:
        tuning = self.settings.fine_tuning
        return PrepareTrainingSettings(
            environment=self.environment,
            training_bucket=self.training.name,
            results_bucket=self.results.name,
            base_model=tuning.base_model,
            hyperparameters=tuning.hyperparameters(),
            customization_type=tuning.customization_type,
            called_base_model=self.settings.model_to_tune,
            teacher_model=tuning.teacher_model,
            gate_models={"all": called_by_gate(self.settings), **unpriced(self.settings, self.book)},
            validation_percentage=tuning.validation_percentage,
            max_training_tokens=tuning.max_training_tokens,
            max_training_cost_usd=tuning.max_training_cost_usd,
            training_per_1k=self.prices.per_1k,
            training_lower_bound=self.prices.lower_bound or None,
            storage_usd_per_month=self.prices.storage_usd_per_month,
            prices_as_of=self.prices.as_of,
        )

    def _placement(self) -> PlaceModelSettings:
        tuning, hourly = self.settings.fine_tuning, self.prices.unit_usd_per_hour
        provisioned = tuning.provisioned if tuning.hosting == "provisioned" else None
        return PlaceModelSettings(
            environment=self.environment,
            results_bucket=self.results.name,
            candidate_parameter=self.pointer.candidate.parameter_name,
            in_service_parameter=self.pointer.in_service.parameter_name,
            gate_mode=self.settings.evaluation.gate.mode,
            ttl_hours=provisioned.ttl_hours if provisioned else 0,
            usd_per_hour=hourly * provisioned.model_units if provisioned and hourly is not None else None,
        )

    def _conclusion(self) -> ConcludeTrainingSettings:
        return ConcludeTrainingSettings(
            training_bucket=self.training.name,
            results_bucket=self.results.name,
            candidate_parameter=self.pointer.candidate.parameter_name,
            in_service_parameter=self.pointer.in_service.parameter_name,
            base_model=self.settings.fine_tuning.base_model,
            customization_type=self.settings.fine_tuning.customization_type,
            rest_seconds=min(MOST_REST_SECONDS, self.settings.poll_seconds),
        )

    def _keeping_records(self, function: Function) -> Function:
        self.results.grant_read(function.role, prefix=RECORDS)
        self.results.grant_write(function.role, prefix=RECORDS)
        return function
