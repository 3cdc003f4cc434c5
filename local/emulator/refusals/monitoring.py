"""Alarms, dashboards, logs and budgets as CloudWatch, its logs and Budgets take it."""

import json
import re
from typing import Any

from local.emulator.base.http import ServiceError

Properties = dict[str, Any]
_ID, _QUOTED = re.compile(r"\b[a-z][a-zA-Z0-9_]*"), re.compile(r"'[^']*'|\"[^\"]*\"")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_HOUR, _DAY = 3_600, 86_400
_RETENTION = (1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653)
"""botocore, PutRetentionPolicy."""
_OPERATORS = tuple(f"{way}{equal}Threshold" for way in ("GreaterThan", "LessThan") for equal in ("", "OrEqualTo"))
_BANDS = ("LessThanLowerOrGreaterThanUpperThreshold", "LessThanLowerThreshold", "GreaterThanUpperThreshold")
_STATISTIC = re.compile(r"(p|tm|tc|ts|wm)(\d{1,2}(\.\d+)?|100(\.0+)?)|(TM|WM|PR|TC|TS|IQM)(\(.*\))?|IQM")


def check_periods(properties: Properties) -> None:
    """Refuse a period, a length or a comparison that CloudWatch does not know (botocore, PutMetricAlarm).

    Raises:
        ServiceError: ValidationError.
    """
    if (operator := properties.get("ComparisonOperator")) not in (*_OPERATORS, *_BANDS):
        raise ServiceError("ValidationError", f"Value '{operator}' at 'comparisonOperator' is none of its enum")
    periods = [int(one["MetricStat"]["Period"]) for one in properties.get("Metrics", ()) if "MetricStat" in one]
    for period in periods or [int(properties.get("Period", 60))]:
        if period not in (10, 20, 30) and (period < 1 or period % 60):
            raise ServiceError("ValidationError", "Period must be 10, 20, 30 or a multiple of 60")
        longest = 7 * _DAY if period >= _HOUR else _DAY
        if period * int(properties.get("EvaluationPeriods", 1)) > longest:
            raise ServiceError("ValidationError", "Metrics cannot be checked across more than a week, or a day")


def check_alarm(properties: Properties) -> None:
    """Refuse an alarm that counts more than it looks at, or measures by nothing (CloudWatch API, *PutMetricAlarm*).

    Raises:
        ServiceError: ValidationError.
    """
    if int(properties.get("DatapointsToAlarm") or 1) > int(properties.get("EvaluationPeriods") or 1):
        raise ServiceError("ValidationError", "DatapointsToAlarm must be less than or equal to EvaluationPeriods")
    if properties.get("TreatMissingData", "missing") not in ("breaching", "notBreaching", "ignore", "missing"):
        raise ServiceError("ValidationError", f"Unsupported treatMissingData [{properties['TreatMissingData']}]")
    for arn in [one for way in ("Alarm", "OK", "InsufficientData") for one in properties.get(f"{way}Actions") or ()]:
        if not str(arn).startswith("arn:"):
            raise ServiceError("ValidationError", f"Invalid arn syntax: {arn}")
    if metrics := properties.get("Metrics"):
        _check_metrics(properties, metrics)
        return
    extended = properties.get("ExtendedStatistic")
    if bool(properties.get("Statistic")) == bool(extended):
        raise ServiceError("ValidationError", "Exactly one of Statistic and ExtendedStatistic must be specified")
    if extended and not _STATISTIC.fullmatch(extended):
        raise ServiceError("ValidationError", f"The value {extended} for parameter ExtendedStatistic is not supported.")


def _check_metrics(properties: Properties, metrics: list[Properties]) -> None:
    """Refuse a series beside a metric, two results, and an expression over what is not there."""
    if {"MetricName", "Namespace", "Statistic"} & properties.keys():
        raise ServiceError("ValidationError", "Metrics must not be specified with MetricName, Namespace or Statistic")
    returned = [one for one in metrics if str(one.get("ReturnData", True)).lower() == "true"]
    if len(returned) != 1:
        raise ServiceError("ValidationError", "Exactly one element of the metrics list should return data.")
    known = {str(one.get("Id")) for one in metrics}
    for one in metrics:
        if not _ID.fullmatch(str(one.get("Id"))):
            raise ServiceError("ValidationError", f"Invalid metrics list: the id {one.get('Id')} is not valid")
        unknown = set(_ID.findall(_QUOTED.sub("", str(one.get("Expression", ""))))) - known
        if unknown:
            raise ServiceError("ValidationError", f"Invalid metrics list: {sorted(unknown)} not found")


def check_dashboard(properties: Properties) -> None:
    """Refuse a body that is no object of JSON with widgets (CloudWatch API, *PutDashboard*).

    Raises:
        ServiceError: InvalidParameterInput, with AWS's sentence.
    """
    try:
        body = json.loads(properties.get("DashboardBody") or "")
    except ValueError:
        body = None
    if not isinstance(body, dict) or not isinstance(body.get("widgets", []), list):
        raise ServiceError("InvalidParameterInput", "The field DashboardBody must be a valid JSON object")


def check_log_group(properties: Properties) -> None:
    """Refuse a retention that CloudWatch Logs does not offer.

    Raises:
        ServiceError: InvalidParameterException.
    """
    days = properties.get("RetentionInDays")
    if days is not None and int(days) not in _RETENTION:
        raise ServiceError("InvalidParameterException", f"{days} is not a valid retention in days")
    if not str(properties.get("KmsKeyId", "arn:")).startswith("arn:"):
        raise ServiceError("InvalidParameterException", f"{properties['KmsKeyId']} is not the ARN of a key")


def check_filter(properties: Properties) -> None:
    """Refuse a pattern whose brackets do not close (CloudWatch Logs guide, *filter pattern syntax*).

    Raises:
        ServiceError: InvalidParameterException, with AWS's sentence.
    """
    pattern = str(properties.get("FilterPattern", "")).strip()
    for opened, closed in (("{", "}"), ("[", "]")):
        if pattern.startswith(opened) and not pattern.endswith(closed):
            raise ServiceError("InvalidParameterException", "Invalid metric filter pattern")


def check_budget(properties: Properties) -> None:
    """Refuse a budget of costs without a limit (Budgets API, *Budget*).

    Raises:
        ServiceError: InvalidParameterException.
    """
    budget = properties.get("Budget") or {}
    if not {"BudgetLimit", "PlannedBudgetLimits", "AutoAdjustData"} & budget.keys():
        raise ServiceError("InvalidParameterException", "Budget limit is required.")
    if budget.get("BudgetType") == "COST" and (budget.get("BudgetLimit") or {}).get("Unit", "USD") != "USD":
        raise ServiceError("InvalidParameterException", "The unit of a cost budget must be USD")
    for notified in properties.get("NotificationsWithSubscribers") or ():
        for one in notified.get("Subscribers") or ():
            if one.get("SubscriptionType") == "EMAIL" and not _EMAIL.fullmatch(str(one.get("Address"))):
                raise ServiceError("InvalidParameterException", f"{one.get('Address')} is not a valid email address")
