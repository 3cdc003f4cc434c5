"""Rule -> function: batch inference jobs of a run that was stopped, failed or took too long are stopped, too."""

from aws_cdk import Stack
from aws_cdk import aws_events as events
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from stacks.constructs.function import Function

SERVICE = "events.amazonaws.com"


class StoppedJobs(Construct):
    """Best effort on AWS's side: a job that is missed ends when its own time is over."""

    def __init__(self, scope: Construct, construct_id: str, *, machine_arn: str, stop: Function) -> None:
        super().__init__(scope, construct_id)
        stack = Stack.of(self)
        jobs = f"arn:{stack.partition}:bedrock:{stack.region}:{stack.account}:model-invocation-job/*"
        stop.allow(["bedrock:StopModelInvocationJob"], [jobs])
        # Service authorization reference: ListModelInvocationJobs knows no resources.
        stop.allow(["bedrock:ListModelInvocationJobs"], ["*"])
        rule = events.CfnRule(
            self,
            "Rule",
            description="A run with batch inference was stopped, failed or took too long",
            event_pattern={
                "source": ["aws.states"],
                "detail-type": ["Step Functions Execution Status Change"],
                "detail": {"stateMachineArn": [machine_arn], "status": ["ABORTED", "TIMED_OUT", "FAILED"]},
            },
            targets=[events.CfnRule.TargetProperty(id="Stop", arn=stop.function.function_arn)],
        )
        lambda_.CfnPermission(
            self,
            "Permission",
            action="lambda:InvokeFunction",
            function_name=stop.function.function_arn,
            principal=SERVICE,
            source_arn=rule.attr_arn,
            source_account=stack.account,
        )
