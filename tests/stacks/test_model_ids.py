"""Model ids: what cannot be called is refused, what may be is warned of, and a profile is granted as AWS has it."""

import re
from datetime import date
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from cfnlint.helpers import REGIONS
from cfnlint.schema.manager import PROVIDER_SCHEMA_MANAGER

from app import build
from arbiter.base_models import GEOGRAPHIES
from stacks.constructs.training.functions import called_by_gate, gate_models
from stacks.parsing import parse
from stacks.settings import model_catalogue as catalogue
from stacks.settings.evaluation import Evaluation
from stacks.settings.misspelt_models import meant
from stacks.settings.prices import PriceBook
from stacks.settings.problems import SettingsError
from stacks.warnings import warnings
from tests.stacks.permissions import permissions
from tests.stacks.refusal import refusal
from tests.stacks.resolved import Deployment

BOOK = PriceBook(as_of=date(2026, 11, 21), region="us-east-1", currency="USD", models={})
LLAMA = "us.meta.llama3-3-70b-instruct-v1:0"
CALLED: dict[str, Any] = {
    "models.base": lambda model: {"models": {"base": model}},
    "evaluation.judges": lambda model: {"evaluation": {"judges": [model, LLAMA]}},
    "evaluation.models": lambda model: {"evaluation": {"models": [model]}},
    "generation.generator": lambda model: {"generation": {"generator": model}},
    "generation.verifier": lambda model: {"generation": {"verifier": model}},
}


@pytest.mark.parametrize("path", CALLED)
@pytest.mark.parametrize(
    ("model", "sentence"),
    [
        ("amazon.nova-premier-v1:0", '"amazon.nova-premier-v1:0" has ended on 2026-09-14: every call of it fails'),
        ("us.amazon.nova-premier-v1:0", "has ended on 2026-09-14"),
        ("amazon.nova-canvas-v1:0", "has ended on 2026-09-30"),
        ("amazon.nova-reel-v1:1", "has ended on 2026-09-30"),
        ("amazon.nova-sonic-v1:0", "has ended on 2026-09-14"),
        ("us.anthropic.claude-3-7-sonnet-20250219-v1:0", "has ended on 2026-04-28"),
        ("anthropic.claude-3-5-sonnet-20240620-v1:0", "has ended on 2026-07-30"),
        ("global.anthropic.claude-sonnet-4-20250514-v1:0", "has ended on 2026-10-14"),
        ("anthropic.claude-v2:1", '"anthropic.claude-v2:1" has ended: every call of it fails'),
        ("us.meta.llama3-2-90b-instruct-v1:0", "has ended on 2026-07-07"),
        ("amazon.nova-mirco-v1:0", 'no model "amazon.nova-mirco-v1:0"; did you mean "amazon.nova-micro-v1:0"?'),
        ("amazon.nova-micro-v1", 'did you mean "amazon.nova-micro-v1:0"?'),
        ("us.antropic.claude-haiku-4-5-20251001-v1:0", 'mean "us.anthropic.claude-haiku-4-5-20251001-v1:0"?'),
        ("us.anthropic.claude-haiku-4-5-20251010-v1:0", 'mean "us.anthropic.claude-haiku-4-5-20251001-v1:0"?'),
        ("ue.anthropic.claude-haiku-4-5-20251001-v1:0", "anthropic.claude-haiku-4-5-20251001-v1:0"),
        (
            "anthropic.claude-haiku-4-5-20251001-v1:0",
            (
                "no on-demand throughput of its own; name an inference profile: "
                '"us.anthropic.claude-haiku-4-5-20251001-v1:0" or "global.anthropic.claude-haiku-4-5-20251001-v1:0"'
            ),
        ),
        ("anthropic.claude-opus-5", "no on-demand throughput of its own"),
        ("anthropic.claude-opus-9", "no on-demand throughput of its own"),
        ("meta.llama3-3-70b-instruct-v1:0", 'an inference profile: "us.meta.llama3-3-70b-instruct-v1:0"'),
        ("meta.llama3-1-8b-instruct-v1:0", "no on-demand throughput of its own"),
        ("meta.llama4-scout-17b-instruct-v1:0", "no on-demand throughput of its own"),
        ("amazon.nova-2-lite-v1:0", '"us.amazon.nova-2-lite-v1:0" or "global.amazon.nova-2-lite-v1:0"'),
        ("jp.anthropic.claude-opus-5", "is a profile for regions ap-northeast-1 or ap-northeast-3, not for us-east-1"),
        (
            "us-gov.anthropic.claude-opus-5",
            'regions us-gov-*, not for us-east-1; name an inference profile: "us.anthropic.claude-opus-5" or "global.',
        ),
        ("eu.amazon.nova-lite-v1:0", 'not for us-east-1; name the model by its own id: "amazon.nova-lite-v1:0"'),
    ],
)
def test_a_model_that_cannot_be_called_is_refused_wherever_it_is_named(path: str, model: str, sentence: str) -> None:
    lines = [line for line in refusal(CALLED[path](model)).splitlines() if line.startswith(f"  {path}: ")]
    assert any(sentence in line for line in lines), lines


@pytest.mark.parametrize("model", catalogue.ON_DEMAND_IN)
def test_a_model_with_throughput_of_its_own_in_one_region_is_called_by_its_id_there(model: str) -> None:
    def block(region: str) -> dict[str, Any]:
        return {"region": region, "fine_tuning": {"enabled": False}, "evaluation": {"judges": [model, LLAMA]}}

    assert parse("dev", block("us-west-2")).evaluation.judges == [model, LLAMA]
    assert f'"{model}" has no on-demand throughput of its own' in refusal(block("us-east-2"))


@pytest.mark.parametrize(
    ("path", "model"), [("embedding", "us.cohere.embed-v4:0"), ("rerank", "us.cohere.rerank-v3-5:0")]
)
def test_the_knowledge_base_takes_models_by_their_own_ids(path: str, model: str) -> None:
    assert "is an inference profile; the knowledge base takes" in refusal({"models": {path: model}})
    assert "did you mean" in refusal({"models": {path: "amazon.titan-embed-texts-v2:0"}})


@pytest.mark.parametrize(
    "model", ["us.anthropic.claude-haiku-6", "global.anthropic.claude-sonnet-6-1-20270101-v1:0", "somebody.model-v1:0"]
)
def test_a_model_that_came_later_is_accepted_and_warned_of(model: str) -> None:
    told = warned(judged(model))
    assert any(f'"{model}" is not among the models known on {catalogue.AS_OF.isoformat()}' in line for line in told)


@pytest.mark.parametrize("model", catalogue.LEGACY)
def test_a_legacy_model_is_accepted_and_warned_of(model: str) -> None:
    told = warned(judged(f"us.{model}"))
    assert any(line.startswith(f'evaluation.judges: "us.{model}" is Legacy and ends on 2027-') for line in told)


def test_a_default_judge_that_turns_legacy_is_told_its_successor(monkeypatch: pytest.MonkeyPatch) -> None:
    judges = Evaluation().judges
    for judge in judges:
        monkeypatch.setitem(catalogue.LEGACY, catalogue.foundation_model(judge), date(2027, 12, 31))
    told = warned({"evaluation": {"judges": judges}})
    for judge in judges:
        instead = catalogue.successor(judge)
        assert any(judge in line and line.endswith(f'refused; its successor is "{instead}"') for line in told)


@pytest.mark.parametrize("model", [*Evaluation().judges, *(f"us.{model}" for model in catalogue.LEGACY)])
def test_a_successor_is_active_callable_and_of_the_same_provider(model: str) -> None:
    instead = catalogue.successor(model)
    assert instead is not None
    assert catalogue.foundation_model(instead) in catalogue.ACTIVE
    assert catalogue.family(instead) == catalogue.family(model)
    assert instead in catalogue.profiles_of(instead, "us-east-1")


def test_no_model_is_of_two_states() -> None:
    for model in (*catalogue.ACTIVE, *catalogue.LEGACY):
        assert catalogue.ended(model) is None
        assert meant(model) is None
    assert not set(catalogue.ACTIVE) & set(catalogue.LEGACY)
    for end in catalogue.ENDED:
        assert end.successor in catalogue.ACTIVE


def test_every_geography_is_known() -> None:
    assert set(catalogue.PROFILE_REGIONS) == set(GEOGRAPHIES)
    for prefix in GEOGRAPHIES:
        model = f"{prefix}.anthropic.claude-opus-5"
        assert catalogue.family(model) == "anthropic"
        assert catalogue.foundation_model(model) == "anthropic.claude-opus-5"


@pytest.mark.parametrize(
    ("region", "profiles"),
    [
        ("us-east-1", "us global"),
        ("us-gov-west-1", "us-gov"),
        ("eu-central-1", "eu global"),
        ("ap-south-1", "apac global"),
        ("ap-northeast-1", "apac jp global"),
        ("ap-southeast-2", "apac au global"),
        ("ca-central-1", "us ca global"),
        ("sa-east-1", "global"),
    ],
)
def test_the_profiles_of_a_region_are_offered(region: str, profiles: str) -> None:
    offered = catalogue.profiles_of("anthropic.claude-opus-5", region)
    assert offered == [f"{prefix}.anthropic.claude-opus-5" for prefix in profiles.split()]


@pytest.mark.parametrize(
    ("region", "prefix"), [("ap-northeast-1", "jp"), ("ap-southeast-2", "au"), ("ca-central-1", "ca")]
)
def test_a_profile_is_granted_with_its_models_and_nothing_else(
    region: str, prefix: str, context: dict[str, Any], tmp_path: Path
) -> None:
    judge = f"{prefix}.anthropic.claude-opus-4-8"
    block = {
        "region": region,
        "fine_tuning": {"enabled": False},
        "evaluation": {"judges": [judge, "openai.gpt-oss-120b-1:0"]},
        "generation": {"verifier": judge},
    }
    app = cdk.App(context={**context, "environments": {"far": block}, "env": "far"}, outdir=str(tmp_path))
    build(app)
    app.synth()
    granted = {
        p.resource: p.condition
        for p in permissions(Deployment.read(tmp_path, "far"))
        if p.role == "Evaluation.EngineJudgeRole" and p.action == "bedrock:InvokeModel"
    }
    profile = f"arn:aws:bedrock:{region}:123456789012:inference-profile/{judge}"
    assert granted == {
        profile: "",
        "arn:aws:bedrock:*::foundation-model/anthropic.claude-opus-4-8": (
            f"bedrock:InferenceProfileArn StringEquals {profile}"
        ),
        f"arn:aws:bedrock:{region}::foundation-model/openai.gpt-oss-120b-1:0": "",
    }


def test_the_family_rule_sees_through_every_profile() -> None:
    for prefix, regions in catalogue.PROFILE_REGIONS.items():
        region = regions[0] if regions[0][-1].isdigit() else f"{regions[0]}1"
        judge = f"{prefix}.amazon.nova-2-lite-v1:0"
        message = refusal({"region": region, "evaluation": {"judges": [judge, LLAMA]}})
        assert f'"{judge}" is of the family "amazon"' in message


@pytest.mark.parametrize(
    ("base", "tuned"),
    [
        ("amazon.nova-lite-v1:0", "amazon.nova-lite-v1:0:300k"),
        ("us.amazon.nova-pro-v1:0", "amazon.nova-pro-v1:0:300k"),
        ("global.amazon.nova-2-lite-v1:0", "amazon.nova-2-lite-v1:0:256k"),
    ],
)
def test_the_model_that_answers_is_the_one_that_is_tuned(base: str, tuned: str) -> None:
    settings = parse("dev", {"models": {"base": base}})
    assert settings.fine_tuning.base_model == tuned
    assert not [path for path, _ in warnings("dev", settings, BOOK) if path == "fine_tuning.base_model"]


@pytest.mark.parametrize(
    ("tuned", "called"),
    [
        ("amazon.nova-micro-v1:0:128k", "us.amazon.nova-micro-v1:0"),
        ("amazon.nova-lite-v1:0:300k", "amazon.nova-lite-v1:0"),
        ("amazon.nova-2-lite-v1:0:256k", "us.amazon.nova-2-lite-v1:0"),
        ("amazon.nova-9-v1:0:256k", None),
    ],
)
def test_the_model_that_is_tuned_is_tried_by_an_id_that_is_served(tuned: str, called: str | None) -> None:
    settings = {"models": {"base": "us.amazon.nova-micro-v1:0"}, "fine_tuning": {"base_model": tuned}}
    assert parse("dev", settings).model_to_tune == called


@pytest.mark.parametrize(
    ("mode", "knowledge_base", "tried"),
    [
        ("combined", {}, ["amazon.titan-embed-text-v2:0"]),
        ("fine_tuned", {}, []),
        ("combined", {"existing": "ABCDEFGHIJ"}, []),
    ],
)
def test_a_gate_with_passages_tries_what_embeds_its_questions(
    mode: str, knowledge_base: dict[str, Any], tried: list[str]
) -> None:
    settings = parse("dev", {"evaluation": {"gate": {"mode": mode}}, "knowledge_base": knowledge_base})
    assert called_by_gate(settings) == [*gate_models(settings), *tried]


def test_a_comparison_of_two_models_is_told() -> None:
    (told,) = (
        line for line in warned({"fine_tuning": {"base_model": "amazon.nova-lite-v1:0:300k"}}) if "tuned" in line
    )
    assert '"amazon.nova-micro-v1:0", answers base and rag, and a tuned "amazon.nova-lite-v1:0:300k" the others' in told


def judged(model: str) -> dict[str, Any]:
    return {"evaluation": {"judges": [model, LLAMA]}}


def warned(block: dict[str, Any]) -> list[str]:
    return [sentence for _, sentence in warnings("dev", parse("dev", block), BOOK)]


def test_warnings_stand_in_the_assembly(context: dict[str, Any], tmp_path: Path) -> None:
    """From where the CDK's command line prints them."""
    app = cdk.App(context={**context, "env": "prod"}, outdir=str(tmp_path))
    build(app)
    app.synth()
    metadata = (tmp_path / "Arbiter-prod-Storage.metadata.json").read_text()
    assert re.search(r"alarm_email: is not set; alarms .* tell nobody", metadata)
    assert "monthly_budget_usd: is not set" in metadata


def test_the_regions_are_those_of_the_resource_schemas() -> None:
    needed = {"AWS::Bedrock::KnowledgeBase", "AWS::S3Vectors::Index", "AWS::Lambda::Url", "AWS::Scheduler::Schedule"}
    public = [region for region in REGIONS if not region.startswith(("cn-", "us-gov-", "us-iso", "eu-iso", "eusc-"))]
    having = [region for region in public if needed <= set(PROVIDER_SCHEMA_MANAGER.get_resource_types(region))]
    assert sorted(having) == list(catalogue.REGIONS)


@pytest.mark.parametrize("region", ["us-gov-west-1", "ca-west-1", "us-west-1", "eu-west-9"])
def test_a_region_without_what_the_stacks_need_is_refused(region: str) -> None:
    with pytest.raises(SettingsError, match=f'region: "{region}" is not possible'):
        parse("dev", {"region": region, "fine_tuning": {"enabled": False}})
