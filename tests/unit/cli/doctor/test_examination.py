"""An examination goes as far as it can: without settings, credentials or network it says so, and tells causes once."""

import io
import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, NoReturn

import boto3
import pytest
from botocore.exceptions import EndpointConnectionError
from rich.console import Console

from cli.core.deployment import Deployment
from cli.doctor.checks import account, settings, tools
from cli.doctor.examination import Diagnosis, Examiner
from cli.doctor.findings.finding import Checked, Finding, Once, Severity
from cli.doctor.findings.situation import Situation
from cli.doctor.settling import settled
from cli.doctor.view import show_diagnosis
from stacks.settings.environment import Settings
from stacks.settings.prices import PriceBook
from tests.unit.cli.core.invoked import run
from tests.unit.cli.fakes import StubbedDeployment

NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)
BOOK = {"as_of": "2026-11-21", "region": "us-east-1", "currency": "USD", "models": {}}


class NoNetwork(Deployment):
    """A deployment whose account cannot be reached."""

    def client(self, service: str, **options: Any) -> Any:
        class Client:
            def get_caller_identity(self) -> NoReturn:
                raise EndpointConnectionError(endpoint_url=f"https://{service}.us-east-1.amazonaws.com/")

        return Client()


@pytest.fixture
def project(tmp_path: Path, root: Path) -> Callable[..., Path]:
    """A folder with a `cdk.json` of its own, and the tools of the repository."""

    def write(**block: Any) -> Path:
        context = {"environments": {"dev": {"alarm_email": "a@b.c", "monthly_budget_usd": 9, **block}}, "prices": BOOK}
        (tmp_path / "cdk.json").write_text(json.dumps({"context": context}))
        for name in ("package.json", "node_modules"):
            (tmp_path / name).symlink_to(root / name)
        return tmp_path

    return write


def examined(folder: Path, deployment: Deployment) -> Diagnosis:
    return Examiner(root=folder, deployment=deployment, now=NOW).examine()


def finding(code: str, subject: str) -> Finding:
    severity = Severity.WARNS
    return Finding(code=code, subject=subject, severity=severity, problem="p", consequence="c", remedy="r")


def test_settings_that_are_refused_are_told_one_by_one(project: Callable[..., Path]) -> None:
    folder = project(models={"base": "amazon.nova-2-lite-v1:0"}, retreival={})
    diagnosis = examined(folder, StubbedDeployment())
    remedies = {one.subject: one.remedy for one in diagnosis.findings}

    assert diagnosis.blocked
    assert remedies["models.base"] == "edit cdk.json, context.environments.dev.models.base"
    assert {one.code for one in diagnosis.findings} == {"settings_refused"}
    assert "retreival" in remedies
    assert any('inference profile: "us.amazon.nova-2-lite-v1:0"' in one.problem for one in diagnosis.findings)
    assert [check.not_checked for check in diagnosis.checks if check.not_checked]


def test_without_a_network_that_alone_is_found(project: Callable[..., Path]) -> None:
    diagnosis = examined(project(), NoNetwork("dev", boto3.Session(region_name="us-east-1")))
    (found,) = diagnosis.findings

    assert (found.code, found.severity) == ("unreachable", Severity.BLOCKS)
    assert "https://sts.us-east-1.amazonaws.com/" in found.problem
    assert [check.name for check in diagnosis.checks if check.not_checked] == ["account"]


def test_without_credentials_the_command_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    for name, value in (("CONFIG_FILE", "/dev/null"), ("SHARED_CREDENTIALS_FILE", "/dev/null")):
        monkeypatch.setenv(f"AWS_{name}", value)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    result = run("doctor", "--env", "dev", "--json")
    told = json.loads(result.stdout)

    assert result.exit_code == 1
    assert [one["code"] for one in told["findings"] if one["severity"] == "blocks"] == ["no_credentials"]
    assert "Log in (`aws sso login`)" in told["findings"][0]["remedy"]
    assert [one["check"] for one in told["not_checked"]] == ["account"]


def test_an_account_and_a_region_are_the_environments_own() -> None:
    assert account.another_account("dev", "1", "1", "arn") is None
    assert account.another_region("dev", "us-east-1", None) is None
    assert account.another_region("dev", "us-east-1", "us-east-1") is None
    elsewhere = account.another_region("dev", "us-east-1", "eu-west-1")
    assert elsewhere
    assert elsewhere.remedy == "export AWS_REGION=us-east-1"


def test_tools_that_are_missing_or_old_are_told() -> None:
    def look(**changed: Any) -> list[str]:
        given: dict[str, Any] = {"python": (3, 11), "node": "v22.1.0", "cdk": "2.1", "pinned": "2.1", **changed}
        return [one.subject for one in tools.problems(**given)]

    assert look() == []
    assert look(python=(3, 10), node="v20.0.0", cdk="3.0.0") == ["python", "node", "cdk"]
    assert look(node=None, cdk=None) == ["node", "cdk"]


@pytest.mark.parametrize(("days", "codes"), [(90, []), (91, ["prices_old"])])
def test_prices_grow_old_after_ninety_days(days: int, codes: list[str]) -> None:
    today = date(2026, 11, 21) + timedelta(days=days)
    book, looked = settings.prices_of({"prices": BOOK}, today, "us-east-1", deploy="make deploy")

    assert book
    assert [one.code for one in looked.findings] == codes
    old = {"usd": 1.0, "source": "a pricing page", "as_of": "2026-02-15"}
    _, dated = settings.prices_of({"prices": {**BOOK, "services": {"key_month": old}}}, today, "us-east-1", deploy="")
    assert dated.seen == "prices of 2026-11-21, us-east-1; the oldest figure is of 2026-02-15"
    _, elsewhere = settings.prices_of({"prices": BOOK}, date(2026, 11, 22), "eu-west-1", deploy="make deploy")
    assert [one.code for one in elsewhere.findings] == ["prices_elsewhere"]


def test_each_cause_is_told_once_by_the_check_that_knows_it_best() -> None:
    situation = Situation(
        deployment=StubbedDeployment(),
        settings=Settings(),
        prices=PriceBook.parse(BOOK),
        account="111122223333",
        caller="arn",
        now=NOW,
    )
    nova, tuned = "amazon.nova-micro-v1:0", "amazon.nova-micro-v1:0:128k"
    haiku = "us.anthropic.claude-haiku-4-5-20251001-v1:0"
    told = [
        ("settings_warned", "evaluation.judges"),
        ("settings_warned", "alarm_email"),
        ("model_legacy", nova),
        ("base_legacy", tuned),
        ("first_use_form", "anthropic"),
        ("first_use_form", "anthropic"),
        ("not_authorized", haiku),
        ("daily_quota", haiku),
        ("quota_zero", haiku),
        ("alarm_without_action", "alarms"),
        ("alarm_address", "a@b.c"),
    ]
    kept = settled([Checked("c", "", tuple(finding(*one) for one in told))], situation)[0].findings

    assert [(one.code, one.subject) for one in kept] == [told[1], told[2], told[4], told[8], told[9]]


def test_what_several_checks_need_is_asked_once_and_its_failure_told_to_each() -> None:
    asked: list[int] = []

    def fail() -> NoReturn:
        asked.append(1)
        raise LookupError("once")

    once = Once(fail)
    for _ in range(2):
        with pytest.raises(LookupError, match="once"):
            once()
    assert asked == [1]


def test_findings_are_shown_severest_first_with_the_command_in_one_line() -> None:
    blocks = Finding(code="b", subject="s", severity=Severity.BLOCKS, problem="x", consequence="y", remedy="run " * 50)
    checks = (Checked("first", "seen", (finding("w", "s"), blocks)), Checked("second", not_checked="no right."))
    diagnosis = Diagnosis(environment="dev", account="1", region="us-east-1", checks=checks)
    stream = io.StringIO()
    show_diagnosis(Console(width=80, file=stream), diagnosis)
    text = stream.getvalue()

    assert text.index("blocks: X.") < text.index("warns: P.")
    assert ("run " * 50).strip() in text
    assert "? second: not checked, because no right" in text
    assert "dev: 1 checks, 1 blocking, 1 to be warned of; 1 not checked." in text
