"""Checking a training run before anything of it exists, and writing its data as Bedrock reads them."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from tempfile import TemporaryFile
from typing import Any, BinaryIO

from arbiter import log
from arbiter.answering.access import Access
from arbiter.answering.prompts import SYSTEM
from arbiter.base_models import as_sent, minimum_of, problems_of_hyperparameters
from arbiter.routing.artefact import tuned_key
from arbiter.runs import output_prefix, prepared_key, suffix_of, validation_key
from arbiter.settings.tuning import PrepareTrainingSettings
from arbiter.store import ObjectMissingError, Store
from arbiter.training_data.check import Rules
from arbiter.training_data.prepare import Prepared, prepare
from arbiter.training_data.text.sensitive_data import Detect
from arbiter.tuned_models.training.cost import Ceilings, cost_by, hyperparameters_by, problem_of_gate, problems_of_cost
from arbiter.tuned_models.training.names import content_digest
from arbiter.tuned_models.training.profile import profile_of
from arbiter.tuned_models.training.record import Cost, CustomModel, Data, Job, TrainingRecord
from arbiter.tuned_models.training.records import Records, RunExists
from arbiter.tuned_models.training.request import (
    HyperparametersRejected,
    ModelsNotAccessible,
    TrainingDataRejected,
    TrainingRequest,
    TrainingTooExpensive,
)

# The converted files are held in the function's 512 MB of temporary storage until all is known to be good.
MAX_FILE_BYTES = 400_000_000


@dataclass(frozen=True)
class Preparation:
    """Checks and converts the data of a run, reckons its cost, and names what it will make."""

    objects: Store
    records: Records
    settings: PrepareTrainingSettings
    detect: Detect
    access: Access
    now: Callable[[], datetime]
    profiles: Store | None = None
    """Keeps the profile of the model that a run will make; the pointer brings it into force with the model."""

    def prepare(self, event: Mapping[str, Any]) -> dict[str, Any]:
        """Write the prepared data and the run's record, or refuse the run.

        Raises:
            TrainingDataRejected: with every finding.
            HyperparametersRejected: with every problem.
            ModelsNotAccessible: with what to do about each model.
            TrainingTooExpensive: with the figures.
        """
        request, problems = TrainingRequest.parse(event)
        if problems:
            raise TrainingDataRejected("; ".join(problems))
        record = self._begin(request)
        if problems := problems_of_hyperparameters(self.settings.base_model, record.hyperparameters):
            raise HyperparametersRejected("; ".join(problems))
        self._require_models(gated=request.gate is not None, accepts_unknown=request.accept_unknown_cost)
        record = replace(record, hyperparameters=as_sent(record.hyperparameters))
        with TemporaryFile() as train, TemporaryFile() as validation:
            prepared = self._checked(request.training_key, train, validation)
            data = _data(request.training_key, prepared)
            cost = self._affordable(data, record, accepts_unknown=request.accept_unknown_cost)
            record = replace(record, data=data, cost=cost)
            self._write(request.run, prepared)
        log.write("training file prepared", run=request.run, samples=data.samples, doubts=prepared.report.doubt_count)
        return self._described(request, self._noted(request, record, prepared.validation_digest))

    def _require_models(self, *, gated: bool, accepts_unknown: bool) -> None:
        """Refuse a run whose base model, teacher or gate cannot be called or paid: the job would be paid before."""
        settings = self.settings
        if gated and not accepts_unknown and (problem := problem_of_gate(settings.gate_models)):
            raise TrainingTooExpensive(problem)
        own = [model for model in (settings.called_base_model, settings.teacher_model) if model]
        if refusals := self.access([*own, *(settings.gate_models["all"] if gated else [])]):
            raise ModelsNotAccessible("\n".join(refusals))

    def cost(self, tokens: int, hyperparameters: Mapping[str, str]) -> Cost:
        """Reckon the cost of training on samples of so many tokens, by the deployed settings and prices."""
        return cost_by(self.settings, tokens, hyperparameters)

    def _begin(self, request: TrainingRequest) -> TrainingRecord:
        """Note that the run has begun, whatever becomes of it."""
        settings = self.settings
        record = TrainingRecord(
            run=request.run,
            status="running",
            started_at=request.started_at or self.now().isoformat(timespec="seconds"),
            started_by=request.started_by,
            execution=request.execution,
            data=Data(key=request.training_key),
            base_model=settings.base_model,
            customization_type=settings.customization_type,
            teacher_model=settings.teacher_model,
            hyperparameters=hyperparameters_by(settings, request.hyperparameters),
            storage_usd_per_month=settings.storage_usd_per_month,
        )
        try:
            self.records.begin(record)
        except RunExists as error:
            raise TrainingDataRejected(str(error)) from error
        return record

    def _checked(self, key: str, train: BinaryIO, validation: BinaryIO) -> Prepared:
        settings = self.settings
        rules = Rules.of(
            settings.base_model,
            minimum=minimum_of(settings.customization_type),
            system_prompt=settings.system_prompt or SYSTEM,
            validation_percentage=settings.validation_percentage,
        )
        try:
            size = self.objects.size(key)
            if size > MAX_FILE_BYTES:
                raise TrainingDataRejected(f"the training file has {size:,} bytes; at most {MAX_FILE_BYTES:,} may be")
            prepared = prepare(
                self.objects.stream(key),
                rules,
                suffix=suffix_of(key),
                train=train,
                validation=validation,
                detect=self.detect,
            )
        except ObjectMissingError as error:
            raise TrainingDataRejected(f"{error} Upload the training file first.") from error
        if not prepared.report.accepted:
            log.write("training file refused", level="WARNING", key=key, problems=prepared.report.problem_count)
            raise TrainingDataRejected(prepared.report.refusal())
        return prepared

    def _write(self, run: str, prepared: Prepared) -> None:
        if self.profiles:
            text = profile_of(prepared.train).dumps()
            self.profiles.write(tuned_key(run), text.encode(), content_type="application/json")
            prepared.train.seek(0)
        self.objects.write(prepared_key(run), prepared.train, content_type="application/jsonl")
        if prepared.validation:
            self.objects.write(validation_key(run), prepared.validation, content_type="application/jsonl")

    def _affordable(self, data: Data, record: TrainingRecord, *, accepts_unknown: bool) -> Cost:
        settings = self.settings
        cost = self.cost(data.tokens or 0, record.hyperparameters)
        ceilings = Ceilings(
            tokens=settings.max_training_tokens, usd=settings.max_training_cost_usd, accepts_unknown=accepts_unknown
        )
        if problems := problems_of_cost(cost, ceilings):
            raise TrainingTooExpensive("; ".join(problems))
        return cost

    def _noted(
        self, request: TrainingRequest, checked: TrainingRecord, validation_digest: str | None
    ) -> TrainingRecord:
        digest = content_digest(
            environment=self.settings.environment,
            training=checked.data.digest or "",
            validation=validation_digest,
            base_model=checked.base_model,
            customization_type=checked.customization_type,
            teacher_model=checked.teacher_model,
            hyperparameters=checked.hyperparameters,
        )
        names = request.names(digest)
        complete = replace(
            checked, digest=digest, job=Job(name=names.job_name), custom_model=CustomModel(name=names.custom_model_name)
        )
        # A run that was stopped while its data were checked has ended in the record, and stays so.
        self.records.change(request.run, lambda _: complete)
        return complete

    def _described(self, request: TrainingRequest, record: TrainingRecord) -> dict[str, Any]:
        digest, measured = record.digest or "", record.data.validation_samples
        return {
            "run": request.run,
            **asdict(request.names(digest)),
            "hyperparameters": record.hyperparameters,
            "training_uri": self.objects.uri(prepared_key(request.run)),
            "validators": [{"S3Uri": self.objects.uri(validation_key(request.run))}] if measured else [],
            "output_uri": self.objects.uri(output_prefix(request.run)),
            "samples": record.data.samples,
            "gate": request.gate,
            "accept_unknown_cost": request.accept_unknown_cost,
        }


def _data(key: str, prepared: Prepared) -> Data:
    split = prepared.report.split
    return Data(
        key=key,
        digest=prepared.train_digest,
        samples=split.train.samples,
        tokens=split.train.tokens,
        validation_samples=split.validation.samples,
    )
