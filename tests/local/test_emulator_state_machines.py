"""State machines start others as they may, end once, say so on the event bus, and map over what lies in a bucket."""

import json
import time
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.local.account import Account, allow, new_name
from tests.local.machines import ended, machine, run, start

pytestmark = pytest.mark.local

RULE = "arn:aws:events:us-east-1:000000000000:rule/StepFunctionsGetEventsForStepFunctionsExecutionRule"
FOLLOWING = (
    allow("states:StartExecution"),
    allow("states:DescribeExecution", "states:StopExecution"),
    allow("events:PutTargets", "events:PutRule", "events:DescribeRule", resource=RULE),
)
ECHO = {"Echo": {"Type": "Pass", "Output": "{% {'said': $states.input.word} %}", "End": True}}
SLEEP = {"Sleep": {"Type": "Wait", "Seconds": 60, "End": True}}


def nesting(child: str, pattern: str = ".sync:2", **fields: Any) -> dict[str, Any]:
    arguments = {"StateMachineArn": child, "Input": {"word": "ahoy"}}
    resource = f"arn:aws:states:::states:startExecution{pattern}"
    return {"Nest": {"Type": "Task", "Resource": resource, "Arguments": arguments, "End": True, **fields}}


def test_a_followed_execution_returns_its_output_as_json(account: Account) -> None:
    done = run(account, machine(account, nesting(machine(account, ECHO)), *FOLLOWING))

    assert done["status"] == "SUCCEEDED", done.get("cause")
    output = json.loads(done["output"])
    assert (output["Output"], output["Status"]) == ({"said": "ahoy"}, "SUCCEEDED")


@pytest.mark.parametrize("missing", range(2))
def test_an_execution_is_followed_only_with_every_permission(missing: int, account: Account) -> None:
    granted = [statement for number, statement in enumerate(FOLLOWING) if number != missing]
    done = run(account, machine(account, nesting(machine(account, ECHO)), *granted))

    assert (done["status"], done["error"]) == ("FAILED", "StepFunctions.AccessDeniedException")
    assert "is not authorized to perform: " in done["cause"]


def test_a_machine_that_follows_others_is_refused_without_the_rule_that_tells_it(account: Account) -> None:
    with pytest.raises(ClientError, match=r"not authorized to create managed-rule.*events:PutTargets"):
        machine(account, nesting(machine(account, ECHO)), *FOLLOWING[:2])


def test_a_failed_child_fails_its_parent_with_what_describe_execution_says(account: Account) -> None:
    child = machine(account, {"Break": {"Type": "Fail", "Error": "Torn", "Cause": "the rope"}})
    done = run(account, machine(account, nesting(child), *FOLLOWING))

    assert done["error"] == "States.TaskFailed"
    cause = json.loads(done["cause"])
    assert (cause["Status"], cause["Error"], cause["Cause"]) == ("FAILED", "Torn", "the rope")


def test_stopping_a_parent_stops_its_child(account: Account) -> None:
    client, child = account.client("stepfunctions"), machine(account, SLEEP)
    caught = {"Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Late"}]}
    states = {**nesting(child, **caught), "Late": {"Type": "Pass", "End": True}}
    parent = start(account, machine(account, states, *FOLLOWING))
    while not (children := client.list_executions(stateMachineArn=child)["executions"]):
        time.sleep(0.05)
    client.stop_execution(executionArn=parent, error="Enough", cause="by a person")

    assert ended(account, children[0]["executionArn"])["status"] == "ABORTED"
    assert ended(account, parent)["status"] == "ABORTED"


def listened(account: Account, arn: str) -> tuple[Any, str]:
    """A queue that hears of every change of a state machine's executions."""
    events, queues = account.client("events"), account.client("sqs")
    pattern = {"source": ["aws.states"], "detail": {"stateMachineArn": [arn]}}
    rule = events.put_rule(Name=new_name("rule"), EventPattern=json.dumps(pattern))["RuleArn"]
    url = queues.create_queue(QueueName=new_name("queue"))["QueueUrl"]
    queue = queues.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    send = {**allow("sqs:SendMessage", resource=queue), "Principal": {"Service": "events.amazonaws.com"}}
    queues.set_queue_attributes(QueueUrl=url, Attributes={"Policy": json.dumps({"Statement": [send]})})
    events.put_targets(Rule=rule.rsplit("/", 1)[-1], Targets=[{"Id": "queue", "Arn": queue}])
    return queues, url


def heard(queues: Any, url: str, count: int) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    while len(found) < count:
        received = queues.receive_message(QueueUrl=url, WaitTimeSeconds=5, MaxNumberOfMessages=10)["Messages"]
        found += [json.loads(message["Body"]) for message in received]
    return found


def test_every_change_of_status_is_announced(account: Account) -> None:
    arn = machine(account, ECHO)
    queues, url = listened(account, arn)
    done = run(account, arn, {"word": "ahoy"})
    events = {event["detail"]["status"]: event for event in heard(queues, url, 2)}

    assert set(events) == {"RUNNING", "SUCCEEDED"}
    last = events["SUCCEEDED"]
    assert last["detail-type"] == "Step Functions Execution Status Change"
    assert last["resources"] == [done["executionArn"]]
    assert json.loads(last["detail"]["input"]) == {"word": "ahoy"}
    assert json.loads(last["detail"]["output"]) == {"said": "ahoy"}
    assert last["detail"]["stopDate"] >= last["detail"]["startDate"] > 1_000_000_000_000


def test_a_stopped_execution_is_announced_with_who_and_why(account: Account) -> None:
    arn = machine(account, SLEEP)
    queues, url = listened(account, arn)
    execution = start(account, arn)
    account.client("stepfunctions").stop_execution(executionArn=execution, error="Enough", cause="by a person")
    details = [event["detail"] for event in heard(queues, url, 2)]

    assert [(one["status"], one["error"], one["cause"]) for one in details][1:] == [
        ("ABORTED", "Enough", "by a person")
    ]


def test_an_execution_that_outlives_its_time_is_announced_as_timed_out(account: Account) -> None:
    arn = machine(account, SLEEP, TimeoutSeconds=1)
    queues, url = listened(account, arn)

    assert run(account, arn)["status"] == "TIMED_OUT"
    assert [event["detail"]["status"] for event in heard(queues, url, 2)] == ["RUNNING", "TIMED_OUT"]


def mapped(**fields: Any) -> dict[str, Any]:
    processor = {
        "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
        "StartAt": "One",
        "States": {
            "One": {
                "Type": "Choice",
                "Choices": [{"Condition": "{% $exists($states.input.bad) %}", "Next": "Torn"}],
                "Default": "Whole",
            },
            "Torn": {"Type": "Fail", "Error": "Torn", "Cause": "{% $string($states.input.bad) %}"},
            "Whole": {"Type": "Pass", "End": True},
        },
    }
    return {"Each": {"Type": "Map", "Label": "Items", "ItemProcessor": processor, "End": True, **fields}}


def mapping(account: Account, *statements: dict[str, Any], **fields: Any) -> str:
    children = allow("states:StartExecution", "states:DescribeExecution", "states:StopExecution")
    return machine(account, mapped(**fields), children, *statements)


def test_a_map_in_jsonata_reads_selects_and_batches(account: Account) -> None:
    bucket = account.bucket()
    account.client("s3").put_object(Bucket=bucket, Key="in.jsonl", Body="\n".join(f'{{"n": {n}}}' for n in range(5)))
    arn = mapping(
        account,
        allow("s3:GetObject"),
        ItemReader={
            "Resource": "arn:aws:states:::s3:getObject",
            "ReaderConfig": {"InputType": "JSONL", "MaxItems": "{% $states.input.most %}"},
            "Arguments": {"Bucket": bucket, "Key": "{% $states.input.key %}"},
        },
        ItemSelector={"at": "{% $states.context.Map.Item.Index %}", "n": "{% $states.context.Map.Item.Value.n %}"},
        ItemBatcher={"MaxItemsPerBatch": 3, "BatchInput": {"run": "{% $states.input.run %}"}},
        Output="{% {'batches': $states.result} %}",
    )
    done = run(account, arn, {"key": "in.jsonl", "most": 4, "run": "r"})

    assert done["status"] == "SUCCEEDED", done.get("cause")
    batches = [
        {"BatchInput": {"run": "r"}, "Items": [{"at": n, "n": n} for n in numbers]} for numbers in ((0, 1, 2), (3,))
    ]
    assert json.loads(done["output"]) == {"batches": batches}


def test_a_map_lists_a_bucket_with_the_role_of_its_machine(account: Account) -> None:
    bucket = account.bucket()
    for key in ("in/b.txt", "in/a.txt", "out/c.txt"):
        account.client("s3").put_object(Bucket=bucket, Key=key, Body=b"x")
    listing = {"Resource": "arn:aws:states:::s3:listObjectsV2", "Arguments": {"Bucket": bucket, "Prefix": "in/"}}
    allowed = mapping(account, allow("s3:ListBucket"), ItemReader=listing, Output="{% $states.result.Key %}")
    denied = mapping(account, ItemReader=listing)

    assert json.loads(run(account, allowed)["output"]) == ["in/a.txt", "in/b.txt"]
    assert run(account, denied)["error"] == "States.ItemReaderFailed"


@pytest.mark.parametrize(
    ("tolerated", "status"),
    [
        ({}, "FAILED"),
        ({"ToleratedFailureCount": 1}, "FAILED"),
        ({"ToleratedFailureCount": "{% $states.input.most %}"}, "SUCCEEDED"),
        ({"ToleratedFailurePercentage": 49}, "FAILED"),
        ({"ToleratedFailurePercentage": 50}, "SUCCEEDED"),
    ],
)
def test_a_map_fails_once_more_failed_than_it_tolerates(
    tolerated: dict[str, Any], status: str, account: Account
) -> None:
    items = [{"n": 0}, {"bad": 1}, {"n": 2}, {"bad": 3}]
    done = run(account, mapping(account, Items=items, **tolerated), {"most": 2})

    assert done["status"] == status
    if status == "FAILED":
        assert done["error"] == "States.ExceedToleratedFailureThreshold"
        assert "Torn: 1" in done["cause"] or "Torn: 3" in done["cause"]
    else:
        assert json.loads(done["output"]) == [{"n": 0}, {"n": 2}]


def test_a_result_writer_leaves_the_results_in_the_bucket(account: Account) -> None:
    bucket = account.bucket()
    writer = {"Resource": "arn:aws:states:::s3:putObject", "Arguments": {"Bucket": bucket, "Prefix": "results"}}
    fields: dict[str, Any] = {"Items": [{"n": 0}, {"bad": 1}], "ToleratedFailureCount": 1, "ResultWriter": writer}
    details = json.loads(run(account, mapping(account, allow("s3:PutObject"), **fields))["output"])
    storage = account.client("s3")

    manifest = json.loads(storage.get_object(**details["ResultWriterDetails"])["Body"].read())
    files = manifest["ResultFiles"]
    failed = json.loads(storage.get_object(Bucket=bucket, Key=files["FAILED"][0]["Key"])["Body"].read())
    assert [len(files[name]) for name in ("SUCCEEDED", "FAILED", "PENDING")] == [1, 1, 0]
    assert [(one["Error"], one["Input"]) for one in failed] == [("Torn", '{"bad": 1}')]
    assert run(account, mapping(account, **fields))["error"] == "States.ResultWriterFailed"


def test_more_results_than_a_state_can_hold_are_refused(account: Account) -> None:
    done = run(account, mapping(account, Items=[{"text": "x" * 100_000}] * 3))

    assert done["error"] == "States.DataLimitExceeded"


@pytest.mark.parametrize(("output", "said"), [
    ("{% $merge([$states.input, {'said': $states.result.said}]) %}", {"word": "ahoy", "said": ["ahoy", "ahoy"]}),
    (None, [{"said": "ahoy"}, {"said": "ahoy"}]),
])  # fmt: skip
def test_parallel_branches_become_what_their_state_makes_of_them(
    output: str | None, said: Any, account: Account
) -> None:
    made = {"Output": output} if output else {}
    branches = [{"StartAt": name, "States": {name: ECHO["Echo"]}} for name in ("Port", "Starboard")]
    both = {"Type": "Parallel", "Branches": branches, **made, "End": True}
    done = run(account, machine(account, {"Both": both}), {"word": "ahoy"})

    assert json.loads(done["output"]) == said
