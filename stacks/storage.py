"""Data that must not be lost: documents, training sets, results, and the pointer to the tuned model."""

from aws_cdk import CfnOutput, RemovalPolicy

from stacks.constructs.answering import FEEDBACK
from stacks.constructs.base.bucket import AccessLogBucket, Bucket
from stacks.constructs.base.data_key import DataKey
from stacks.constructs.base.emptied_buckets import EmptiedBuckets
from stacks.constructs.base.pointer import TunedModelPointer
from stacks.stack import ArbiterStack, Target


class Storage(ArbiterStack):
    """Retained and termination-protected, or disposable as a whole."""

    def __init__(self, target: Target) -> None:
        settings = target.settings
        super().__init__(
            target, "Storage", description="documents, training sets, results", protected=not settings.disposable
        )
        self._removal_policy = RemovalPolicy.DESTROY if settings.disposable else RemovalPolicy.RETAIN
        customer_managed = settings.encryption == "customer_managed"
        self.key = DataKey(self, "DataKey", removal_policy=self._removal_policy).key if customer_managed else None
        self._access_logs = AccessLogBucket(
            self, "AccessLogs", logical_id="AccessLogsBucket", removal_policy=self._removal_policy
        )
        self.documents = self._bucket("Documents", sends_events=True)
        self.training = self._bucket("Training")
        self.results = self._bucket("Results")
        # Without the setting nothing is written there, and what an earlier one kept is gone within a day.
        self.results.forget(FEEDBACK, settings.feedback.keep_text_days or 1)
        self.pointer = TunedModelPointer(self, "TunedModel", removal_policy=self._removal_policy)
        if settings.disposable:
            self._empty_on_destroy(settings.router.log_retention_days)

    def _bucket(self, name: str, *, sends_events: bool = False) -> Bucket:
        bucket = Bucket(
            self,
            name,
            logical_id=f"{name}Bucket",
            access_logs=self._access_logs,
            key=self.key,
            removal_policy=self._removal_policy,
            sends_events=sends_events,
        )
        CfnOutput(self, f"{name}BucketName", value=bucket.name)
        return bucket

    def _empty_on_destroy(self, log_retention_days: int) -> None:
        data = {"Documents": self.documents, "Training": self.training, "Results": self.results}
        emptied = EmptiedBuckets(
            self,
            "Emptied",
            buckets={name: b.bucket for name, b in data.items()} | {"AccessLogs": self._access_logs.bucket},
            log_retention_days=log_retention_days,
        )
        emptied.empty_last("AccessLogs", [bucket.bucket for bucket in data.values()])
