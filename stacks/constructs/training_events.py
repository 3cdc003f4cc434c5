"""What is done on events of training: runs that could not end by themselves, and news of jobs by e-mail."""

from aws_cdk import Stack
from aws_cdk import aws_events as events
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sns_subscriptions as subscriptions
from constructs import Construct

from stacks.constructs.function import Function

SERVICE = "events.amazonaws.com"
JOB_NAMES = "arbiter-"


class UnfinishedRuns(Construct):
    """Rule -> function, for executions that were stopped, took too long, or failed while they were concluded."""

    def __init__(self, scope: Construct, construct_id: str, *, state_machine: str, conclude: Function) -> None:
        super().__init__(scope, construct_id)
        rule = events.CfnRule(
            self,
            "Rule",
            description="A training run was stopped, took too long or failed",
            event_pattern={
                "source": ["aws.states"],
                "detail-type": ["Step Functions Execution Status Change"],
                "detail": {"stateMachineArn": [state_machine], "status": ["ABORTED", "TIMED_OUT", "FAILED"]},
            },
            targets=[events.CfnRule.TargetProperty(id="Conclude", arn=conclude.function.function_arn)],
        )
        lambda_.CfnPermission(
            self,
            "Permission",
            action="lambda:InvokeFunction",
            function_name=conclude.function.function_arn,
            principal=SERVICE,
            source_arn=rule.attr_arn,
            source_account=Stack.of(self).account,
        )


class JobNews(Construct):
    """Rule -> topic -> e-mail: how each customization job fares. Best effort on AWS's side; the pipeline polls."""

    def __init__(self, scope: Construct, construct_id: str, *, email: str) -> None:
        super().__init__(scope, construct_id)
        topic = sns.Topic(self, "Topic", enforce_ssl=True)
        topic.add_subscription(subscriptions.EmailSubscription(email))
        about = {"job": "$.detail.jobName", "status": "$.detail.jobStatus", "reason": "$.detail.failureMessage"}
        rule = events.CfnRule(
            self,
            "Rule",
            description="A customization job changed its state",
            event_pattern={
                "source": ["aws.bedrock"],
                "detail-type": ["Model Customization Job State Change"],
                "detail": {"jobName": [{"prefix": JOB_NAMES}]},
            },
            targets=[
                events.CfnRule.TargetProperty(
                    id="News",
                    arn=topic.topic_arn,
                    input_transformer=events.CfnRule.InputTransformerProperty(
                        input_paths_map=about, input_template='"The customization job <job> is <status>. <reason>"'
                    ),
                )
            ],
        )
        sender = iam.ServicePrincipal(SERVICE).with_conditions(
            {
                "ArnEquals": {"aws:SourceArn": rule.attr_arn},
                "StringEquals": {"aws:SourceAccount": Stack.of(self).account},
            }
        )
        topic.add_to_resource_policy(
            iam.PolicyStatement(actions=["sns:Publish"], principals=[sender], resources=[topic.topic_arn])
        )
