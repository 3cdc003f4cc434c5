"""The local AWS refuses what AWS refuses, at creation and at run time, with AWS's error codes."""

import json
import re
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.local.account import Account, allow, new_name
from tests.local.functions import make_function
from tests.local.machines import SERVICE, machine, run

pytestmark = pytest.mark.local

END = {"Type": "Pass", "End": True}
LARGE = 262_144


def code_of(raised: pytest.ExceptionInfo[ClientError]) -> str:
    return str(raised.value.response["Error"]["Code"])


def test_a_definition_that_aws_refuses_makes_and_changes_no_state_machine(account: Account) -> None:
    client, name = account.client("stepfunctions"), new_name("machine")
    broken = json.dumps({"StartAt": "A", "States": {"A": {"Type": "Pass", "Next": "B"}, "C": END}})
    with pytest.raises(ClientError, match="Missing 'Next' target: B at /States/A/Next") as raised:
        client.create_state_machine(name=name, definition=broken, roleArn=account.role(trusts=SERVICE))
    existing = machine(account, {"A": END})
    before = client.describe_state_machine(stateMachineArn=existing)["definition"]
    with pytest.raises(ClientError, match="InvalidDefinition"):
        client.update_state_machine(stateMachineArn=existing, definition=broken)

    assert code_of(raised) == "InvalidDefinition"
    assert name not in {listed["name"] for listed in client.list_state_machines()["stateMachines"]}
    assert client.describe_state_machine(stateMachineArn=existing)["definition"] == before


def test_a_role_s_policies_are_written_in_their_grammar(account: Account) -> None:
    with pytest.raises(ClientError, match="Invalid Condition type : StringEqualz") as raised:
        account.role({**allow("s3:GetObject"), "Condition": {"StringEqualz": {"aws:SourceAccount": "1"}}})
    with pytest.raises(ClientError, match="Missing required field Principal"):
        account.client("iam").create_role(
            RoleName=new_name("role"), AssumeRolePolicyDocument=json.dumps({"Statement": [allow("sts:AssumeRole")]})
        )

    assert code_of(raised) == "MalformedPolicyDocument"


def test_a_role_that_step_functions_cannot_assume_is_refused(account: Account) -> None:
    role = account.role(trusts="lambda.amazonaws.com")
    definition = json.dumps({"StartAt": "A", "States": {"A": END}})
    with pytest.raises(ClientError, match="authorized to assume the provided role") as raised:
        account.client("stepfunctions").create_state_machine(
            name=new_name("machine"), definition=definition, roleArn=role
        )

    assert code_of(raised) == "AccessDeniedException"


def test_a_stack_with_a_broken_state_machine_fails(account: Account) -> None:
    definition = {
        "StartAt": "A",
        "States": {"A": {"Type": "Task", "Resource": "arn:aws:states:::aws-sdk:s4:x", "End": True}},
    }
    properties = {"RoleArn": account.role(trusts=SERVICE), "DefinitionString": json.dumps(definition)}
    resources = {"Machine": {"Type": "AWS::StepFunctions::StateMachine", "Properties": properties}}

    assert "The resource provided arn:aws:states:::aws-sdk:s4:x is not recognized" in failure_of(account, resources)


UNREACHED = {"FunctionName": "f", "Qualifier": "$LATEST", "MaximumRetryAttempts": 3}
ALARM = {"Namespace": "N", "MetricName": "M", "Statistic": "Sum", "Period": 45, "EvaluationPeriods": 1, "Threshold": 0}
PERMISSION = {"Action": "lambda:InvokeFunction", "Principal": "events.amazonaws.com"}
GUARDRAIL = {"Name": "g", "BlockedOutputsMessaging": "no", "WordPolicyConfig": {"WordsConfig": [{"Text": "word"}]}}
PATTERN = {"EventPattern": {"source": "aws.s3"}}


@pytest.mark.parametrize(
    ("kind", "properties", "refusal"),
    [
        ("Lambda::EventInvokeConfig", UNREACHED, "Value '3' at 'maximumRetryAttempts' failed to satisfy constraint"),
        ("CloudWatch::Alarm", {**ALARM, "ComparisonOperator": "GreaterThanThreshold"}, "Period must be 10, 20, 30"),
        ("Events::Rule", PATTERN, '"source" must be an object or an array'),
        ("Logs::LogGroup", {"RetentionInDays": 31}, "31 is not a valid retention in days"),
        ("Budgets::Budget", {"Budget": {"BudgetType": "COST", "TimeUnit": "FORTNIGHTLY"}}, "at 'timeUnit' failed"),
        ("KMS::Key", {"KeyPolicy": {"Version": "2012-10-17", "Statement": []}}, "Syntax errors in policy."),
        ("Lambda::Permission", {**PERMISSION, "FunctionName": "missing"}, "Function not found: .*:function:missing"),
        ("Bedrock::Guardrail", {**GUARDRAIL, "BlockedInputMessaging": "x" * 501}, "length less than or equal to 500"),
    ],
)
def test_a_stack_with_a_value_that_aws_does_not_take_fails(
    account: Account, kind: str, properties: dict[str, Any], refusal: str
) -> None:
    resources = {"Resource": {"Type": f"AWS::{kind}", "Properties": properties}}
    assert re.search(refusal, failure_of(account, resources))


def test_an_alias_of_a_version_that_is_not_there_is_refused(account: Account) -> None:
    name = make_function(account, account.role(trusts="lambda.amazonaws.com"), "def handler(event, context): pass")
    with pytest.raises(ClientError, match=f"Function not found: .*:function:{name}:99") as raised:
        account.client("lambda").create_alias(FunctionName=name, FunctionVersion="99", Name="live")

    assert code_of(raised) == "ResourceNotFoundException"


def test_a_mapping_gives_a_function_the_time_that_it_may_take(account: Account) -> None:
    role = account.role(allow("sqs:*"), trusts="lambda.amazonaws.com")
    name = make_function(account, role, "def handler(event, context): pass", Timeout=60)
    queues = account.client("sqs")
    url = queues.create_queue(QueueName=new_name("queue"))["QueueUrl"]
    arn = queues.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    with pytest.raises(ClientError, match="30 seconds is less than Function timeout: 60 seconds") as raised:
        account.client("lambda").create_event_source_mapping(EventSourceArn=arn, FunctionName=name)

    assert code_of(raised) == "InvalidParameterValueException"


def failure_of(account: Account, resources: dict[str, Any]) -> str:
    """The reasons for which a stack of these resources fails."""
    client, name = account.client("cloudformation"), new_name("stack")
    client.create_stack(StackName=name, TemplateBody=json.dumps({"Resources": resources}), OnFailure="DO_NOTHING")
    with pytest.raises(Exception, match="StackCreateComplete"):
        client.get_waiter("stack_create_complete").wait(StackName=name, WaiterConfig={"Delay": 1, "MaxAttempts": 30})
    events = client.describe_stack_events(StackName=name)["StackEvents"]
    return "\n".join(event.get("ResourceStatusReason", "") for event in events)


@pytest.mark.parametrize(("word", "status"), [("true", "SUCCEEDED"), ("'yes'", "FAILED"), ("1", "FAILED")])
def test_a_condition_that_is_no_boolean_fails_the_execution(word: str, status: str, account: Account) -> None:
    choice = {"Type": "Choice", "Choices": [{"Condition": f"{{% {word} %}}", "Next": "B"}], "Default": "B"}
    done = run(account, machine(account, {"A": choice, "B": END}))

    assert done["status"] == status
    assert done.get("error") == (None if status == "SUCCEEDED" else "States.QueryEvaluationError")


def test_input_and_output_have_a_largest_size(account: Account) -> None:
    grow = {"Type": "Pass", "Output": "{% $states.input & 'x' %}", "End": True}
    arn = machine(account, {"A": grow})
    with pytest.raises(ClientError, match="less than or equal to 262144") as raised:
        run(account, arn, "x" * LARGE)
    done = run(account, arn, "x" * (LARGE - 2))

    assert code_of(raised) == "ValidationException"
    assert (done["status"], done["error"]) == ("FAILED", "States.DataLimitExceeded")
    assert run(account, arn, "x" * (LARGE - 3))["status"] == "SUCCEEDED"


def test_variables_have_a_largest_size(account: Account) -> None:
    keep = {"Type": "Pass", "Assign": {"kept": "{% $states.input & 'x' %}"}, "Output": "", "End": True}
    arn = machine(account, {"A": keep})
    overhead = len('{"kept":""}') + len("x")
    done = run(account, arn, "x" * (LARGE - overhead + 1))

    assert (done["status"], done["error"]) == ("FAILED", "States.DataLimitExceeded")
    assert run(account, arn, "x" * (LARGE - overhead))["status"] == "SUCCEEDED"


def test_a_message_is_delayed_by_a_quarter_of_an_hour_at_most(account: Account) -> None:
    sqs = account.client("sqs")
    queue = sqs.create_queue(QueueName=new_name("queue"))["QueueUrl"]
    with pytest.raises(ClientError, match="DelaySeconds must be >= 0 and <= 900") as raised:
        sqs.send_message(QueueUrl=queue, MessageBody="m", DelaySeconds=901)
    sqs.send_message(QueueUrl=queue, MessageBody="m", DelaySeconds=900)

    assert code_of(raised) == "InvalidParameterValue"


def test_an_execution_starts_with_json_only(account: Account) -> None:
    arn = machine(account, {"A": END})
    with pytest.raises(ClientError) as raised:
        account.client("stepfunctions").start_execution(stateMachineArn=arn, input="{")

    assert code_of(raised) == "InvalidExecutionInput"
