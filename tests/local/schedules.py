"""Schedules brought forward, and the executions that they start."""

import time
from datetime import UTC, datetime, timedelta
from typing import Any

from cli.core.deployment import Deployment

PATIENCE_SECONDS = 120


def bring_forward(deployment: Deployment) -> None:
    """Another schedule, for now, with the target of the deployed one: its role, its machine, its input."""
    scheduler = deployment.client("scheduler")
    every = [scheduler.get_schedule(Name=one["Name"]) for one in scheduler.list_schedules()["Schedules"]]
    (kept,) = [one for one in every if one["Target"]["Arn"] == deployment.output("EvaluationStateMachineArn")]
    moment = (datetime.now(UTC) + timedelta(seconds=1)).strftime("at(%Y-%m-%dT%H:%M:%S)")
    same = {name: kept[name] for name in ("FlexibleTimeWindow", "Target")}
    scheduler.create_schedule(**same, Name="now", ScheduleExpression=moment)


def ended(deployment: Deployment) -> dict[str, Any]:
    """The first execution that succeeds; one that fired before there were cases has failed."""
    states, deadline = deployment.client("stepfunctions"), time.monotonic() + PATIENCE_SECONDS
    machine = deployment.output("EvaluationStateMachineArn")
    while time.monotonic() < deadline:
        found = states.list_executions(stateMachineArn=machine, statusFilter="SUCCEEDED")["executions"]
        if found:
            return dict(states.describe_execution(executionArn=found[0]["executionArn"]))
        time.sleep(0.2)
    others = states.list_executions(stateMachineArn=machine)["executions"]
    told = [states.describe_execution(executionArn=one["executionArn"]) for one in others]
    raise AssertionError(f"none succeeded: {[(one['status'], one.get('error'), one.get('cause')) for one in told]}")
