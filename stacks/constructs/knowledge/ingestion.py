"""Ingestion: a change in the documents bucket becomes an ingestion job by itself."""

from aws_cdk import CfnOutput, Duration, RemovalPolicy, Stack
from aws_cdk import aws_events as events
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from arbiter.settings.answering import ProfileSettings, SyncSettings
from stacks.constructs.base.bucket import Bucket
from stacks.constructs.base.function import Function
from stacks.constructs.knowledge.own import OwnKnowledgeBase

PROFILES = "routing/"
TIMEOUT = Duration.seconds(30)
# AWS asks for six times the function's timeout, plus the batching window.
VISIBILITY_TIMEOUT = Duration.seconds(6 * 30 + 5)


class Ingestion(Construct):
    """EventBridge rule -> queue -> function; what keeps failing ends in the dead-letter queue."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        environment: str,
        documents: Bucket,
        results: Bucket,
        knowledge_base: OwnKnowledgeBase,
        log_retention_days: int,
    ) -> None:
        super().__init__(scope, construct_id)
        self.dead_letters = _queue(self, "DeadLetters", retention_period=Duration.days(14))
        self.queue = _queue(
            self,
            "Changes",
            visibility_timeout=VISIBILITY_TIMEOUT,
            dead_letter_queue=sqs.DeadLetterQueue(queue=self.dead_letters, max_receive_count=3),
        )
        self._queue_changes(documents)
        self.profile = self._profile(documents, results, knowledge_base, log_retention_days)
        sync = Function(
            self,
            "Sync",
            module="sync",
            description="Starts and follows ingestion jobs for changed documents",
            settings=SyncSettings(
                environment=environment,
                knowledge_base_id=knowledge_base.id,
                data_source_id=knowledge_base.data_source_id,
                profile_function=self.profile.function.function_arn,
                queue_url=self.queue.queue_url,
            ),
            timeout=TIMEOUT,
            log_retention_days=log_retention_days,
            # It looks at a running job every few seconds, by a message to its own queue, for as long as the job takes.
            sends_to_itself=True,
        )
        knowledge_base.grant_sync(sync.role)
        sync.allow(["lambda:InvokeFunction"], [self.profile.function.function_arn])
        self._feed(sync)
        CfnOutput(scope, "SyncQueueUrl", value=self.queue.queue_url)
        CfnOutput(scope, "SyncDeadLetterQueueUrl", value=self.dead_letters.queue_url)

    def _queue_changes(self, documents: Bucket) -> None:
        rule = events.CfnRule(
            self,
            "DocumentChanged",
            description="A document was uploaded or deleted",
            event_pattern={
                "source": ["aws.s3"],
                "detail-type": ["Object Created", "Object Deleted"],
                "detail": {"bucket": {"name": [documents.name]}},
            },
            targets=[events.CfnRule.TargetProperty(id="Changes", arn=self.queue.queue_arn)],
        )
        sender = iam.ServicePrincipal("events.amazonaws.com").with_conditions(
            {
                "ArnEquals": {"aws:SourceArn": rule.attr_arn},
                "StringEquals": {"aws:SourceAccount": Stack.of(self).account},
            }
        )
        self.queue.add_to_resource_policy(
            iam.PolicyStatement(actions=["sqs:SendMessage"], principals=[sender], resources=[self.queue.queue_arn])
        )

    def _profile(
        self, documents: Bucket, results: Bucket, knowledge_base: OwnKnowledgeBase, log_retention_days: int
    ) -> Function:
        """The function that makes what `auto` knows of the documents; Lambda keeps its requests until it ran."""
        profile = Function(
            self,
            "Profile",
            module="make_profile",
            description="Makes the profile of the knowledge base that auto goes by",
            settings=ProfileSettings(
                knowledge_base_id=knowledge_base.id,
                managed_search=knowledge_base.managed or None,
                documents_bucket=documents.name,
                results_bucket=results.name,
            ),
            timeout=Duration.minutes(15),
            memory_mb=1024,
            log_retention_days=log_retention_days,
        )
        documents.grant_list(profile.role)
        documents.grant_read(profile.role)
        # Without it, what is not there yet reads as forbidden.
        results.grant_list(profile.role, prefix=PROFILES)
        kept = [f"{PROFILES}{knowledge_base.id}/{name}.json" for name in ("knowledge", "knowledge.former")]
        results.grant_read_objects(profile.role, *kept)
        results.grant_write_objects(profile.role, *kept)
        knowledge_base.grant_retrieve(profile.role)
        return profile

    def _feed(self, sync: Function) -> None:
        consume = ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"]
        # It also sends: the one message that waits for a running job.
        sync.allow([*consume, "sqs:SendMessage"], [self.queue.queue_arn])
        mapping = lambda_.EventSourceMapping(
            self,
            "Feed",
            target=sync.function,
            event_source_arn=self.queue.queue_arn,
            batch_size=1000,
            max_batching_window=Duration.seconds(5),
        )
        # Lambda checks the role's permissions when the mapping is created.
        mapping.node.add_dependency(sync.role)


def _queue(scope: Construct, construct_id: str, **properties: object) -> sqs.Queue:
    return sqs.Queue(
        scope,
        construct_id,
        encryption=sqs.QueueEncryption.SQS_MANAGED,
        enforce_ssl=True,
        removal_policy=RemovalPolicy.DESTROY,
        **properties,  # type: ignore[arg-type]
    )
