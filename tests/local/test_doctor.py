"""The doctor on a deployment: a healthy one has no finding, and each planted fault is told alone, with its remedy."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import boto3
import pytest

from cli.core.deployment import Deployment
from cli.doctor.examination import Diagnosis, Examiner
from cli.doctor.findings.finding import Finding, Severity
from cli.sync.synchronise import sync
from tests.local.account import Account, allow
from tests.local.asking import invoke, until
from tests.local.deployed import Deployed
from tests.local.faults import Faults, faults_of
from tests.local.tuned_models import ModelFactory

pytestmark = pytest.mark.local

HAIKU, LLAMA = "us.anthropic.claude-haiku-4-5-20251001-v1:0", "us.meta.llama3-3-70b-instruct-v1:0"
NOVA = "amazon.nova-micro-v1:0"
ANSWERS = {f"Where is hut {number}?": f"Hut {number} stands by lake {number}." for number in range(10)}
LOCAL = "context.environments.local"
EDIT = f"edit cdk.json, {LOCAL}"


@pytest.fixture(scope="module")
def healthy(deployed: Deployed, root: Path) -> Deployed:
    """A deployment that was used: documents are in it, and the router has answered."""
    assert sync(deployed.deployment, root / "examples" / "documents").complete
    assert "error" not in invoke(deployed, {"question": "Hello?", "mode": "base"})
    return deployed


@pytest.fixture
def faults(healthy: Deployed) -> Iterator[Faults]:
    with faults_of(healthy.aws) as ordered:
        yield ordered


@dataclass
class Doctor:
    """Examines a deployment, as somebody."""

    root: Path
    deployment: Deployment

    def examine(self, *, calls: bool = True, now: datetime | None = None) -> Diagnosis:
        moment = now or datetime.now(UTC)
        return Examiner(root=self.root, deployment=self.deployment, now=moment, calls=calls).examine()

    def only_finding(self) -> Finding:
        """The one finding of an examination in which everything could be looked at."""
        diagnosis = self.examine()
        (finding,) = diagnosis.findings
        return finding


@pytest.fixture
def doctor(healthy: Deployed, root: Path) -> Doctor:
    return Doctor(root, healthy.deployment)


def test_a_healthy_deployment_has_no_finding_and_nothing_is_left_out(doctor: Doctor) -> None:
    diagnosis = doctor.examine()

    assert diagnosis.findings == ()
    assert [check.name for check in diagnosis.checks if check.not_checked] == []
    assert len(diagnosis.checks) > 20
    assert not diagnosis.blocked
    json.dumps(diagnosis.dump())


@pytest.mark.parametrize(
    ("missing", "model", "code", "remedy"),
    [
        ("marketplace", LLAMA, "subscription", f"aws bedrock-runtime converse --region us-east-1 --model-id {LLAMA} "),
        ("form", HAIKU, "first_use_form", "aws bedrock put-use-case-for-model-access --region us-east-1 "),
        ("profile", NOVA, "profile_needed", f'{EDIT}.models.base: "us.{NOVA}"; then make local'),
        (
            "legacy",
            HAIKU,
            "model_legacy",
            f'{EDIT}.evaluation.judges, {LOCAL}.generation.verifier: "us.anthropic.claude-haiku-5-5"; then make local',
        ),
        ("legacy", NOVA, "model_legacy", f"{EDIT}.models.base: an active model"),
    ],
)
def test_a_model_without_access_is_told_with_what_opens_it(
    doctor: Doctor, faults: Faults, missing: str, model: str, code: str, remedy: str
) -> None:
    faults.withhold(missing, model.removeprefix("us."))
    finding = doctor.only_finding()

    assert (finding.code, finding.severity) == (code, Severity.BLOCKS)
    assert model in finding.problem
    assert finding.remedy.startswith(remedy)


def test_a_quota_of_the_day_is_told_used_up_or_never_granted(doctor: Doctor, faults: Faults) -> None:
    faults.exhaust_the_day("llama3-3")
    used_up = doctor.only_finding()
    faults.limit_quota("per day for Meta Llama 3.3", 0)
    never = doctor.only_finding()
    faults.clear()
    faults.exhaust_the_day()
    every = doctor.only_finding()

    assert (used_up.code, used_up.subject) == ("daily_quota", LLAMA)
    assert "00:00 UTC" in used_up.hint
    assert every.code == "daily_quota"
    assert set(every.subject.split(", ")) == {
        NOVA,
        HAIKU,
        LLAMA,
        "amazon.nova-lite-v1:0",
        "amazon.titan-embed-text-v2:0",
        "cohere.rerank-v3-5:0",
    }
    assert "no mode answers; `arbiter evaluate` does not start" in every.consequence
    assert (never.code, never.subject) == ("quota_zero", LLAMA)
    assert never.remedy.startswith("https://support.console.aws.amazon.com/")


def test_a_quota_below_what_the_settings_may_need_is_told_with_both(doctor: Doctor, faults: Faults) -> None:
    faults.limit_quota("requests per minute for Amazon Nova Lite", 4)
    finding = doctor.only_finding()

    assert (finding.code, finding.severity) == ("quota_requests_a_minute", Severity.WARNS)
    assert "is 4; the settings may need 75 (generation.concurrency 5)" in finding.problem
    assert "request-service-quota-increase" in finding.remedy
    assert finding.remedy.endswith("--desired-value 75")


def test_a_stack_that_was_rolled_back_is_told_with_how_to_make_it_anew(doctor: Doctor, faults: Faults) -> None:
    faults.leave_stack("ROLLBACK_COMPLETE", "Generation")
    finding = doctor.only_finding()

    assert (finding.code, finding.subject) == ("stack_state", "Arbiter-local-Generation")
    assert finding.remedy.startswith(
        "aws cloudformation delete-stack --region us-east-1 --stack-name Arbiter-local-Gen"
    )
    assert finding.remedy.endswith("&& make local")


def test_credentials_of_another_account_are_told_and_nothing_else_is_looked_at(doctor: Doctor, faults: Faults) -> None:
    faults.ask_as("222222222222")
    finding = doctor.only_finding()

    assert (finding.code, finding.severity) == ("another_account", Severity.BLOCKS)
    assert finding.remedy == "export AWS_PROFILE=<a profile of 000000000000>"
    assert [check.name for check in doctor.examine().checks if check.not_checked] == ["account"]


@pytest.fixture
def changed(doctor: Doctor, tmp_path: Path) -> Callable[[dict[str, Any], dict[str, Any]], Doctor]:
    """Examines the deployment by a `cdk.json` whose prices and local settings differ."""

    def write(prices: dict[str, Any], settings: dict[str, Any]) -> Doctor:
        content = json.loads((doctor.root / "cdk.json").read_text())
        content["context"]["prices"] |= prices
        content["context"]["environments"]["local"] |= settings
        (tmp_path / "cdk.json").write_text(json.dumps(content))
        for name in ("package.json", "node_modules"):
            (tmp_path / name).symlink_to(doctor.root / name)
        return Doctor(tmp_path, doctor.deployment)

    return write


def test_settings_that_were_not_deployed_are_told(
    changed: Callable[[dict[str, Any], dict[str, Any]], Doctor],
) -> None:
    diagnosis = changed({}, {"alarm_email": "a@b.c", "evaluation": {"schedule": "rate(7 days)"}}).examine()

    assert [finding.code for finding in diagnosis.findings] == [
        "evaluation_schedule",
        "alarm_without_action",
    ]
    assert {finding.remedy.partition(" && ")[0] for finding in diagnosis.findings} == {"make local"}
    assert "RouterErrors" in diagnosis.findings[1].problem


def test_prices_of_last_year_are_told(changed: Callable[[dict[str, Any], dict[str, Any]], Doctor]) -> None:
    last_year = (datetime.now(UTC) - timedelta(days=365)).date().isoformat()
    finding = changed({"as_of": last_year}, {}).only_finding()

    assert (finding.code, finding.severity) == ("prices_old", Severity.WARNS)
    assert "365 days ago" in finding.problem
    assert finding.remedy == "arbiter cost --refresh && make local"


def test_a_caller_with_few_rights_is_told_what_was_not_looked_at(doctor: Doctor, healthy: Deployed) -> None:
    account = Account(healthy.aws)
    role = account.role(allow("cloudformation:DescribeStacks", "iam:GetRole", "iam:SimulatePrincipalPolicy"))
    held = account.client("sts").assume_role(RoleArn=role, RoleSessionName="reader")["Credentials"]
    session = boto3.Session(held["AccessKeyId"], held["SecretAccessKey"], held["SessionToken"], "us-east-1")
    diagnosis = Doctor(doctor.root, Deployment("local", session, healthy.aws.endpoint)).examine()
    reasons = {check.name: check.not_checked for check in diagnosis.checks if check.not_checked}

    assert [finding.code for finding in diagnosis.findings] == ["function_url"]
    assert "may not bedrock:ListFoundationModels" in reasons["tuning"]
    assert "may not call it" in reasons[f"model {NOVA}"]
    assert "may not ssm:GetParameter" in reasons["tuned model"]
    assert not diagnosis.blocked
    assert "lambda:InvokeFunctionUrl" in diagnosis.findings[0].remedy


def test_without_calls_models_are_judged_by_their_availability(doctor: Doctor, faults: Faults) -> None:
    faults.withhold("marketplace", "llama3-3")
    diagnosis = doctor.examine(calls=False)
    reasons = {check.name: check.not_checked for check in diagnosis.checks if check.not_checked}

    assert [(finding.code, finding.subject) for finding in diagnosis.findings] == [("subscription", LLAMA)]
    assert "--no-calls" in str(reasons[f"model {NOVA}"])


def test_a_pointer_to_a_deployment_that_drifts_or_is_gone_is_told(
    doctor: Doctor, healthy: Deployed, faults: Faults
) -> None:
    factory, bedrock = ModelFactory(healthy), healthy.deployment.client("bedrock")
    model = factory.deploy("drifting", factory.train("drifting", ANSWERS))
    parameter = {"Name": healthy.deployment.output("InServiceParameter"), "Type": "String", "Overwrite": True}
    ssm = healthy.deployment.client("ssm")
    ssm.put_parameter(**parameter, Value=json.dumps({**model._asdict(), "previous": None}))
    assert doctor.examine().findings == ()

    other = factory.train("another", ANSWERS)
    faults.hold("deployment")
    bedrock.update_custom_model_deployment(customModelDeploymentIdentifier=model.model, modelArn=other)
    updating = doctor.only_finding()
    faults.clear()
    bedrock.delete_custom_model_deployment(customModelDeploymentIdentifier=model.model)
    gone = doctor.only_finding()
    ssm.put_parameter(**parameter, Value="none")

    assert (updating.code, updating.severity) == ("pointer_updating", Severity.WARNS)
    assert (gone.code, gone.severity) == ("pointer_gone", Severity.BLOCKS)
    assert gone.remedy == "arbiter model rollback --to-none --env local"


def test_an_ingestion_that_failed_is_told_with_its_reason(doctor: Doctor, healthy: Deployed, faults: Faults) -> None:
    faults.fail_ingestion("The knowledge base's role cannot be assumed.")
    agent, output = healthy.deployment.client("bedrock-agent"), healthy.deployment.output
    source = {"knowledgeBaseId": output("KnowledgeBaseId"), "dataSourceId": output("DataSourceId")}
    job = agent.start_ingestion_job(**source)["ingestionJob"]["ingestionJobId"]

    def ended() -> bool:
        status = agent.get_ingestion_job(**source, ingestionJobId=job)["ingestionJob"]["status"]
        return str(status) in ("FAILED", "COMPLETE")

    until(ended, "the ingestion job has ended", seconds=60)
    finding = doctor.only_finding()

    assert finding.code == "ingestion_failed"
    assert "The knowledge base's role cannot be assumed" in finding.problem
    assert finding.remedy == "arbiter sync FOLDER --env local"
