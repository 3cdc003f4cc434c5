"""Quotas against what the settings may need."""

from datetime import UTC, datetime
from typing import Any

import pytest

from cli.doctor.checks.demand import Demand, demand_of, functions_at_once
from cli.doctor.checks.quotas import checks, figures_of, problems, too_few
from cli.doctor.findings.finding import Finding, Severity
from cli.doctor.findings.situation import Situation
from stacks.settings.environment import Settings
from stacks.settings.prices import PriceBook
from tests.unit.cli.fakes import StubbedDeployment

OWN = "arn:aws:bedrock:us-east-1:123456789012"
BASE = "arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-micro-v1:0:128k"
MODEL = f"{OWN}:custom-model/amazon.nova-micro-v1:0:128k/abcdefghijkl"
NOW = datetime(2026, 11, 28, tzinfo=UTC)
UNITS = "Model units no-commitment Provisioned Throughputs across custom models"
HAIKU = "us.anthropic.claude-haiku-4-5-20251001-v1:0"
NAME = "Anthropic Claude Haiku 4.5"
WANTED = Demand(75, 150_000, 5_000_000, "evaluation.concurrency 5")


def quota(name: str, value: float, *, adjustable: bool = True) -> dict[str, Any]:
    return {"QuotaName": name, "QuotaCode": "L-1", "Value": value, "Adjustable": adjustable}


def hosted(name: str) -> dict[str, Any]:
    arn = f"{OWN}:custom-model-deployment/{'a' * 12}"
    named = {"customModelDeploymentName": name, "customModelDeploymentArn": arn}
    return {**named, "modelArn": MODEL, "createdAt": NOW, "status": "Active"}


def throughput(name: str) -> dict[str, Any]:
    arn, times = f"{OWN}:provisioned-model/{'a' * 12}", {"creationTime": NOW, "lastModifiedTime": NOW}
    models = {"modelArn": MODEL, "desiredModelArn": MODEL, "foundationModelArn": BASE}
    units = {"modelUnits": 1, "desiredModelUnits": 1, "status": "InService"}
    return {"provisionedModelName": name, "provisionedModelArn": arn, **times, **models, **units}


def hosting(deployment: StubbedDeployment, tuning: dict[str, Any]) -> tuple[Finding, ...]:
    settings = Settings.model_validate({"fine_tuning": {"enabled": True, **tuning}})
    book = PriceBook.parse({"as_of": "2026-11-21", "region": "us-east-1", "currency": "USD", "models": {}})
    situation = Situation(
        deployment=deployment, settings=settings, prices=book, account="1", caller="arn", now=NOW, calls=False
    )
    (check,) = [one for one in checks(situation) if one.name == "quotas of hosting"]
    return check.look().findings


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


@pytest.mark.parametrize(("others", "severity"), [(7, None), (8, Severity.WARNS), (10, Severity.BLOCKS)])
def test_what_others_host_is_no_room_for_ones_own(others: int, severity: Severity | None) -> None:
    deployment = StubbedDeployment()
    name = "Number of custom model deployments"
    deployment.stub("service-quotas").add_response(
        "list_service_quotas", {"Quotas": [quota(f"In-progress {name}", 2), quota(name, 10)]}
    )
    names = [*(f"arbiter-dev-2-slot-{number}" for number in range(others)), "arbiter-dev-slot-1"]
    deployment.stub("bedrock").add_response(
        "list_custom_model_deployments", {"modelDeploymentSummaries": [hosted(one) for one in names]}
    )
    found = hosting(deployment, {})

    assert [one.severity for one in found] == ([severity] if severity else [])
    if found:
        assert f"is 10, of which others use {others}; this environment needs 3" in found[0].problem
        assert found[0].remedy.endswith(f"--desired-value {others + 3}")


def test_units_of_ones_own_and_committed_ones_take_no_room() -> None:
    deployment = StubbedDeployment()
    deployment.stub("service-quotas").add_response("list_service_quotas", {"Quotas": [quota(UNITS, 2)]})
    committed = {"commitmentDuration": "OneMonth", "commitmentExpirationTime": NOW}
    listed = [throughput("own"), throughput("theirs"), {**throughput("term"), **committed}]
    bedrock = deployment.stub("bedrock")
    bedrock.add_response("list_provisioned_model_throughputs", {"provisionedModelSummaries": listed})
    for environment in ("dev", "dev-2", "dev-2"):
        bedrock.add_response("list_tags_for_resource", {"tags": [{"key": "arbiter:environment", "value": environment}]})
    provisioned = {"ttl_hours": 24, "model_units": 2}
    (found,) = hosting(deployment, {"hosting": "provisioned", "provisioned": provisioned})

    assert found.severity is Severity.WARNS
    assert "is 2, of which others use 1; this environment needs 2" in found.problem
