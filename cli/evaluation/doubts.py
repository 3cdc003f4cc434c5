"""Reasons to think twice before a run is paid for, which only the deployment can tell."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from botocore.exceptions import ClientError

from arbiter.aws.objects import Objects
from arbiter.evaluation.run.arms import DEFAULT
from arbiter.evaluation.run.cases import named
from arbiter.evaluation.run.keys import plan_key
from arbiter.evaluation.run.plan import Plan
from arbiter.modes import Mode
from arbiter.store import ObjectMissingError
from arbiter.tuned_models.service.promotion import IN_SERVICE
from cli.core.deployment import Deployment
from cli.core.errors import CliError
from cli.models.service import made_elsewhere, pointed_to


def not_served(deployment: Deployment, arms: Sequence[str]) -> list[str]:
    """The techniques that would answer no question, for want of a tuned model, and how to leave them out."""
    lacking = [mode.value for mode in Mode if mode.specialised and mode.value in arms]
    if not lacking or made_elsewhere(deployment):
        return []
    try:
        if IN_SERVICE in pointed_to(deployment):
            return []
    except ClientError:
        # Who may evaluate need not be allowed to read the pointer.
        return []
    rest = ",".join(mode.value for mode in Mode if not mode.specialised)
    return [
        f"no tuned model is in service, so {' and '.join(lacking)} will answer nothing: --modes {rest} leaves them out"
    ]


def changed_documents(deployment: Deployment, results: Objects, run: str) -> Iterator[str]:
    """The documents brought in since a run began, whose answers would then stand on two states of them.

    A document that was only deleted since is not seen, nor are those of a knowledge base that others keep.
    """
    try:
        plan = Plan.parse(results.read(plan_key(run)))
        if DEFAULT not in plan.knowledge_bases:
            return
        began = datetime.fromisoformat(plan.started_at)
        bucket = Objects(deployment.client("s3"), deployment.output("DocumentsBucketName"))
        changed = sorted(item.key for item in bucket.listing() if item.modified_at > began)
    except (ClientError, CliError, ObjectMissingError):
        # Who may evaluate need not be allowed to list the documents.
        return
    if changed:
        yield (
            f"brought in since the run began: {named(changed)}; what was answered before stands on other documents "
            "than what is asked now, so start a new run to compare techniques on the same"
        )
