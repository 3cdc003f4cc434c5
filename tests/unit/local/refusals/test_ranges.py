"""Values that AWS refuses at creation are refused here; those of the templates' kind are taken."""

from typing import Any

import pytest

from local.emulator.base.http import ServiceError
from local.emulator.corrections.schedules import check_expression
from local.emulator.refusals import monitoring, patterns, ranges

ALARM = {"ComparisonOperator": "GreaterThanThreshold", "Period": 300, "EvaluationPeriods": 3}


def test_a_function_has_time_and_memory_in_range() -> None:
    ranges.check_numbers({"Timeout": 900, "MemorySize": "10240"})
    for given in ({"Timeout": 901}, {"Timeout": 0}, {"MemorySize": 10_241}):
        with pytest.raises(ServiceError, match="failed to satisfy constraint: Member must have value"):
            ranges.check_numbers(given)


@pytest.mark.parametrize(
    "given",
    [
        {"ComparisonOperator": "Above"},
        {"Period": 45},
        {"EvaluationPeriods": 289},
        {"Period": 3_600, "EvaluationPeriods": 169},
        {"Metrics": [{"MetricStat": {"Period": 90}}]},
    ],
)
def test_an_alarm_has_a_period_a_length_and_a_comparison_that_cloudwatch_knows(given: dict[str, Any]) -> None:
    for taken in (ALARM, {**ALARM, "EvaluationPeriods": 288}, {**ALARM, "Period": 3_600, "EvaluationPeriods": 168}):
        monitoring.check_periods(taken)
    with pytest.raises(ServiceError):
        monitoring.check_periods(ALARM | given)


def test_what_a_template_says_is_such_as_aws_offers() -> None:
    for check, taken, refused in (
        (monitoring.check_log_group, {"RetentionInDays": 30}, {"RetentionInDays": 31}),
        (patterns.check, {"EventPattern": {"source": ["aws.s3"]}}, {"EventPattern": {"source": "aws.s3"}}),
        (patterns.check, {"EventPattern": '{"source": ["a"]}'}, {"EventPattern": "{"}),
        (patterns.check, {}, {"EventPattern": {"detail": {"bucket": {"name": "b"}}}}),
        (ranges.check_bucket, {}, {"LifecycleConfiguration": {"Rules": [{"ExpirationInDays": 0}]}}),
    ):
        check(taken)
        with pytest.raises(ServiceError):
            check(refused)


@pytest.mark.parametrize(
    ("batch", "window", "seconds", "visible", "refusal"),
    [
        (1000, 5, 30, 185, None),
        (10, 0, 30, 30, None),
        (1000, 0, 30, 185, "Maximum batch window in seconds must be greater than 0"),
        (10, 0, 60, 30, "Queue visibility timeout: 30 seconds is less than Function timeout: 60 seconds"),
    ],
)
def test_a_mapping_waits_for_its_batch_and_keeps_what_is_worked_on(
    monkeypatch: pytest.MonkeyPatch, batch: int, window: int, seconds: int, visible: int, refusal: str | None
) -> None:
    inside = {
        "_get_func_record_for_qualifier": lambda name, _: (None, {"Timeout": seconds}),
        "_queue_by_arn": lambda arn: {"attributes": {"VisibilityTimeout": str(visible)}},
    }
    monkeypatch.setattr(ranges, "inside", lambda module, name: inside[name])
    given = {"EventSourceArn": "arn:aws:sqs:us-east-1:0:changes", "FunctionName": "f", "BatchSize": batch}
    given["MaximumBatchingWindowInSeconds"] = window
    if refusal is None:
        ranges.check_mapping(given)
        return
    with pytest.raises(ServiceError, match=refusal):
        ranges.check_mapping(given)


def test_a_schedule_is_a_time_a_rate_or_six_fields() -> None:
    for taken in ("rate(5 minutes)", "cron(0 4 ? * MON *)", "cron(0 4 L * ? *)", "at(2026-11-28T20:00:00)"):
        check_expression(taken)
    for refused in ("rate(5 bananas)", "rate(0 days)", "cron(0 4 * * * *)", "cron(0 4 * * *)", ""):
        with pytest.raises(ServiceError, match="Invalid Schedule Expression"):
            check_expression(refused)


def test_the_policies_of_a_role_have_10240_characters_together(monkeypatch: pytest.MonkeyPatch) -> None:
    role: dict[str, Any] = {"InlinePolicies": {"one": "x" * 10_000, "two": "y" * 5_000}}
    inside = {
        "_p": lambda parameters, name: parameters[name],
        "_roles": {"role": role},
        "_error": lambda status, code, text, ns: (status, code, text),
    }
    monkeypatch.setattr(ranges, "inside", lambda module, name: inside[name])
    put = ranges.limited(lambda parameters: "put")

    assert put({"RoleName": "role", "PolicyName": "two", "PolicyDocument": "z" * 240 + " \n" * 50}) == "put"
    _, code, text = put({"RoleName": "role", "PolicyName": "two", "PolicyDocument": "z" * 241})
    assert (code, text) == ("LimitExceeded", "Maximum policy size of 10240 bytes exceeded for role role")
