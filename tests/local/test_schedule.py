"""An evaluation that is set to start by itself does, as the schedule's own role, and its run can be listed and read."""

import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from cli.core.deployment import Deployment
from cli.reporting.report import report
from cli.reporting.run.listing import list_runs
from stacks.constructs.evaluation.schedule import CASES
from tests.local.deployed import Deployed, deployed_with

pytestmark = pytest.mark.local

PATIENCE_SECONDS = 120


@pytest.fixture(scope="module")
def scheduled(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployed]:
    """All stacks with the setting on."""
    weekly = {"schedule": "rate(7 days)"}
    with deployed_with(root, tmp_path_factory.mktemp("scheduled"), evaluation=weekly) as deployed:
        yield deployed


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
        time.sleep(0.5)
    others = states.list_executions(stateMachineArn=machine)["executions"]
    told = [states.describe_execution(executionArn=one["executionArn"]) for one in others]
    raise AssertionError(f"none succeeded: {[(one['status'], one.get('error'), one.get('cause')) for one in told]}")


def test_a_schedule_starts_an_evaluation_whose_run_is_listed_and_read(scheduled: Deployed, tmp_path: Path) -> None:
    deployment = scheduled.deployment
    cases = [{"question": f"How far is number {number}?", "reference": "Far."} for number in range(2)]
    deployment.client("s3").put_object(
        Bucket=deployment.output("ResultsBucketName"), Key=CASES, Body="\n".join(map(json.dumps, cases)).encode()
    )
    bring_forward(deployment)
    order = json.loads(ended(deployment)["input"])
    assert (order["cases_key"], order["started_by"]) == (CASES, "schedule")
    assert order["run"].startswith("at-")

    # The deployed schedule fires at once as well: the run that ended first is the one to look for.
    (listed,) = [one for one in list_runs(deployment) if one.run == order["run"]]
    assert (listed.run, listed.cases, listed.started_by, listed.summarised) == (order["run"], 2, "schedule", True)
    written = report(deployment, listed.run, out=tmp_path / "report.html")
    assert written.summary["cases"] == 2
