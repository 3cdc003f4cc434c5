"""Every function: its environment parses, its handler imports, its runtime is the one that is tested."""

import importlib
import os
import re

import aws_cdk as cdk
from aws_cdk.assertions import Template

from arbiter.settings import FunctionSettings
from arbiter.settings.answering import (
    CheckDocumentsSettings,
    EdgeSettings,
    ProfileSettings,
    RouterSettings,
    ShadowSettings,
    SyncSettings,
)
from arbiter.settings.batch_inference import BatchRecordsSettings
from arbiter.settings.evaluating import (
    AnswerCaseSettings,
    CalibrateSettings,
    JudgeCaseSettings,
    NativeJobsSettings,
    PlanEvaluationSettings,
    StopNativeJobsSettings,
    SummariseSettings,
)
from arbiter.settings.generating import CollectPairsSettings, GeneratePairsSettings, PlanGenerationSettings
from arbiter.settings.tuning import (
    ConcludeTrainingSettings,
    ExpireHostingSettings,
    GateSettings,
    PlaceModelSettings,
    PrepareTrainingSettings,
    PublishSettings,
    RetireModelSettings,
)
from stacks.constructs.base.function import LONGEST
from stacks.constructs.base.log_group import RETENTION, LogGroup
from stacks.constructs.base.source import SOURCE
from stacks.constructs.edge.streaming import ADAPTED, SCRIPT
from tests.stacks.permissions import permissions
from tests.stacks.resolved import Deployment, plain

SETTINGS: dict[str, type[FunctionSettings]] = {
    "router": RouterSettings,
    "shadow": ShadowSettings,
    "edge": EdgeSettings,
    "sync": SyncSettings,
    "make_profile": ProfileSettings,
    "check_documents": CheckDocumentsSettings,
    "calibrate": CalibrateSettings,
    "prepare_training": PrepareTrainingSettings,
    "place_model": PlaceModelSettings,
    "conclude_training": ConcludeTrainingSettings,
    "gate": GateSettings,
    "publish": PublishSettings,
    "summarise": SummariseSettings,
    "plan_generation": PlanGenerationSettings,
    "generate_pairs": GeneratePairsSettings,
    "collect_pairs": CollectPairsSettings,
    "plan_evaluation": PlanEvaluationSettings,
    "answer_case": AnswerCaseSettings,
    "judge_case": JudgeCaseSettings,
    "native_jobs": NativeJobsSettings,
    "batch_records": BatchRecordsSettings,
    "stop_batch_jobs": FunctionSettings,
    "stop_native_jobs": StopNativeJobsSettings,
    "empty_bucket": FunctionSettings,
    "retire_model": RetireModelSettings,
    "expire_hosting": ExpireHostingSettings,
}


def test_every_environment_parses_with_the_handlers_own_settings(deployment: Deployment) -> None:
    for function in deployment.resources("AWS::Lambda::Function"):
        handler = function.properties["Handler"]
        adapted, module = (ADAPTED, "edge") if handler == SCRIPT else ({}, handler.split(".")[2])
        variables = function.properties.get("Environment", {}).get("Variables", {})
        parsed = SETTINGS[module].from_environment(variables)
        assert {**parsed.to_environment(), **adapted} == variables, function.name


def test_what_functions_are_told_later_is_of_a_kind_whose_longest_form_is_known(everything: Deployment) -> None:
    kinds = {f"{made.stack}.{plain(made.id)}": made.type for made in everything.resources()}
    told = [
        (kinds[name], attribute or "Ref")
        for function in everything.resources("AWS::Lambda::Function")
        for value in function.properties.get("Environment", {}).get("Variables", {}).values()
        for name, attribute in re.findall(r"<(\w+\.\w+)(?:\.(\w+))?>", value)
    ]
    assert len(set(told)) > 5
    assert set(told) <= LONGEST.keys()


def test_every_handler_exists(deployment: Deployment) -> None:
    for function in deployment.resources("AWS::Lambda::Function"):
        module, _, name = function.properties["Handler"].rpartition(".")
        if function.properties["Handler"] == SCRIPT:
            script = SOURCE / SCRIPT
            assert os.access(script, os.X_OK)
            module, name = script.read_text().split()[-1], "main"
        assert callable(getattr(importlib.import_module(module), name)), function.name


def test_every_function_is_configured_alike(deployment: Deployment) -> None:
    for function in deployment.resources("AWS::Lambda::Function"):
        properties = function.properties
        assert properties["Runtime"] == "python3.13"
        assert properties["Architectures"] == ["arm64"]
        assert properties["TracingConfig"] == {"Mode": "Active"}
        assert properties["LoggingConfig"]["LogFormat"] == "JSON"
        assert properties["LoggingConfig"]["LogGroup"].startswith(f"<{function.stack}."), function.name


SECONDS = {
    900: "KnowledgeBase.IngestionProfile Evaluation.Summarise Evaluation.EnginePlan Evaluation.EngineAnswer "
    "Evaluation.EngineJudge Evaluation.NativeRun Evaluation.NativeStop Evaluation.BatchInferenceRecords "
    "Evaluation.BatchInferenceStop FineTuning.Conclude Generation.PairsBatchInferenceRecords Generation.PairsPlan "
    "Generation.PairsBatchInferenceStop Generation.PairsGenerate Generation.PairsCollect Storage.EmptiedEmptier",
    600: "FineTuning.Prepare",
    300: "KnowledgeBase.Check Evaluation.Calibrate FineTuning.Retirement",
    120: "FineTuning.HostingExpiry",
    60: "Evaluation.Publish Evaluation.PublishGated FineTuning.Gate FineTuning.Place",
    30: "KnowledgeBase.IngestionSync",
    29: "Inference.Router Inference.Shadow Edge.Front Edge.StreamingStream",
}
"""The time that each function has: as long as Lambda lets it where its work grows with what it is given."""
WITH_LAYERS = {"FineTuning.Prepare", "Generation.PairsCollect", "Edge.StreamingStream"}


def test_every_function_has_the_time_and_the_libraries_that_its_work_takes(
    everything: Deployment, dev: Deployment
) -> None:
    expected = {name: seconds for seconds, names in SECONDS.items() for name in names.split()}
    made = [f for d in (everything, dev) for f in d.resources("AWS::Lambda::Function")]
    assert {f.name.removesuffix("Function"): f.properties["Timeout"] for f in made} == expected
    assert all(f.properties["MemorySize"] >= 256 for f in made)
    assert {f.name.removesuffix("Function") for f in made if f.properties.get("Layers")} == WITH_LAYERS


def test_every_log_group_forgets(deployment: Deployment) -> None:
    groups = list(deployment.resources("AWS::Logs::LogGroup"))
    assert {g.properties["RetentionInDays"] for g in groups} == {30}


def test_logs_are_kept_as_many_days_as_the_setting_says() -> None:
    stack = cdk.Stack(cdk.App())
    for days in RETENTION:
        LogGroup(stack, f"Kept{days}", retention_days=days)
    made = Template.from_stack(stack).find_resources("AWS::Logs::LogGroup")
    assert {f"Kept{one['Properties']['RetentionInDays']}Group" for one in made.values()} == set(map(plain, made))


def test_all_functions_are_one_asset(deployment: Deployment) -> None:
    assert len({f.properties["Code"]["S3Key"] for f in deployment.resources("AWS::Lambda::Function")}) == 1


def test_the_router_is_asked_through_its_alias(deployment: Deployment) -> None:
    alias = deployment.one("AWS::Lambda::Alias")
    assert alias.properties["Name"] == "live"
    url = deployment.one("AWS::Lambda::Url").properties
    assert (url["AuthType"], url["Qualifier"], url.get("InvokeMode", "BUFFERED")) == ("AWS_IAM", "live", "BUFFERED")


def test_only_what_answers_reads_the_prompts_and_nothing_else_of_the_assets(dev: Deployment) -> None:
    assets = {(one.role, one.action, one.resource) for one in permissions(dev) if "assets" in one.resource}
    assert {role for role, _, _ in assets} == {"Inference.RouterRole", "Evaluation.EngineAnswerRole"}
    ((action, resource),) = {(action, resource) for _, action, resource in assets}
    keys = [
        function.properties["Environment"]["Variables"].get("ARBITER_PROMPTS_KEY")
        for function in dev.resources("AWS::Lambda::Function")
        if "Environment" in function.properties
    ]
    assert (action, {resource.rpartition("/")[2]}) == ("s3:GetObject", set(filter(None, keys)))
