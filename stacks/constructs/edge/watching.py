"""Metrics from the logs of the functions behind the API, for the alarms: free of charge while nothing is refused."""

from aws_cdk import aws_logs as logs

from stacks.constructs.base.function import Function
from stacks.constructs.operations.dashboard import NAMESPACE

COUNTED = {
    "ApiUnavailable": '{ $.error = "store_unavailable" || $.error = "issuer_unavailable" }',
    "ApiCallersRefused": '{ $.error = "invalid_api_key" }',
}
"""A metric, and the lines of the log that it counts."""


def count_refusals(function: Function) -> None:
    """Count the refusals that a function logs, by environment."""
    for name, pattern in COUNTED.items():
        logs.MetricFilter(
            function,
            name,
            log_group=function.logs.log_group,
            filter_pattern=logs.FilterPattern.literal(pattern),
            metric_namespace=NAMESPACE,
            metric_name=name,
            metric_value="1",
            dimensions={"Environment": "$.Environment"},
        )
