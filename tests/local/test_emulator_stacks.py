"""Who asks about a stack is answered once it has settled: nobody has to sleep between two looks at it."""

import json

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
