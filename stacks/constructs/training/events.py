"""News of customization jobs by e-mail."""

from aws_cdk import Stack
from aws_cdk import aws_events as events
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sns_subscriptions as subscriptions
from constructs import Construct

from stacks.constructs.base.unfinished_runs import SERVICE

JOB_NAMES = "arbiter-"


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
