"""Quotas against what the settings may need."""

from typing import Any

from cli.doctor.checks.demand import Demand, demand_of, functions_at_once
from cli.doctor.checks.quotas import figures_of, problems, too_few
from cli.doctor.findings.finding import Finding, Severity
from stacks.settings.environment import Settings

HAIKU = "us.anthropic.claude-haiku-4-5-20251001-v1:0"
NAME = "Anthropic Claude Haiku 4.5"
WANTED = Demand(75, 150_000, 5_000_000, "evaluation.concurrency 5")


def quota(name: str, value: float, *, adjustable: bool = True) -> dict[str, Any]:
    return {"QuotaName": name, "QuotaCode": "L-1", "Value": value, "Adjustable": adjustable}


def found(figures: dict[str, Any]) -> list[Finding]:
    return list(problems(figures, HAIKU, WANTED, "nothing works", region="us-east-1"))


def test_quotas_are_found_by_every_way_in_which_aws_names_them() -> None:
    names = (
        f"Cross-region model inference requests per minute for {NAME}",
        f"Cross-Region InvokeModel tokens per minute for {NAME} V1",
        f"Model invocation max tokens per day for {NAME} (doubled for cross-region calls)",
        f"Sum of in-progress and submitted batch inference jobs using a base model for {NAME}",
        f"On-demand model inference requests per minute for {NAME}",
        f"Model invocation max tokens per day for {NAME} V1 1M Context Length",
    )
    figures = figures_of({name: quota(name, 1) for name in names}, HAIKU, NAME)

    assert [one["QuotaName"] for one in figures.values()] == list(names[:4])
    assert list(figures_of({names[4]: quota(names[4], 1)}, HAIKU.removeprefix("us."), NAME)) == ["requests_a_minute"]
    assert figures_of({names[0]: quota(names[0], 1)}, f"global.{HAIKU}", NAME) == {}


def test_what_suffices_is_no_finding_and_what_is_less_is_told_with_the_command() -> None:
    enough = {"requests_a_minute": quota("a", 75), "tokens_a_minute": quota("b", 150_000)}
    (few,) = found({**enough, "requests_a_minute": quota("a", 74)})
    (day,) = found({"tokens_a_day": quota("c", 1_000_000, adjustable=False)})

    assert found(enough) == []
    assert (few.code, few.severity) == ("quota_requests_a_minute", Severity.WARNS)
    assert few.remedy.endswith("--quota-code L-1 --desired-value 75")
    assert day.code == "quota_tokens_a_day"
    assert "goes on after 00:00 UTC" in day.consequence
    assert day.remedy.startswith("https://support.console.aws.amazon.com/")


def test_a_quota_of_nothing_blocks_and_is_told_once() -> None:
    (zero,) = found({"requests_a_minute": quota("a", 1), "tokens_a_day": quota("c", 0, adjustable=False)})

    assert (zero.code, zero.severity) == ("quota_zero", Severity.BLOCKS)
    assert zero.consequence.startswith("nothing works")


def test_the_demand_follows_the_settings() -> None:
    settings = Settings.model_validate(
        {"evaluation": {"concurrency": 8}, "generation": {"concurrency": 20, "max_tokens": 2_000_000}}
    )
    judge = demand_of(settings, ["evaluation.judges"])
    both = demand_of(settings, ["evaluation.judges", "generation.verifier"])

    assert judge == Demand(120, 240_000, 800_000, "evaluation.concurrency 8")
    assert both == Demand(300, 600_000, 2_000_000, "generation.concurrency 20")
    assert functions_at_once(settings) == 28


def test_functions_that_may_run_at_once_are_counted_for_both_pipelines() -> None:
    assert list(too_few(10, 10, "us-east-1")) == []
    (few,) = too_few(9, 10, "us-east-1")
    assert "--service-code lambda --quota-code L-B99A9384" in few.remedy
