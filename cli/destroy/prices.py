"""The price of leaving a part where it is, a month, by the price book of cdk.json."""

from collections.abc import Mapping
from typing import Any

from botocore.exceptions import ClientError

from arbiter.aws.calls.failures import FailureKind, failure_of
from arbiter.costs.amount import NOTHING, Amount, total
from arbiter.costs.idle import LOOK_EVERY, LOOKS, POLLS
from cli.core.deployment import Deployment
from cli.core.project import cdk_context, repository
from cli.destroy.kinds import ALARM, BUCKET, DASHBOARD, FIREWALL, KEY, LOG_GROUP, POLLING, SCHEDULE, VECTOR_INDEX
from cli.destroy.parts import HOURS_A_MONTH
from cli.destroy.stacks import Resource
from cli.models.inventory import Host
from stacks.settings.prices import PriceBook

MOST_PAGES = 20
"""Pages of a thousand that are read to tell how much is stored: after them the amount is a lower bound."""
GB = 1_000_000_000
FLOAT_BYTES = 4


class Prices:
    """Prices a month; what is stored, and what alarms watch, is looked up."""

    def __init__(self, deployment: Deployment) -> None:
        self._deployment = deployment
        self._book = PriceBook.parse(cdk_context(repository()).get("prices"))
        self._looked_up = {
            BUCKET: self._bucket, VECTOR_INDEX: self._vectors, LOG_GROUP: self._logs, ALARM: self._alarm,
            SCHEDULE: self._schedule,
        }  # fmt: skip
        self._each = {KEY: "key_month", DASHBOARD: "dashboard_month", FIREWALL: "firewall_month"}

    def model(self, model: Mapping[str, Any]) -> Amount:
        """The storage of a custom model, as Bedrock lists it."""
        return self._amount("storage_per_month", _tuned_from(model["baseModelArn"]))

    def imported(self) -> Amount:
        """The storage of an imported model: the price book has no price of it."""
        return Amount.of_unknown("storage of an imported model")

    def host(self, host: Host) -> Amount:
        """The hours of a month of provisioned throughput; a deployment on demand is paid by the token."""
        if host.usd_per_hour is None:
            return Amount.of_unknown("provisioned_per_hour")
        return Amount(host.usd_per_hour * HOURS_A_MONTH, "the price book", self._book.as_of.isoformat())

    def running(self, kind: str) -> Amount:
        """A job that goes on is paid by the tokens that it will have read and written."""
        return Amount.of_unknown(f"the rest of a {kind}")

    def of(self, resource: Resource) -> Amount:
        """A resource of a stack, or one that a stack left; most cost nothing while they are not used."""
        if figure := self._each.get(resource.type):
            return self._amount(figure)
        if resource.type == POLLING:
            return self._amount("sqs_requests_per_1m").times(POLLS / 1e6)
        if resource.type not in self._looked_up:
            return NOTHING
        try:
            return self._looked_up[resource.type](resource.id)
        except ClientError as error:
            failure = failure_of(error)
            # A deletion that was interrupted leaves stacks whose parts are gone.
            gone = failure.kind is FailureKind.MISSING or failure.code == "NoSuchBucket"
            return NOTHING if gone else Amount.of_unknown(f"{resource.id}: {failure.sentence}")

    def _bucket(self, name: str) -> Amount:
        pages = self._deployment.client("s3").get_paginator("list_object_versions").paginate(Bucket=name)
        stored, more = 0, False
        for number, page in enumerate(pages):
            if more := number == MOST_PAGES:
                break
            stored += sum(one["Size"] for one in page.get("Versions", ()))
        return self._by_volume("s3_gb_month", stored, more=more)

    def _vectors(self, arn: str) -> Amount:
        """The numbers alone: the metadata of a vector, its text among them, is not listed, and costs as much more."""
        client = self._deployment.client("s3vectors")
        dimension = client.get_index(indexArn=arn)["index"]["dimension"]
        pages = client.get_paginator("list_vectors").paginate(indexArn=arn, PaginationConfig={"PageSize": 1000})
        vectors = 0
        for number, page in enumerate(pages):
            if number == MOST_PAGES:
                break
            vectors += len(page["vectors"])
        return self._by_volume("vectors_gb_month", vectors * dimension * FLOAT_BYTES, more=vectors > 0)

    def _logs(self, name: str) -> Amount:
        groups = self._deployment.client("logs").describe_log_groups(logGroupNamePrefix=name)["logGroups"]
        stored = sum(group.get("storedBytes", 0) for group in groups if group["logGroupName"] == name)
        return self._by_volume("logs_gb_month", stored, more=False)

    def _alarm(self, name: str) -> Amount:
        """Each metric that the alarm watches: one on an expression watches several."""
        alarms = self._deployment.client("cloudwatch").describe_alarms(AlarmNames=[name])["MetricAlarms"]
        watched = sum("MetricStat" in one for alarm in alarms for one in alarm.get("Metrics", ()))
        return self._amount("alarm_metric_month").times(watched or 1)

    def _schedule(self, name: str) -> Amount:
        """The looks for hosting by the hour; any other schedule starts what is paid for by its own use."""
        schedule = self._deployment.client("scheduler").get_schedule(Name=name)
        if schedule["ScheduleExpression"] != LOOK_EVERY:
            return NOTHING
        return total(self._amount(figure).times(units) for figure, (units, _) in LOOKS.items())

    def _by_volume(self, figure: str, stored: int, *, more: bool) -> Amount:
        amount = self._amount(figure).times(stored / GB)
        return amount + Amount(0.0, lower_bound=True) if more else amount

    def _amount(self, figure: str, model: str | None = None) -> Amount:
        return self._book.amount(figure, model, region=self._deployment.region)


def _tuned_from(base_model_arn: str) -> str:
    """The name under which the price book keeps models that are tuned from a base model."""
    return f"custom:{base_model_arn.rsplit('/', 1)[-1]}"
