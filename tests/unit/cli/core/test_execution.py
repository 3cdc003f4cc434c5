"""An execution that others start at the same moment, or that is not seen yet, is told from one that is not there."""

from datetime import UTC, datetime
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from botocore.stub import Stubber

from cli.core.errors import CliError
from cli.core.execution import LOOKS_IN_VAIN, Execution

MACHINE = "arn:aws:states:us-east-1:000000000000:stateMachine:training"
NOW = datetime(2026, 11, 29, tzinfo=UTC)


def execution(slept: list[float]) -> tuple[Execution, Stubber]:
    client: Any = boto3.client("stepfunctions", "us-east-1", aws_access_key_id="x", aws_secret_access_key="x")
    stubber = Stubber(client)
    stubber.activate()
    return Execution(client, MACHINE, "run-1", slept.append), stubber


def test_one_that_was_just_started_may_not_be_seen_yet() -> None:
    slept = list[float]()
    started, states = execution(slept)
    states.add_client_error("describe_execution", "ExecutionDoesNotExist")
    known = {"executionArn": started.arn, "stateMachineArn": MACHINE, "status": "SUCCEEDED", "startDate": NOW}
    states.add_response("describe_execution", known)
    states.add_client_error("get_execution_history", "ExecutionDoesNotExist")
    states.add_response("describe_execution", known)
    states.add_response("get_execution_history", {"events": []})

    assert started.follow().succeeded
    assert len(slept) == 2


def test_one_that_stays_away_is_gone() -> None:
    gone, states = execution([])
    for _ in range(LOOKS_IN_VAIN):
        states.add_client_error("describe_execution", "ExecutionDoesNotExist")
    with pytest.raises(ClientError, match="ExecutionDoesNotExist"):
        gone.follow()
    states.assert_no_pending_responses()


def test_who_comes_second_under_a_name_is_told_so() -> None:
    second, states = execution([])
    states.add_client_error("start_execution", "ExecutionAlreadyExists")
    with pytest.raises(CliError, match="Somebody else has just started run-1") as told:
        second.start({})
    assert told.value.code == "run_at_work"
