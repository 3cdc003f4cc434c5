"""Tuned models retired: deleted with what hosts them, and seen to be gone."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from botocore.exceptions import ClientError

from arbiter.aws.calls.failures import FailureKind, failure_of
from arbiter.tuned_models.hosting.retirement import ModelInUse, refuse_in_use
from arbiter.tuned_models.service.promotion import CANDIDATE, IN_SERVICE, PREVIOUS
from arbiter.tuned_models.training.record import TrainingRecord
from cli.core.deployment import Deployment
from cli.core.errors import CliError
from cli.core.function import call
from cli.models.service import caller, pointed_to, require_run
from cli.models.without_stacks import retire_here, when_deployed


@dataclass(frozen=True, kw_only=True)
class RetireResult:
    """Everything that was deleted, and the proof that it is gone."""

    environment: str
    run: str
    custom_model: str
    deleted: tuple[str, ...]
    proof: tuple[Mapping[str, Any], ...]

    def dump(self) -> dict[str, Any]:
        return asdict(self)


def refuse_retirement(deployment: Deployment, run: str, force: bool) -> None:
    """Refuse, before anybody is asked for consent, what the retirement itself would refuse.

    What the caller may not read is left to the retirement, and so is all where the stacks are gone.

    Raises:
        CliError: there is no such run, or its model is pointed to.
    """
    try:
        record, models = _record_of(deployment, run), when_deployed(lambda: pointed_to(deployment)) or {}
    except ClientError as error:
        if failure_of(error).kind is not FailureKind.DENIED:
            raise
        return
    model = _model_of(record)
    if record and model is None:
        raise CliError(f"The training run {run} left no model; its status is {record.status}.", code="unknown_model")
    binding = {name: one for name, one in models.items() if name == IN_SERVICE or not force}
    try:
        refuse_in_use(run if record else None, model or run, binding)
    except ModelInUse as error:
        raise CliError(str(error), code="model_in_use") from error


def retire(deployment: Deployment, run: str, force: bool = False) -> RetireResult:
    """Delete the model of a run, or a custom model by its ARN, with what hosts it; without the stacks too.

    Args:
        deployment: where it is.
        run: a training run, or the ARN of a custom model.
        force: also when it is the candidate or the previous one, which then cannot be promoted or returned to.

    Raises:
        CliError: it is in service or otherwise pointed to, committed, or something is left.
    """
    event: dict[str, Any] = {"custom_model": run} if ":custom-model/" in run else {"run": run}
    if force:
        _forget_previous(deployment, run)
    event["force"] = force
    retired = when_deployed(lambda: call(deployment, "RetireFunctionArn", event)) or retire_here(deployment, event)
    return RetireResult(
        environment=deployment.environment,
        run=run,
        custom_model=retired["custom_model"],
        deleted=tuple(retired["deleted"]),
        proof=tuple(retired["proof"]),
    )


def _forget_previous(deployment: Deployment, run: str) -> None:
    """Only the publishing function may write the parameter that the previous model stands in."""
    models = when_deployed(lambda: pointed_to(deployment)) or {}
    previous = models.get(PREVIOUS)
    try:
        model = _model_of(_record_of(deployment, run))
    except (ClientError, CliError):
        model = None  # No record is there, or it may not be read.
    # Several runs on the same data have one model, and the pointer names the last of them.
    if previous is None or not {run, model} & {previous.run, previous.custom_model}:
        return
    others = [model for name, model in models.items() if name not in (PREVIOUS, CANDIDATE)]
    if any(model.custom_model == previous.custom_model for model in others):
        raise CliError(f"The model of run {run} is in service, too: promote another model first.", code="model_in_use")
    call(deployment, "PublishFunctionArn", {"action": "forget", "run": previous.run, "by": caller(deployment)})


def _record_of(deployment: Deployment, run: str) -> TrainingRecord | None:
    """The record of a run; `None` for the ARN of a model, and where the stacks are gone."""
    return None if ":custom-model/" in run else when_deployed(lambda: require_run(deployment, run))


def _model_of(record: TrainingRecord | None) -> str | None:
    return record.custom_model.arn if record and record.custom_model else None
