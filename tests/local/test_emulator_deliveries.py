"""Events and schedules reach functions, topics and state machines only as policies and roles allow."""

import json
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.local.account import Account, allow, new_name
from tests.local.functions import make_function
from tests.local.machines import machine

pytestmark = pytest.mark.local

SERVICE = "scheduler.amazonaws.com"
GROUP = "arn:aws:scheduler:us-east-1:000000000000:schedule-group/default"
WRITER = """
import boto3, json

def handler(event, context):
    boto3.client("s3").put_object(Bucket=BUCKET, Key="seen", Body=json.dumps(event).encode())
"""
PATIENCE_SECONDS = 60


def eventually(look: Callable[[], Any]) -> Any:
    """What `look` finds, once it finds something."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not (found := look()):
        if time.monotonic() > deadline:
            raise TimeoutError("nothing came")
        time.sleep(0.1)
    return found


def writer(account: Account, bucket: str) -> str:
    """A function that writes down what it is given; its ARN."""
    role = account.role(allow("s3:PutObject", "logs:*"), trusts="lambda.amazonaws.com")
    name = make_function(account, role, WRITER.replace("BUCKET", repr(bucket)))
    return str(account.client("lambda").get_function(FunctionName=name)["Configuration"]["FunctionArn"])


def written(account: Account, bucket: str) -> Any:
    """What the function wrote, if it did."""
    storage = account.client("s3")
    if not storage.list_objects_v2(Bucket=bucket)["KeyCount"]:
        return None
    return json.loads(storage.get_object(Bucket=bucket, Key="seen")["Body"].read())


def rule(account: Account, target: str, **fields: Any) -> tuple[str, Callable[[], None]]:
    """A rule with one target; its ARN, and what sends an event that it matches."""
    events, source = account.client("events"), new_name("source")
    arn = events.put_rule(Name=source, EventPattern=json.dumps({"source": [source]}))["RuleArn"]
    events.put_targets(Rule=source, Targets=[{"Id": "target", "Arn": target, **fields}])
    entry = {"Source": source, "DetailType": "t", "Detail": '{"n": 1}'}
    return arn, lambda: events.put_events(Entries=[entry])


def test_an_event_invokes_a_function_only_if_its_policy_lets_the_rule(account: Account) -> None:
    bucket = account.bucket()
    function = writer(account, bucket)
    arn, send = rule(account, function)
    send()
    account.client("lambda").add_permission(
        FunctionName=function,
        StatementId="rule",
        Action="lambda:InvokeFunction",
        Principal="events.amazonaws.com",
        SourceArn=arn,
    )
    assert written(account, bucket) is None
    send()

    assert eventually(lambda: written(account, bucket))["detail"] == {"n": 1}
    assert [decision[2] for decision in account.decisions(arn)] == ["deny", "allow"]


def test_an_event_reaches_a_topic_and_its_subscribers_only_if_its_policy_lets_the_rule(account: Account) -> None:
    topics, queues = account.client("sns"), account.client("sqs")
    topic = topics.create_topic(Name=new_name("topic"))["TopicArn"]
    url = queues.create_queue(QueueName=new_name("queue"))["QueueUrl"]
    queue = queues.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    take = {**allow("sqs:SendMessage", resource=queue), "Principal": {"Service": "sns.amazonaws.com"}}
    queues.set_queue_attributes(QueueUrl=url, Attributes={"Policy": json.dumps({"Statement": [take]})})
    topics.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=queue)
    arn, send = rule(account, topic)
    publish = {**allow("sns:Publish", resource=topic), "Principal": {"Service": "events.amazonaws.com"}}
    for source in ("arn:aws:events:us-east-1:000000000000:rule/another", arn):
        publish["Condition"] = {"ArnEquals": {"aws:SourceArn": source}}
        topics.set_topic_attributes(
            TopicArn=topic, AttributeName="Policy", AttributeValue=json.dumps({"Statement": [publish]})
        )
        send()

    received = eventually(lambda: queues.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"))
    assert len(received) == 1
    assert json.loads(json.loads(received[0]["Body"])["Message"])["detail"] == {"n": 1}
    assert [decision[2] for decision in account.decisions(arn)] == ["deny", "allow"]


def test_an_event_starts_a_state_machine_only_with_the_role_of_its_target(account: Account) -> None:
    pause = {"Pause": {"Type": "Wait", "Seconds": 0, "End": True}}
    allowed, denied = machine(account, pause), machine(account, pause)
    for target in (denied, allowed):
        role = account.role(
            allow("states:StartExecution", resource=allowed),
            trusts="events.amazonaws.com",
        )
        rule(account, target, RoleArn=role)[1]()
    listed: Any = account.client("stepfunctions").list_executions

    assert eventually(lambda: listed(stateMachineArn=allowed)["executions"])
    assert not listed(stateMachineArn=denied)["executions"]


def scheduled(account: Account, role: str, target: str, expression: str, given: Any) -> str:
    name = new_name("schedule")
    account.client("scheduler").create_schedule(
        Name=name,
        ScheduleExpression=expression,
        FlexibleTimeWindow={"Mode": "OFF"},
        Target={"Arn": target, "RoleArn": role, "Input": json.dumps(given)},
        ActionAfterCompletion="DELETE",
    )
    return name


def schedule_role(account: Account, *actions: str, group: str = GROUP) -> str:
    condition = {"StringEquals": {"aws:SourceArn": group}}
    return account.role(*([allow(*actions)] if actions else []), trusts=SERVICE, condition=condition)


def test_a_schedule_for_one_moment_fires_once_and_says_when(account: Account) -> None:
    bucket = account.bucket()
    moment = (datetime.now(UTC) + timedelta(seconds=1)).strftime("%Y-%m-%dT%H:%M:%S")
    given = {"run": "<aws.scheduler.execution-id>", "at": "<aws.scheduler.scheduled-time>"}
    role = schedule_role(account, "lambda:InvokeFunction")
    name = scheduled(account, role, writer(account, bucket), f"at({moment})", given)
    seen = eventually(lambda: written(account, bucket))

    assert seen["at"] == f"{moment}Z"
    assert "<" not in seen["run"]
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        account.client("scheduler").get_schedule(Name=name)


def test_a_rate_starts_at_once_and_needs_its_role(account: Account) -> None:
    pause = {"Pause": {"Type": "Wait", "Seconds": 0, "End": True}}
    allowed, denied = machine(account, pause), machine(account, pause)
    other = schedule_role(account)
    scheduled(account, other, denied, "rate(1 minute)", {})
    role = schedule_role(account, "states:StartExecution")
    scheduled(account, role, allowed, "rate(1 minute)", {"at": "<aws.scheduler.scheduled-time>"})
    client = account.client("stepfunctions")
    started = eventually(lambda: client.list_executions(stateMachineArn=allowed)["executions"])
    given = json.loads(client.describe_execution(executionArn=started[0]["executionArn"])["input"])

    assert datetime.fromisoformat(given["at"]).tzinfo is not None
    eventually(lambda: ("states:StartExecution", denied, "deny") in account.decisions(other))
    assert not client.list_executions(stateMachineArn=denied)["executions"]


def test_a_schedule_calls_any_api_as_its_role(account: Account) -> None:
    bucket = account.bucket()
    role = schedule_role(account, "s3:PutObject")
    given = {"Bucket": bucket, "Key": "seen", "Body": json.dumps({"n": 1})}
    scheduled(account, role, "arn:aws:scheduler:::aws-sdk:s3:putObject", "rate(1 minute)", given)

    assert eventually(lambda: written(account, bucket)) == {"n": 1}


def test_a_role_is_passed_only_by_who_may_and_only_if_it_trusts_the_schedule_group(account: Account) -> None:
    creator = account.client_as(account.role(allow("scheduler:CreateSchedule")), "scheduler")
    asked: dict[str, Any] = {"ScheduleExpression": "rate(1 hour)", "FlexibleTimeWindow": {"Mode": "OFF"}}
    target = "arn:aws:scheduler:::aws-sdk:s3:listBuckets"

    with pytest.raises(ClientError, match="not authorized to perform: iam:PassRole"):
        creator.create_schedule(Name="s", Target={"Arn": target, "RoleArn": schedule_role(account)}, **asked)
    with pytest.raises(ClientError, match="not authorized to perform: sts:AssumeRole"):
        scheduled(account, schedule_role(account, group=f"{GROUP}s"), target, "rate(1 hour)", {})


def test_a_template_makes_a_schedule_and_a_topic(account: Account) -> None:
    role = schedule_role(account, "s3:PutObject")
    window = {"Mode": "OFF"}
    target = {"Arn": "arn:aws:scheduler:::aws-sdk:s3:listBuckets", "RoleArn": role, "Input": "{}"}
    properties = {"ScheduleExpression": "rate(7 days)", "FlexibleTimeWindow": window, "Target": target}
    properties["StartDate"] = "2030-01-01T00:00:00Z"
    subscription = {"TopicArn": {"Ref": "Topic"}, "Protocol": "email", "Endpoint": "owner@example.com"}
    template = {
        "Resources": {
            "Schedule": {"Type": "AWS::Scheduler::Schedule", "Properties": properties},
            "Topic": {"Type": "AWS::SNS::Topic"},
            "Subscription": {"Type": "AWS::SNS::Subscription", "Properties": subscription},
        },
        "Outputs": {"Name": {"Value": {"Ref": "Schedule"}}, "Arn": {"Value": {"Fn::GetAtt": ["Schedule", "Arn"]}}},
    }
    stacks, name = account.client("cloudformation"), new_name("stack")
    stacks.create_stack(StackName=name, TemplateBody=json.dumps(template))
    stack = eventually(lambda: finished(stacks, name))
    outputs = {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}
    made = account.client("scheduler").get_schedule(Name=outputs["Name"])

    assert (made["Arn"], made["StartDate"].year) == (outputs["Arn"], 2030)
    stacks.delete_stack(StackName=name)
    eventually(lambda: not account.client("scheduler").list_schedules(NamePrefix=outputs["Name"])["Schedules"])


def finished(stacks: Any, name: str) -> Any:
    stack = stacks.describe_stacks(StackName=name)["Stacks"][0]
    return stack if stack["StackStatus"] == "CREATE_COMPLETE" else None
