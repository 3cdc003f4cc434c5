"""Who asks about a stack is answered once it has settled: nobody has to sleep between two looks at it."""

import json
from typing import Any

import pytest

from tests.local.account import Account, new_name

pytestmark = pytest.mark.local

TEMPLATE = json.dumps({"Resources": {"Queue": {"Type": "AWS::SQS::Queue"}, "Bucket": {"Type": "AWS::S3::Bucket"}}})


def test_the_first_look_at_a_stack_sees_it_settled(account: Account) -> None:
    cloudformation, name = account.client("cloudformation"), new_name("stack")
    cloudformation.create_stack(StackName=name, TemplateBody=TEMPLATE)
    assert cloudformation.describe_stacks(StackName=name)["Stacks"][0]["StackStatus"] == "CREATE_COMPLETE"


def test_a_stack_that_waits_for_a_person_is_described_at_once(account: Account) -> None:
    cloudformation, name = account.client("cloudformation"), new_name("stack")
    cloudformation.create_change_set(
        StackName=name, ChangeSetName="change", ChangeSetType="CREATE", TemplateBody=TEMPLATE
    )
    assert cloudformation.describe_stacks(StackName=name)["Stacks"][0]["StackStatus"] == "REVIEW_IN_PROGRESS"


def test_an_alarm_on_an_expression_is_listed_while_its_stack_is_there(account: Account) -> None:
    cloudformation, name = account.client("cloudformation"), new_name("alarm")
    expression = {"Id": "sum", "Expression": "count + 1"}
    counted = {"Metric": {"Namespace": "Arbiter", "MetricName": "Requests"}, "Period": 300, "Stat": "Sum"}
    properties = {
        "Metrics": [expression, {"Id": "count", "ReturnData": False, "MetricStat": counted}],
        "Threshold": 1,
        "EvaluationPeriods": 1,
        "ComparisonOperator": "GreaterThanThreshold",
    }
    template = {"Resources": {"Watched": {"Type": "AWS::CloudWatch::Alarm", "Properties": properties}}}

    def listed() -> list[dict[str, Any]]:
        return list(account.client("cloudwatch").describe_alarms(AlarmNamePrefix=name)["MetricAlarms"])

    cloudformation.create_stack(StackName=name, TemplateBody=json.dumps(template))
    cloudformation.get_waiter("stack_create_complete").wait(StackName=name, WaiterConfig={"Delay": 1})
    (alarm,) = listed()
    cloudformation.delete_stack(StackName=name)
    cloudformation.get_waiter("stack_delete_complete").wait(StackName=name, WaiterConfig={"Delay": 1})

    assert (alarm["AlarmName"], alarm["StateValue"]) == (f"{name}-Watched", "INSUFFICIENT_DATA")
    assert (alarm["AlarmActions"], len(alarm["Metrics"])) == ([], 2)
    assert listed() == []
