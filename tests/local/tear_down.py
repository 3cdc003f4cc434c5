"""The stacks of an environment deleted by CloudFormation alone, last deployed first, as `cdk destroy` does it."""

import time
from typing import Any

from botocore.exceptions import ClientError

from cli.core.deployment import Deployment
from cli.core.errors import CliError
from cli.core.progress import Progress, silent

STACKS = ("Operations", "Generation", "FineTuning", "Evaluation", "Inference", "KnowledgeBase", "Storage")
POLL_SECONDS = 0.1
PATIENCE_SECONDS = 900
STAGE = "Deleting the stacks"


def tear_down(deployment: Deployment, progress: Progress = silent) -> None:
    """Delete every stack; disposable buckets are emptied by their own function on the way.

    Raises:
        CliError: a stack cannot be deleted; with CloudFormation's reasons.
    """
    client = deployment.client("cloudformation")
    for done, stack in enumerate(STACKS):
        progress(STAGE, done, len(STACKS))
        _delete(client, f"Arbiter-{deployment.environment}-{stack}")
    progress(STAGE, len(STACKS), len(STACKS))


def _delete(client: Any, name: str) -> None:
    client.delete_stack(StackName=name)
    deadline = time.monotonic() + PATIENCE_SECONDS
    while (status := _status(client, name)) == "DELETE_IN_PROGRESS":
        if time.monotonic() > deadline:
            raise CliError(f"The stack {name} is still being deleted after {PATIENCE_SECONDS // 60} minutes.")
        time.sleep(POLL_SECONDS)
    if status not in (None, "DELETE_COMPLETE"):
        raise CliError(f"The stack {name} cannot be deleted ({status}): {_reasons(client, name)}")


def _status(client: Any, name: str) -> str | None:
    """The stack's status; `None` when there is no such stack."""
    try:
        return str(client.describe_stacks(StackName=name)["Stacks"][0]["StackStatus"])
    except ClientError as error:
        if error.response["Error"]["Code"] == "ValidationError":
            return None
        raise


def _reasons(client: Any, name: str) -> str:
    events = client.describe_stack_events(StackName=name)["StackEvents"]
    return "; ".join(
        f"{event['LogicalResourceId']}: {event.get('ResourceStatusReason', 'no reason given')}"
        for event in events
        if event["ResourceStatus"] == "DELETE_FAILED"
    )
