"""State machines made for a test, and how their executions end."""

import json
import time
from typing import Any

from tests.local.account import Account, new_name

SERVICE = "states.amazonaws.com"
PATIENCE_SECONDS = 90


def machine(account: Account, states: dict[str, Any], *statements: dict[str, Any], **fields: Any) -> str:
    """Make a JSONata state machine with a role of its own that allows these statements; its ARN."""
    definition = {"QueryLanguage": "JSONata", "StartAt": next(iter(states)), "States": states, **fields}
    role = account.role(*statements, trusts=SERVICE)
    made = account.client("stepfunctions").create_state_machine(
        name=new_name("machine"), definition=json.dumps(definition), roleArn=role
    )
    return str(made["stateMachineArn"])


def start(account: Account, arn: str, given: Any = None) -> str:
    """Start an execution; its ARN."""
    started = account.client("stepfunctions").start_execution(stateMachineArn=arn, input=json.dumps(given or {}))
    return str(started["executionArn"])


def ended(account: Account, execution: str) -> dict[str, Any]:
    """What DescribeExecution says once the execution has ended."""
    client, deadline = account.client("stepfunctions"), time.monotonic() + PATIENCE_SECONDS
    while (found := client.describe_execution(executionArn=execution))["status"] == "RUNNING":
        if time.monotonic() > deadline:
            raise TimeoutError(f"{execution} still runs")
        time.sleep(0.05)
    return dict(found)


def run(account: Account, arn: str, given: Any = None) -> dict[str, Any]:
    """Run a state machine to its end."""
    return ended(account, start(account, arn, given))
