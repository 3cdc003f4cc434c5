"""Findings about what is deployed: stacks, pointer, ingestion, schedules, alarms, functions."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from arbiter.documents.ingestion import IngestionJob, JobReport
from arbiter.tuned_models.hosting.readiness import Host
from arbiter.tuned_models.service.pointer import TunedModel
from cli.doctor.checks import ingestion, operations, pointer, stacks
from cli.doctor.checks.functions import forbidden, outdated
from cli.doctor.checks.operations import resting, unconfirmed, unheard
from cli.doctor.findings.finding import Finding, Severity
from cli.doctor.findings.situation import Situation
from stacks.settings.environment import Settings
from stacks.settings.prices import PriceBook
from tests.unit.cli.fakes import StubbedDeployment

NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)
BASE = "amazon.nova-micro-v1:0:128k"
BOOK = {"as_of": "2026-11-21", "region": "us-east-1", "currency": "USD", "models": {}}
MODEL = TunedModel("arn:deployment", "arn:model", BASE, "run-1")


def situated(deployment: StubbedDeployment, **blocks: Any) -> Situation:
    settings, prices = Settings.model_validate(blocks), PriceBook.parse(BOOK)
    return Situation(deployment=deployment, settings=settings, prices=prices, account="1", caller="arn", now=NOW)


def state(status: str, **described: Any) -> Finding | None:
    described = {"StackName": "Arbiter-dev-Storage", "StackStatus": status, **described}
    return stacks.problem_of(described, region="us-east-1", deploy="make deploy")


def drift(host: Host | None, *, base: str = BASE, back: TunedModel | None = None) -> Finding | None:
    return pointer.problem_of(MODEL, host, NOW, base=base, back=back, env="dev")


def report(status: str, *, failed: int = 0, hours: float = 1) -> JobReport:
    job = IngestionJob("JOB", status, NOW - timedelta(hours=hours))
    return JobReport(job, scanned=9, indexed=9 - failed, deleted=0, skipped=0, failed=failed, reasons=("Because.",))


@pytest.mark.parametrize("status", ["CREATE_COMPLETE", "UPDATE_COMPLETE"])
def test_a_whole_stack_is_no_finding(status: str) -> None:
    assert state(status) is None


@pytest.mark.parametrize(
    ("status", "severity", "command"),
    [
        ("ROLLBACK_COMPLETE", Severity.BLOCKS, "delete-stack"),
        ("UPDATE_ROLLBACK_FAILED", Severity.BLOCKS, "continue-update-rollback"),
        ("DELETE_FAILED", Severity.BLOCKS, "delete-stack"),
        ("UPDATE_IN_PROGRESS", Severity.WARNS, "describe-stacks"),
        ("UPDATE_ROLLBACK_COMPLETE", Severity.WARNS, "describe-stack-events"),
    ],
)
def test_the_state_of_a_stack_is_told_with_the_way_out(status: str, severity: Severity, command: str) -> None:
    finding = state(status)

    assert finding
    assert finding.severity is severity
    assert finding.remedy.startswith(
        f"aws cloudformation {command} --region us-east-1 --stack-name Arbiter-dev-Storage"
    )


def test_a_change_set_that_waits_is_executed_by_the_next_deploy() -> None:
    finding = state("REVIEW_IN_PROGRESS")

    assert finding
    assert (finding.severity, finding.remedy) == (Severity.WARNS, "make deploy")


def test_a_protected_stack_is_unprotected_before_it_is_deleted() -> None:
    finding = state("ROLLBACK_COMPLETE", EnableTerminationProtection=True)

    assert finding
    assert finding.remedy.startswith("aws cloudformation update-termination-protection --no-enable-")
    assert finding.remedy.endswith("&& make deploy")


@pytest.mark.parametrize(
    ("host", "code"),
    [
        (None, "pointer_gone"),
        (Host("Failed", "arn:model"), "pointer_not_ready"),
        (Host("InService", "arn:model", expires_at=NOW), "pointer_expired"),
        (Host("Active", "arn:model", coming="arn:other"), "pointer_updating"),
        (Host("Active", "arn:other"), "pointer_serves_another"),
        (Host("Active", "arn:model"), None),
        (Host("InService", "arn:model", expires_at=NOW, committed_until=NOW + timedelta(days=1)), None),
    ],
)
def test_a_pointer_that_drifted_is_told(host: Host | None, code: str | None) -> None:
    finding = drift(host)

    assert (finding.code if finding else None) == code


def test_a_model_of_another_base_is_a_warning_and_a_lost_one_is_rolled_back_where_it_can_be() -> None:
    other, gone = drift(Host("Active", "arn:model"), base="amazon.nova-lite-v1:0:300k"), drift(None, back=MODEL)

    assert other
    assert (other.code, other.severity) == ("pointer_other_base", Severity.WARNS)
    assert gone
    assert gone.remedy == "arbiter model rollback --env dev"


@pytest.mark.parametrize(
    ("job", "codes"),
    [
        (report("COMPLETE"), []),
        (report("IN_PROGRESS"), []),
        (report("FAILED"), ["ingestion_failed"]),
        (report("IN_PROGRESS", hours=7), ["ingestion_stalled"]),
        (report("COMPLETE", failed=2), ["documents_failed"]),
    ],
)
def test_an_ingestion_is_judged_by_its_end(job: JobReport, codes: list[str]) -> None:
    assert [finding.code for finding in ingestion.problems(job, NOW, "dev")] == codes


def test_a_schedule_is_missing_or_switched_off() -> None:
    def look(*listed: dict[str, Any], code: str = "expiry_schedule") -> Finding | None:
        return resting(listed, "it", "arn:f", code, Severity.BLOCKS, deploy="deploy", revert="deploy --revert-drift")

    off = {"Name": "s", "State": "DISABLED", "Target": {"Arn": "arn:f"}}
    missing, switched = look({**off, "Target": {"Arn": "arn:g"}}), look(off)
    new = look(code="evaluation_schedule")

    assert missing
    assert missing.problem.endswith("is missing")
    assert switched
    assert switched.problem.endswith("is switched off")
    assert missing.remedy == switched.remedy == "deploy --revert-drift"
    assert new
    assert new.remedy == "deploy"
    assert look(off, {**off, "State": "ENABLED"}) is None


def test_alarms_that_tell_nobody_are_named() -> None:
    loud = {"AlarmName": "loud", "AlarmActions": ["arn:topic"], "ActionsEnabled": True}
    (silent,) = unheard([loud, {**loud, "AlarmName": "off", "ActionsEnabled": False}, {"AlarmName": "bare"}], "deploy")

    assert list(unheard([loud], "deploy")) == []
    assert "2 alarms have no action, although alarm_email is set: off, bare" in silent.problem


def test_an_address_has_to_be_subscribed_and_confirmed() -> None:
    def look(*states: str) -> Finding | None:
        listed = [{"SubscriptionArn": state, "Endpoint": "a@b.c"} for state in states]
        return unconfirmed(listed, "a@b.c", "make deploy")

    waiting, unknown = look("PendingConfirmation"), look()

    assert look("arn:aws:sns:us-east-1:111122223333:topic:1") is None
    assert waiting
    assert "has not confirmed" in waiting.problem
    assert unknown
    assert unknown.remedy == "make deploy"


def test_the_runtime_needs_a_botocore_that_knows_deployments() -> None:
    assert [finding.code for finding in outdated("1.38.46")] == ["runtime_outdated"]
    assert list(outdated("1.39.10")) == []
    assert list(outdated("1.40.4")) == []


def test_a_caller_without_the_right_gets_the_policy_for_its_kind() -> None:
    role = "arn:aws:iam::111122223333:role/aws-reserved/sso/Reader"
    (finding,) = forbidden(["lambda:InvokeFunctionUrl"], role, "arn:aws:lambda:router:live")

    assert list(forbidden([], role, "arn")) == []
    assert finding.remedy.startswith("aws iam put-role-policy --role-name Reader ")
    assert '"Resource": "arn:aws:lambda:router:live"' in finding.remedy


def test_stacks_and_alarms_of_an_environment_whose_name_begins_so_are_not_ones_own() -> None:
    deployment = StubbedDeployment()
    situation = situated(deployment)
    names = ("Arbiter-dev-Storage", "Arbiter-dev-2-Storage", "Arbiter-dev-2-Operations")
    described = [{"StackName": name, "CreationTime": NOW, "StackStatus": "DELETE_FAILED"} for name in names]
    deployment.stub("cloudformation").add_response("describe_stacks", {"Stacks": described})
    ringing = [{"AlarmName": f"{name}-Alarm", "StateValue": "ALARM"} for name in names]
    deployment.stub("cloudwatch").add_response("describe_alarms", {"MetricAlarms": ringing})
    (alarms,) = [check for check in operations.checks(situation) if check.name == "alarms"]

    assert list(situation.stacks()) == ["Storage"]
    assert [one.subject for one in alarms.look().findings] == ["Arbiter-dev-Storage-Alarm"]
