"""One finding a model, whatever AWS tells of it: its refusals, its availability, its lifecycle."""

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from arbiter.aws.calls.failures import Failure, FailureKind
from cli.doctor.checks.access import Sight, is_denial
from cli.doctor.checks.model_findings import diagnose
from cli.doctor.checks.models import profiles_of, tuning_problems
from cli.doctor.findings.finding import Severity

HAIKU = "us.anthropic.claude-haiku-4-5-20251001-v1:0"
TITAN = "amazon.titan-embed-text-v2:0"
MICRO = "amazon.nova-micro-v1:0"
GRANTED = {
    "agreementAvailability": {"status": "AVAILABLE"},
    "authorizationStatus": "AUTHORIZED",
    "entitlementAvailability": "AVAILABLE",
    "regionAvailability": "AVAILABLE",
}
DENIED = "User: arn:aws:iam::111122223333:user/ana is not authorized to perform: bedrock:InvokeModel on resource: arn:x"


def sight(model: str = HAIKU, **known: Any) -> Sight:
    roles = known.pop("roles", ("evaluation.judges",))
    return Sight(model=model, roles=roles, environment="dev", region="us-east-1", deploy="make deploy", **known)


def refused(message: str, kind: FailureKind = FailureKind.REFUSED) -> Failure:
    return Failure(kind, "Code", message)


@pytest.mark.parametrize(
    ("message", "kind", "code"),
    [
        ("Model use case details have not been submitted for this account.", FailureKind.MISSING, "first_use_form"),
        ("… AWS Marketplace actions (aws-marketplace:ViewSubscriptions, …)", FailureKind.DENIED, "subscription"),
        ("… denied due to INVALID_PAYMENT_INSTRUMENT:A valid …", FailureKind.DENIED, "payment_method"),
        ("You don't have access to the model with the specified model ID.", FailureKind.DENIED, "subscription"),
        (
            "Invocation of model ID x with on-demand throughput isn\u2019t supported.",
            FailureKind.REFUSED,
            "profile_needed",
        ),
        ("Access denied. This Model is marked by provider as Legacy", FailureKind.MISSING, "model_legacy"),
        ("This model version has reached the end of its life.", FailureKind.MISSING, "model_ended"),
        ("Too many tokens per day, please wait before trying again.", FailureKind.THROTTLED, "daily_quota"),
        ("The provided model identifier is invalid.", FailureKind.REFUSED, "model_unknown"),
        ("Something that nobody has seen.", FailureKind.REFUSED, "model_refused"),
    ],
)
def test_a_refusal_is_told_in_words_of_its_own(message: str, kind: FailureKind, code: str) -> None:
    finding = diagnose(sight(refusal=refused(message, kind), availability=GRANTED))

    assert finding
    assert (finding.code, finding.severity) == (code, Severity.BLOCKS)
    assert "`arbiter evaluate` does not start" in finding.consequence
    assert finding.remedy


@pytest.mark.parametrize(
    "refusal", [refused("Too many requests", FailureKind.THROTTLED), refused("loading", FailureKind.LOADING)]
)
def test_a_refusal_that_passes_by_itself_is_none(refusal: Failure) -> None:
    assert diagnose(sight(refusal=refusal, availability=GRANTED)) is None


def test_a_right_that_the_caller_lacks_says_nothing_of_the_model() -> None:
    denied = refused(DENIED, FailureKind.DENIED)

    assert is_denial(denied)
    assert not is_denial(refused("aws-marketplace:Subscribe", FailureKind.DENIED))
    assert diagnose(sight(refusal=denied, availability=GRANTED)) is None
    assert diagnose(sight(refusal=denied)) is None


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"agreementAvailability": {"status": "NOT_AVAILABLE"}}, "subscription"),
        ({"entitlementAvailability": "NOT_AVAILABLE"}, "not_authorized"),
        ({"authorizationStatus": "NOT_AUTHORIZED"}, "not_authorized"),
        ({"regionAvailability": "NOT_AVAILABLE"}, "model_not_in_region"),
    ],
)
def test_availability_decides_where_no_call_did(changed: dict[str, Any], code: str) -> None:
    finding = diagnose(sight(availability={**GRANTED, **changed}))

    assert finding
    assert finding.code == code


@pytest.mark.parametrize(
    ("model", "status", "code"),
    [
        (HAIKU, "AVAILABLE", None),
        (HAIKU, "NOT_AVAILABLE", "subscription_unsettled"),
        (HAIKU, "PENDING", "subscription_unsettled"),
        (MICRO, "NOT_AVAILABLE", None),
    ],
)
def test_an_answer_without_an_agreement_may_be_one_of_the_first_minutes(
    model: str, status: str, code: str | None
) -> None:
    availability = {**GRANTED, "agreementAvailability": {"status": status}, "authorizationStatus": "NOT_AUTHORIZED"}
    finding = diagnose(sight(model, availability=availability, answered=True))

    assert (finding.code if finding else None) == code
    assert finding is None or finding.severity is Severity.WARNS


def test_the_bare_id_of_a_model_with_profiles_alone_is_told_with_the_profile() -> None:
    listed = {"inferenceTypesSupported": ["INFERENCE_PROFILE"], "modelLifecycle": {"status": "ACTIVE"}}
    finding = diagnose(sight(HAIKU.removeprefix("us."), listed=listed, profiles=("eu.x", "us.x")))

    assert finding
    assert finding.code == "profile_needed"
    assert finding.remedy == 'edit cdk.json, context.environments.dev.evaluation.judges: "eu.x"; then make deploy'
    assert diagnose(sight(listed=listed)) is None


def test_a_legacy_model_that_answers_is_a_warning_with_its_end_and_its_successor() -> None:
    lifecycle = {"status": "LEGACY", "endOfLifeTime": datetime(2027, 1, 8, tzinfo=UTC)}
    listed = {"modelLifecycle": lifecycle, "inferenceTypesSupported": ["INFERENCE_PROFILE"]}
    finding = diagnose(sight("us.anthropic.claude-opus-4-1-20250805-v1:0", listed=listed, answered=True))

    assert finding
    assert finding.severity is Severity.WARNS
    assert "ends on 2027-01-08" in finding.problem
    assert '"us.anthropic.claude-opus-5-5"' in finding.remedy


def test_a_subscription_is_made_by_a_call_that_the_model_takes_and_never_by_a_right() -> None:
    embedding = diagnose(sight("cohere.embed-v4:0", roles=("models.embedding",), refusal=refused("aws-marketplace:")))
    judge = diagnose(sight(refusal=refused("aws-marketplace:")))

    assert embedding
    assert judge
    assert embedding.remedy.startswith(
        "aws bedrock-runtime invoke-model --region us-east-1 --model-id cohere.embed-v4:0 "
    )
    assert judge.remedy.startswith(f"aws bedrock-runtime converse --region us-east-1 --model-id {HAIKU} ")
    assert "by an administrator" in judge.hint


def test_profiles_serve_the_model_that_they_list() -> None:
    arn = "arn:aws:bedrock:us-west-2::foundation-model/"
    summaries = [
        {"inferenceProfileId": "us.a.b", "models": [{"modelArn": f"{arn}a.b"}]},
        {"inferenceProfileId": "us.a.b2", "models": [{"modelArn": f"{arn}a.b2"}]},
    ]

    assert profiles_of(summaries, "a.b") == ["us.a.b"]


@pytest.mark.parametrize(
    ("entry", "codes"),
    [
        ({"customizationsSupported": ["FINE_TUNING"], "modelLifecycle": {"status": "ACTIVE"}}, []),
        ({"customizationsSupported": [], "modelLifecycle": {"status": "ACTIVE"}}, ["not_customisable"]),
        ({"customizationsSupported": ["FINE_TUNING"], "modelLifecycle": {"status": "LEGACY"}}, ["base_legacy"]),
        (None, ["base_not_offered"]),
    ],
)
def test_the_model_that_is_tuned_must_be_offered_active_and_customisable(
    entry: dict[str, Any] | None, codes: list[str]
) -> None:
    offered = {} if entry is None else {MICRO: entry}
    found = tuning_problems(offered, f"{MICRO}:128k", "FINE_TUNING", "on_demand")

    assert [finding.code for finding in found] == codes


def test_hosting_that_the_documentation_disagrees_about_is_noted() -> None:
    name = "amazon.nova-2-lite-v1:0:256k"
    offered = {name: {"customizationsSupported": ["FINE_TUNING"]}}
    (noted,) = tuning_problems(offered, name, "FINE_TUNING", "on_demand")

    assert noted.severity is Severity.NOTE
    assert list(tuning_problems(offered, name, "FINE_TUNING", "provisioned")) == []


def test_every_code_of_a_finding_stands_in_the_documentation(root: Path) -> None:
    source = "\n".join(path.read_text() for path in (root / "cli" / "doctor" / "checks").rglob("*.py"))
    made = r'(?:code=|_finding\((?:model, )?\s*|_prices\(|_tuned\(base_model, )"([a-z_]+)"|^    "([a-z_]+)": _[a-z]+,$'
    codes = {code for found in re.findall(made, source, re.MULTILINE) for code in found if code}
    explained = (root / "docs" / "doctor.md").read_text()
    assert len(codes) > 35
    assert [code for code in sorted(codes) if f"`{code}`" not in explained] == []
