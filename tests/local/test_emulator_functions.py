"""Lambda functions run on their own interpreter, as their own role, with nothing of the developer's environment."""

import json
from typing import Any

import pytest

from tests.local.account import Account, allow, new_name
from tests.local.functions import make_function

pytestmark = pytest.mark.local

SOURCE = """
import os, sys

class NotToday(ValueError):
    pass

def handler(event, context):
    print("seen", event)
    if event.get("fail"):
        raise NotToday("come back tomorrow")
    return {"version": sys.version_info[:2], "environment": dict(os.environ)}
"""

MODULES = """
import os, boto3, jmespath

def handler(event, context):
    before = getattr(boto3, "mark", None), os.environ.get("MARK")
    boto3.mark = os.environ["MARK"] = context.function_name
    return {"before": before, "process": os.getpid(), "search": hasattr(jmespath, "search")}
"""


def function(account: Account, role: str) -> str:
    """Make a function with the source above."""
    return make_function(account, role, SOURCE, TracingConfig={"Mode": "Active"})


def invoke(account: Account, name: str, **event: Any) -> tuple[Any, str | None]:
    """The function's payload and how it failed, if it did."""
    answered = account.client("lambda").invoke(FunctionName=name, Payload=json.dumps(event).encode())
    return json.loads(answered["Payload"].read()), answered.get("FunctionError")


def test_a_function_logs_and_traces_with_its_role(account: Account) -> None:
    role = account.role(allow("logs:*", "xray:*"), trusts="lambda.amazonaws.com")
    name = function(account, role)
    invoke(account, name)

    actions = {action: decision for action, _, decision in account.decisions(role)}
    assert actions == dict.fromkeys(
        [
            "sts:AssumeRole",
            "xray:PutTraceSegments",
            "xray:PutTelemetryRecords",
            "logs:CreateLogGroup",
            "logs:CreateLogStream",
            "logs:PutLogEvents",
        ],
        "allow",
    )
    group = f"/aws/lambda/{name}"
    events = account.client("logs").filter_log_events(logGroupName=group)["events"]
    assert any(event["message"].startswith("seen") for event in events)


def test_logs_that_the_role_may_not_write_are_dropped_and_journaled(account: Account) -> None:
    role = account.role(trusts="lambda.amazonaws.com")
    name = function(account, role)
    invoke(account, name)

    assert ("logs:PutLogEvents", "deny") in {(action, decision) for action, _, decision in account.decisions(role)}
    groups = account.client("logs").describe_log_groups(logGroupNamePrefix=f"/aws/lambda/{name}")["logGroups"]
    assert groups == []


def test_a_failure_bears_its_type(account: Account) -> None:
    payload, failed = invoke(account, function(account, account.role(trusts="lambda.amazonaws.com")), fail=True)

    assert failed == "Unhandled"
    assert (payload["errorType"], payload["errorMessage"]) == ("NotToday", "come back tomorrow")


def test_nothing_of_the_developers_reaches_a_function(account: Account) -> None:
    payload, _ = invoke(account, function(account, account.role(trusts="lambda.amazonaws.com")))

    environment = payload["environment"]
    assert environment["AWS_ACCESS_KEY_ID"].startswith("ASIA")
    assert not {name for name in environment if name.startswith("ARBITER_")}
    assert "AWS_PROFILE" not in environment


def test_a_function_shares_no_memory_and_its_own_modules_come_first(account: Account) -> None:
    role = account.role(trusts="lambda.amazonaws.com")
    first, second = make_function(account, role, MODULES), make_function(account, role, MODULES)
    own = make_function(account, role, MODULES, brings="jmespath")
    cold = [invoke(account, name)[0] for name in (first, second, own)]
    warm, _ = invoke(account, first)

    assert [one["before"] for one in cold] == [[None, None]] * 3
    assert len({one["process"] for one in cold}) == 3
    assert (warm["before"], warm["process"]) == ([first, first], cold[0]["process"])
    assert [one["search"] for one in cold] == [True, True, False]


def test_a_queue_is_mapped_only_to_a_role_that_may_consume_it(account: Account) -> None:
    sqs = account.client("sqs")
    queue = sqs.create_queue(QueueName=new_name("queue"))["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    role = account.role(allow("sqs:ReceiveMessage", "sqs:DeleteMessage"), trusts="lambda.amazonaws.com")
    name = function(account, role)

    with pytest.raises(Exception, match="sqs:GetQueueAttributes"):
        account.client("lambda").create_event_source_mapping(FunctionName=name, EventSourceArn=arn)
    assert ("sqs:GetQueueAttributes", arn, "deny") in account.decisions(role)
