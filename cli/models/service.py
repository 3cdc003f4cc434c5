"""Tuned models put into service, and taken out again."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from arbiter.aws.objects import Objects
from arbiter.runs import is_name
from arbiter.tuned_models.service.pointer import TunedModel
from arbiter.tuned_models.service.promotion import CANDIDATE, Pointer, named
from arbiter.tuned_models.training.record import TrainingRecord
from arbiter.tuned_models.training.records import Records
from cli.core.deployment import Deployment
from cli.core.errors import CliError
from cli.core.function import FunctionError, call
from cli.core.options import again
from cli.core.project import configured, repository

DEFAULT_CACHE_SECONDS = 30.0


@dataclass(frozen=True, kw_only=True)
class MoveResult:
    """The model that answers now, the one before it, and whether that is new."""

    environment: str
    action: str
    in_service: Mapping[str, str] | None
    previous: Mapping[str, str] | None
    changed: bool
    seen_within_seconds: float
    """The router's cache time: until then it may still ask the other model."""
    made_elsewhere: str | None
    """The model that the settings name, which answers whatever is in service."""

    def dump(self) -> dict[str, Any]:
        return asdict(self)


def require_run(deployment: Deployment, run: str) -> TrainingRecord:
    """The record of a run.

    Raises:
        CliError: there is no training run of that name.
    """
    records = Records(Objects(deployment.client("s3"), deployment.output("ResultsBucketName")))
    record = records.find(run) if is_name(run) else None
    if record is None:
        where = f"in {deployment.environment}; `arbiter train list` names all"
        raise CliError(f"There is no training run {run} {where}.", code="no_run")
    return record


def promote(deployment: Deployment, run: str) -> MoveResult:
    """Put the nominated model of a run into service; what answered is kept as the previous one.

    Raises:
        CliError: there is no such run, its model is not nominated, or its hosting is gone.
    """
    try:
        return _move(deployment, {"action": "promote", "run": run})
    except FunctionError as error:
        # Not before: who may promote need not be allowed to read the record.
        if error.code == "no_candidate":
            _refuse_by_another_name(deployment, require_run(deployment, run))
        raise


def _refuse_by_another_name(deployment: Deployment, record: TrainingRecord) -> None:
    """Name the run by which a model is promoted that was trained once and nominated again by a later run."""
    nominated = pointed_to(deployment).get(CANDIDATE)
    if nominated and record.custom_model and nominated.custom_model == record.custom_model.arn:
        env = None if deployment.environment == "local" else deployment.environment
        raise CliError(
            f"The model of run {record.run} was used again by run {nominated.run}, which nominated it last "
            f"(`{again('train', 'show', nominated.run, env=env)}` tells what its gate said). It is promoted by that "
            f"name: `{again('model', 'promote', nominated.run, env=env)}`.",
            code="no_candidate",
        )


def roll_back(deployment: Deployment, *, to_none: bool = False) -> MoveResult:
    """Let the previous model answer again, or none if there was none; a second time returns.

    Args:
        deployment: where it is.
        to_none: let no tuned model answer, whatever did before.

    Raises:
        CliError: there is neither, the previous one's hosting is gone, or somebody moved the pointer meanwhile.
    """
    in_service = Pointer.parse(_texts(deployment)[1]).in_service
    # Named, so that a call that is repeated after a lost reply does not roll back twice.
    event = {"action": "rollback", "from": in_service.run if in_service else None}
    return _move(deployment, {**event, "to_none": True} if to_none else event)


def pointed_to(deployment: Deployment) -> dict[str, TunedModel]:
    """The models that the pointers name, by the pointer's name."""
    return named(*_texts(deployment))


def made_elsewhere(deployment: Deployment) -> str | None:
    """The tuned model that the environment's settings name instead of the one in service."""
    arn = configured(repository(), deployment.environment, "fine_tuning", "tuned_model")
    return None if arn is None else str(arn)


def caller(deployment: Deployment) -> str:
    """The ARN of the caller, as AWS knows the credentials."""
    return str(deployment.client("sts").get_caller_identity()["Arn"])


def _move(deployment: Deployment, event: Mapping[str, Any]) -> MoveResult:
    moved = call(deployment, "PublishFunctionArn", {**event, "by": caller(deployment)})
    seconds = configured(repository(), deployment.environment, "router", "tuned_model_cache_seconds")
    return MoveResult(
        environment=deployment.environment,
        action=event["action"],
        in_service=moved["in_service"],
        previous=moved["previous"],
        changed=moved["changed"],
        seen_within_seconds=DEFAULT_CACHE_SECONDS if seconds is None else float(seconds),
        made_elsewhere=made_elsewhere(deployment),
    )


def _texts(deployment: Deployment) -> tuple[str, str]:
    ssm = deployment.client("ssm")
    names = [deployment.output("CandidateParameter"), deployment.output("InServiceParameter")]
    candidate, in_service = (ssm.get_parameter(Name=name)["Parameter"]["Value"] for name in names)
    return candidate, in_service
