"""Tuned models when their stacks, or some of them, are gone: they survive in Bedrock, and are billed there."""

import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, TypeVar

from botocore.exceptions import ClientError

from arbiter.aws.calls.deletion import NO_BUCKET
from arbiter.aws.calls.failures import FailureKind, failure_of
from arbiter.aws.custom_models import CustomModels
from arbiter.aws.objects import Objects
from arbiter.aws.parameters import Parameters
from arbiter.settings.tuning import RetireModelSettings
from arbiter.tuned_models.hosting.expiry import ENVIRONMENT_TAG
from arbiter.tuned_models.hosting.retirement import HostingCommitted, ModelInUse, Resource, RetirementIncomplete
from arbiter.tuned_models.retirer import Retirer, UnknownModel
from arbiter.tuned_models.service.pointer import NONE
from cli.core.deployment import Deployment
from cli.core.errors import CliError
from cli.models.inventory import Inventory

Result = TypeVar("Result")
PATIENCE_SECONDS = 900.0
POLL_SECONDS = 1.0
REFUSALS = {
    UnknownModel: "unknown_model",
    ModelInUse: "model_in_use",
    HostingCommitted: "hosting_committed",
    RetirementIncomplete: "retirement_incomplete",
}


def when_deployed(read: Callable[[], Result]) -> Result | None:
    """The result of something that needs the stacks; `None` where they, or what they held, are gone."""
    try:
        return read()
    except CliError as error:
        if error.code != "not_deployed":
            raise
    except ClientError as error:
        failure = failure_of(error)
        if failure.kind is not FailureKind.MISSING and failure.code != NO_BUCKET:
            raise
    return None


def retire_here(deployment: Deployment, event: Mapping[str, Any]) -> dict[str, Any]:
    """Retire a model as the function does, under the caller's own rights.

    Raises:
        CliError: it is pointed to, committed, of another environment, or something is left.
    """
    deadline = time.monotonic() + PATIENCE_SECONDS

    def wait() -> bool:
        time.sleep(POLL_SECONDS)
        return time.monotonic() < deadline

    storage = when_deployed(lambda: _storage(deployment))
    settings = storage or RetireModelSettings(
        environment=deployment.environment, candidate_parameter="", in_service_parameter="", results_bucket=""
    )
    pointers = Parameters(deployment.client("ssm")) if storage else _NoPointers()
    records = Objects(deployment.client("s3"), settings.results_bucket)
    retirer = Retirer(OwnModels(deployment), pointers, records, settings)
    try:
        asked = (
            event if storage or "run" not in event else {**event, "custom_model": _made_by(deployment, event["run"])}
        )
        return retirer.retire(asked, now=datetime.now(UTC), wait=wait)
    except tuple(REFUSALS) as error:
        raise CliError(str(error), code=REFUSALS[type(error)]) from error


def _storage(deployment: Deployment) -> RetireModelSettings:
    """Where pointers and records are, if they are still to be read."""
    names = ("CandidateParameter", "InServiceParameter", "ResultsBucketName")
    candidate, in_service, results = map(deployment.output, names)
    for name in (candidate, in_service):
        deployment.client("ssm").get_parameter(Name=name)
    deployment.client("s3").head_bucket(Bucket=results)
    return RetireModelSettings(
        environment=deployment.environment,
        candidate_parameter=candidate,
        in_service_parameter=in_service,
        results_bucket=results,
    )


def _made_by(deployment: Deployment, run: str) -> str:
    """The ARN of the model of a run, by the name of its job: the run's record is gone.

    Raises:
        UnknownModel: no job of this environment bears the run's name, or it left no model.
    """
    for job in Inventory(deployment).jobs_of(run):
        if arn := job.get("customModelArn"):
            return str(arn)
    raise UnknownModel(f"No model of the run {run} is known without its record: name the model by its ARN.")


class OwnModels(CustomModels):
    """The models of one environment: what another one hosts them with is not seen, and so not deleted.

    The function's role is held to the tag; a person's rights seldom are.
    """

    def __init__(self, deployment: Deployment) -> None:
        super().__init__(deployment.client("bedrock"))
        self._environment = deployment.environment

    def hosts(self, custom_model: str) -> list[Resource]:
        hosts = super().hosts(custom_model)
        return [host for host in hosts if self.tags(host.arn).get(ENVIRONMENT_TAG) == self._environment]


class _NoPointers:
    """The pointers of an environment that has none any more."""

    def read(self, name: str) -> str:
        return NONE

    def write(self, name: str, value: str) -> None:
        del name, value
