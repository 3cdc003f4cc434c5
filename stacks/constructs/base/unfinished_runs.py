"""Rule -> function, for executions that were stopped, took too long or failed: what they left is tidied up."""

from aws_cdk import Stack
from aws_cdk import aws_events as events
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from stacks.constructs.base.function import Function

SERVICE = "events.amazonaws.com"


class UnfinishedRuns(Construct):
    """Best effort on AWS's side."""

    def __init__(
        self, scope: Construct, construct_id: str, *, state_machine: str, description: str, act: str, function: Function
    ) -> None:
        super().__init__(scope, construct_id)
        rule = events.CfnRule(
            self,
            "Rule",
            description=description,
            event_pattern={
                "source": ["aws.states"],
                "detail-type": ["Step Functions Execution Status Change"],
                "detail": {"stateMachineArn": [state_machine], "status": ["ABORTED", "TIMED_OUT", "FAILED"]},
            },
            targets=[events.CfnRule.TargetProperty(id=act, arn=function.function.function_arn)],
        )
        lambda_.CfnPermission(
            self,
            "Permission",
            action="lambda:InvokeFunction",
            function_name=function.function.function_arn,
            principal=SERVICE,
            source_arn=rule.attr_arn,
            source_account=Stack.of(self).account,
        )
