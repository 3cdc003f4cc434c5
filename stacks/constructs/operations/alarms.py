"""The alarms: each a sentence, and a runbook that says what to do."""

from collections.abc import Mapping

from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from stacks.constructs.knowledge.ingestion import Ingestion
from stacks.constructs.operations.dashboard import ASKED, MODES, NAMESPACE, PERIOD, metric

ERROR_SHARE = 0.05
SLOW_SHARE_OF_TIMEOUT = 0.8
REFUSED_CALLS = 100
"""More than a client that was given a wrong key makes by accident."""


class Alarms(Construct):
    """Router errors and latency, documents that cannot be found, modes that became worse, hosting paid by the hour."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        environment: str,
        router: lambda_.Alias,
        router_timeout_seconds: int,
        ingestion: Ingestion | None,
        documents_checked: bool,
        hosted_by_the_hour: bool,
        api_name: str | None,
        api_looks_at_keys: bool,
        topic: sns.ITopic | None,
    ) -> None:
        super().__init__(scope, construct_id)
        self._topic = topic
        self._watch_router(environment, router, timeout_seconds=router_timeout_seconds)
        if ingestion:
            self._watch_documents(environment, ingestion, checked=documents_checked)
        self._alarm(
            "QualityRegression",
            "A mode answers worse than in the last comparable evaluation, by more than chance explains",
            _regressed(environment),
            threshold=0,
            periods=1,
        )
        if hosted_by_the_hour:
            self._watch_hosting(environment)
        if api_name:
            self._watch_api(environment, api_name, looks_at_keys=api_looks_at_keys)

    def _watch_router(self, environment: str, router: lambda_.Alias, *, timeout_seconds: int) -> None:
        self._alarm(
            "RouterErrors",
            f"More than {ERROR_SHARE:.0%} of requests failed",
            _error_share(environment),
            threshold=ERROR_SHARE,
            periods=2,
        )
        self._alarm(
            "RouterLatency",
            "The slowest tenth of requests comes near the router's timeout",
            router.metric_duration(statistic="p90", period=PERIOD),
            threshold=SLOW_SHARE_OF_TIMEOUT * timeout_seconds * 1000,
            periods=3,
        )

    def _watch_documents(self, environment: str, ingestion: Ingestion, *, checked: bool) -> None:
        self._alarm(
            "DocumentsNotIndexed",
            "Changed documents were not indexed",
            _not_indexed(environment, ingestion.dead_letters, checked=checked),
            threshold=0,
            periods=1,
        )
        self._alarm(
            "ProfileNotMade",
            "The profile of the documents was not made: auto goes by an older one, or by rules",
            ingestion.profile.function.metric_errors(period=PERIOD),
            threshold=0,
            periods=1,
        )

    def _watch_hosting(self, environment: str) -> None:
        self._alarm(
            "HostingByTheHour",
            "A tuned model is hosted, and billed, by the hour",
            _metric(environment, "HostedModelUnits"),
            threshold=0,
            periods=1,
        )
        self._alarm(
            "HostedModelExpired",
            "The hosting of the model in service has expired: specialised requests fail, or the base model answers",
            _metric(environment, "HostingExpiredInService"),
            threshold=0,
            periods=1,
        )

    def _watch_api(self, environment: str, api: str, *, looks_at_keys: bool) -> None:
        self._alarm(
            "ApiErrors",
            f"More than {ERROR_SHARE:.0%} of the calls of the API ended in an error of its own",
            _api_error_share(api),
            threshold=ERROR_SHARE,
            periods=2,
        )
        if not looks_at_keys:
            return
        self._alarm(
            "ApiUnavailable",
            "Callers of the API were not let in, for keys, budgets or the issuer of tokens could not be reached",
            _metric(environment, "ApiUnavailable"),
            threshold=0,
            periods=1,
        )
        self._alarm(
            "ApiCallersRefused",
            f"More than {REFUSED_CALLS} calls in five minutes had a bad key or token",
            _metric(environment, "ApiCallersRefused"),
            threshold=REFUSED_CALLS,
            periods=1,
        )

    def _alarm(self, name: str, sentence: str, watched: cloudwatch.IMetric, *, threshold: float, periods: int) -> None:
        alarm = cloudwatch.Alarm(
            self,
            name,
            alarm_description=f"{sentence}. Runbook: docs/runbooks/{_kebab(name)}.md",
            metric=watched,
            threshold=threshold,
            evaluation_periods=periods,
            comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
        )
        if self._topic:
            alarm.add_alarm_action(actions.SnsAction(self._topic))


def _error_share(environment: str) -> cloudwatch.MathExpression:
    errors = {f"e{i}": metric(environment, mode, "Errors", "Sum") for i, mode in enumerate(ASKED)}
    requests = {f"r{i}": metric(environment, mode, "Requests", "Sum") for i, mode in enumerate(ASKED)}
    share = f"IF({_sum(requests)} > 0, {_sum(errors)} / {_sum(requests)}, 0)"
    return cloudwatch.MathExpression(
        expression=share, using_metrics={**errors, **requests}, period=PERIOD, label="Share of failed requests"
    )


def _api_error_share(api: str) -> cloudwatch.MathExpression:
    counts = {"failed": "5XXError", "calls": "Count"}
    gate, of = "AWS/ApiGateway", {"ApiName": api}
    metrics: dict[str, cloudwatch.IMetric] = {
        name: cloudwatch.Metric(namespace=gate, metric_name=one, dimensions_map=of, statistic="Sum", period=PERIOD)
        for name, one in counts.items()
    }
    return cloudwatch.MathExpression(
        expression="IF(calls > 0, failed / calls, 0)", using_metrics=metrics, period=PERIOD, label="Share of errors"
    )


def _not_indexed(environment: str, dead_letters: sqs.IQueue, *, checked: bool) -> cloudwatch.MathExpression:
    counts: dict[str, cloudwatch.IMetric] = {
        "letters": dead_letters.metric_approximate_number_of_messages_visible(statistic="Maximum", period=PERIOD),
        "documents": _metric(environment, "DocumentsFailed"),
        "jobs": _metric(environment, "JobsFailed"),
        **({"checked": _metric(environment, "DocumentsOutOfStep")} if checked else {}),
    }
    return cloudwatch.MathExpression(
        expression=_sum(counts), using_metrics=counts, period=PERIOD, label="Changes not indexed"
    )


def _regressed(environment: str) -> cloudwatch.MathExpression:
    modes = {f"m{i}": metric(environment, mode, "QualityRegression", "Maximum") for i, mode in enumerate(MODES)}
    return cloudwatch.MathExpression(
        expression=_sum(modes), using_metrics=modes, period=PERIOD, label="Modes that answer worse than before"
    )


def _metric(environment: str, name: str) -> cloudwatch.Metric:
    return cloudwatch.Metric(
        namespace=NAMESPACE,
        metric_name=name,
        dimensions_map={"Environment": environment},
        statistic="Sum",
        period=PERIOD,
    )


def _sum(metrics: Mapping[str, cloudwatch.IMetric]) -> str:
    # Without FILL the sum is missing as soon as one mode had no traffic.
    return "(" + " + ".join(f"FILL({name}, 0)" for name in metrics) + ")"


def _kebab(name: str) -> str:
    return "".join(f"-{c.lower()}" if c.isupper() else c for c in name).lstrip("-")
