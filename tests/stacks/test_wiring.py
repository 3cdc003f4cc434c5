"""The wiring of the templates, stated piece by piece: a snapshot that was accepted unread undoes none of it."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from arbiter.evaluation.run.arms import MODES
from tests.stacks.pipelines import definition, tasks
from tests.stacks.resolved import Deployment

EVERY_MODE = (*MODES, "auto")
BY_MODE = ("Environment", "Mode")
OWN = ("Environment",)
ROUTER, PROFILES = "<Inference.RouterFunction>", "<KnowledgeBase.IngestionProfileFunction>"
ALARMS: dict[str, set[tuple[str, str, str, tuple[str, ...]]]] = {
    "RouterErrors": {("Arbiter", "Errors", "Sum", BY_MODE), ("Arbiter", "Requests", "Sum", BY_MODE)},
    "RouterLatency": {("AWS/Lambda", "Duration", "p90", (ROUTER, f"{ROUTER}:live"))},
    "DocumentsNotIndexed": {
        (
            "AWS/SQS",
            "ApproximateNumberOfMessagesVisible",
            "Maximum",
            ("<KnowledgeBase.IngestionDeadLetters.QueueName>",),
        ),
        ("Arbiter", "DocumentsFailed", "Sum", OWN),
        ("Arbiter", "JobsFailed", "Sum", OWN),
    },
    "QualityRegression": {("Arbiter", "QualityRegression", "Maximum", BY_MODE)},
    "ProfileNotMade": {("AWS/Lambda", "Errors", "Sum", (PROFILES,))},
    "HostingByTheHour": {("Arbiter", "HostedModelUnits", "Sum", OWN)},
    "HostedModelExpired": {("Arbiter", "HostingExpiredInService", "Sum", OWN)},
}
"""Alarm -> namespace, metric, statistic, and the dimensions' names of Arbiter's metrics or values of AWS's."""
POINTERS = {"ARBITER_CANDIDATE_PARAMETER": "<Storage.TunedModelCandidate>"} | dict.fromkeys(
    ("ARBITER_IN_SERVICE_PARAMETER", "ARBITER_TUNED_MODEL_PARAMETER"), "<Storage.TunedModelInService>"
)
BUCKETS = {f"ARBITER_{name.upper()}_BUCKET": f"<Storage.{name}Bucket>" for name in ("Documents", "Training", "Results")}
BUCKETS |= dict.fromkeys(("ARBITER_PROFILES_BUCKET", "ARBITER_FEEDBACK_BUCKET"), BUCKETS["ARBITER_RESULTS_BUCKET"])
REFERENCES: dict[str, tuple[str, str]] = {
    **{f"{name}_BUCKET": ("S3::Bucket", "") for name in ("DOCUMENTS", "TRAINING", "RESULTS", "PROFILES", "FEEDBACK")},
    **{f"{name}_PARAMETER": ("SSM::Parameter", "") for name in ("CANDIDATE", "IN_SERVICE", "TUNED_MODEL")},
    "KNOWLEDGE_BASE_ID": ("Bedrock::KnowledgeBase", "KnowledgeBaseId"),
    "DATA_SOURCE_ID": ("Bedrock::DataSource", "DataSourceId"),
    "VECTOR_INDEX": ("S3Vectors::VectorBucket", "VectorBucketArn"),
    "PROFILE_FUNCTION": ("Lambda::Function", "Arn"),
    "SHADOW_FUNCTION": ("Lambda::Function", "Arn"),
    "QUEUE_URL": ("SQS::Queue", ""),
    "ROLE_ARN": ("IAM::Role", "Arn"),
    "TABLE": ("DynamoDB::Table", ""),
    "GUARDRAIL": ("Bedrock::Guardrail", "GuardrailArn"),
}
"""A variable that refers to a resource -> its type, and what of it; a reference of another name is not known here."""
VALUES: dict[str, dict[str, str]] = {
    "Inference.Router": {
        "ARBITER_BASE_MODEL": "us.amazon.nova-2-lite-v1:0",
        "ARBITER_RESULTS": "5",
        "ARBITER_PASSAGE_TOKENS": "8192",
        "ARBITER_MINIMUM_SCORE": "0.0",
        "ARBITER_MAX_OUTPUT_TOKENS": "512",
        "ARBITER_TUNED_MODEL_TTL_SECONDS": "30.0",
        "ARBITER_LOG_TEXT": "true",
    },
    "FineTuning.Prepare": {
        "ARBITER_BASE_MODEL": "amazon.nova-2-lite-v1:0:256k",
        "ARBITER_HYPERPARAMETERS": '{"epochCount":"2","learningRate":"0.00001","learningRateWarmupSteps":"10"}',
        "ARBITER_VALIDATION_PERCENTAGE": "10",
    },
    "FineTuning.Conclude": {"ARBITER_REST_SECONDS": "10"},
    "Generation.PairsGenerate": {
        "ARBITER_GENERATOR": "amazon.nova-lite-v1:0",
        "ARBITER_VERIFIER": "us.anthropic.claude-haiku-4-5-20251001-v1:0",
        "ARBITER_HELD_OUT_PERCENTAGE": "20",
    },
    "Generation.PairsPlan": {"ARBITER_HELD_OUT_PERCENTAGE": "20"},
    "Generation.PairsBatchInferenceRecords": {"ARBITER_PREFIX": "generation/", "ARBITER_MINIMUM": "200"},
    "Evaluation.BatchInferenceRecords": {"ARBITER_PREFIX": "evaluations/", "ARBITER_MINIMUM": "200"},
}
"""Function -> variables, by the settings of `everything`."""
SAME = (
    *("BASE_MODEL", "RESULTS", "PASSAGE_TOKENS", "MINIMUM_SCORE", "MAX_OUTPUT_TOKENS", "TUNED_MODEL_TTL_SECONDS"),
    *("HOUSE_STYLE", "HYBRID_SEARCH", "RERANK_MODEL"),
)
"""Settings by which the router answers, and the evaluation as the router would."""
MEMORY = {"Router": 512, "EngineAnswer": 512, "EngineJudge": 512, "Summarise": 1024, "PairsCollect": 1024}
MEMORY |= {"Prepare": 1024, "Records": 1024, "EnginePlan": 1024}
GATED_JUDGES = 2


def variables(deployment: Deployment, function: str) -> dict[str, str]:
    found: dict[str, str] = deployment.one("AWS::Lambda::Function", function).properties["Environment"]["Variables"]
    return found


def metrics(alarm: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """The id and the metric of everything that an alarm reads, with its statistic and period."""
    for one in alarm.get("Metrics", ()):
        if "MetricStat" in one:
            yield one["Id"], {**one["MetricStat"]["Metric"], **one["MetricStat"]}
    if "MetricName" in alarm:
        yield "", {**alarm, "Stat": alarm.get("Statistic") or alarm["ExtendedStatistic"]}


def test_every_alarm_reads_what_it_is_named_after(hosted: Deployment) -> None:
    found: dict[str, set[tuple[str, str, str, tuple[str, ...]]]] = {}
    for alarm in hosted.resources("AWS::CloudWatch::Alarm"):
        for _, metric in metrics(alarm.properties):
            ours = metric["Namespace"] == "Arbiter"
            dimensions = tuple(one["Name" if ours else "Value"] for one in metric["Dimensions"])
            entry = (metric["Namespace"], metric["MetricName"], metric["Stat"], dimensions)
            found.setdefault(alarm.name.removeprefix("Operations.Alarms"), set()).add(entry)
            assert metric["Period"] == 300, alarm.name
            own = [one["Value"] for one in metric["Dimensions"] if one["Name"] == "Environment"]
            assert own == (["hosted"] if ours else []), alarm.name
    assert found == ALARMS


@pytest.mark.parametrize(("name", "modes"), [("RouterErrors", EVERY_MODE), ("QualityRegression", MODES)])
def test_an_alarm_leaves_no_mode_out(hosted: Deployment, name: str, modes: tuple[str, ...]) -> None:
    alarm = hosted.one("AWS::CloudWatch::Alarm", name).properties
    (expression,) = (one["Expression"] for one in alarm["Metrics"] if "Expression" in one)
    read = {identifier: metric for identifier, metric in metrics(alarm) if f"FILL({identifier}, 0)" in expression}
    assert len(read) == len(alarm["Metrics"]) - 1
    for metric in {one["MetricName"] for one in read.values()}:
        told = [one["Dimensions"][1]["Value"] for one in read.values() if one["MetricName"] == metric]
        assert sorted(told) == sorted(modes), metric


def test_alarms_are_mailed_to_whom_the_settings_name(everything: Deployment) -> None:
    subscription = everything.one("AWS::SNS::Subscription").properties
    assert (subscription["Protocol"], subscription["Endpoint"]) == ("email", "somebody@example.com")
    assert subscription["TopicArn"] == "<Operations.Alerts>"


def test_nothing_that_listens_is_switched_off(everything: Deployment) -> None:
    for kind in ("AWS::Events::Rule", "AWS::Scheduler::Schedule"):
        for one in everything.resources(kind):
            assert one.properties.get("State", "ENABLED") == "ENABLED", one.name
    for mapping in everything.resources("AWS::Lambda::EventSourceMapping"):
        assert mapping.properties.get("Enabled", True) is True


def test_many_changes_are_one_job_and_none_is_forgotten(deployment: Deployment) -> None:
    mapping = deployment.one("AWS::Lambda::EventSourceMapping").properties
    assert (mapping["BatchSize"], mapping["MaximumBatchingWindowInSeconds"]) == (1000, 5)
    assert deployment.one("AWS::Lambda::Function", "Sync").properties["Timeout"] >= 30
    for queue in deployment.resources("AWS::SQS::Queue"):
        assert queue.properties.get("MessageRetentionPeriod", 345_600) >= 345_600, queue.name


def test_what_looks_every_five_minutes_is_done_before_it_looks_again(hosted: Deployment) -> None:
    retry = hosted.one("AWS::Scheduler::Schedule", "Expiry").properties["Target"]["RetryPolicy"]
    assert (retry["MaximumEventAgeInSeconds"], retry["MaximumRetryAttempts"] >= 2) == (300, True)
    assert hosted.one("AWS::Lambda::Function", "HostingExpiry").properties["Timeout"] < 300
    prices = json.loads(variables(hosted, "HostingExpiry")["ARBITER_USD_PER_UNIT_HOUR"])
    assert prices["amazon.nova-2-lite-v1:0:256k"] == 60.5


def test_passages_are_cut_and_compared_as_the_settings_say(deployment: Deployment) -> None:
    assert deployment.one("AWS::S3Vectors::Index").properties["DistanceMetric"] == "cosine"
    source = deployment.one("AWS::Bedrock::DataSource").properties
    chunks = source["VectorIngestionConfiguration"]["ChunkingConfiguration"]
    fixed = {"MaxTokens": 300, "OverlapPercentage": 20}
    whole = deployment.environment == "everything"  # Its documents are cut by a function of the owner's.
    assert chunks["ChunkingStrategy"] == ("NONE" if whole else "FIXED_SIZE")
    assert chunks.get("FixedSizeChunkingConfiguration") == (None if whole else fixed)
    # The stack's end deletes the index with its vectors; what deletes them first needs a role that may be gone.
    assert source["DataDeletionPolicy"] == "RETAIN"
    assert "InclusionPrefixes" not in source["DataSourceConfiguration"]["S3Configuration"]


@pytest.mark.parametrize("environment", ["everything", "hosted", "managed"])
def test_every_variable_that_names_a_place_names_that_of_its_name(synthesise: Any, environment: str) -> None:
    deployment: Deployment = synthesise(environment)
    for function in deployment.resources("AWS::Lambda::Function"):
        for name, value in function.properties.get("Environment", {}).get("Variables", {}).items():
            expected = {**POINTERS, **BUCKETS, "ARBITER_ENVIRONMENT": environment}.get(name, value)
            assert value == expected, f"{function.name}: {name}"
    for pointer in deployment.resources("AWS::SSM::Parameter"):
        assert (pointer.properties["Value"], pointer.properties["Type"]) == ("none", "String")


@pytest.mark.parametrize("environment", ["everything", "hosted", "managed", "elsewhere", "told"])
def test_every_variable_that_refers_to_a_resource_refers_to_one_of_its_kind(synthesise: Any, environment: str) -> None:
    deployment: Deployment = synthesise(environment)
    types = {one.name: one.type for one in deployment.resources()}
    for function in deployment.resources("AWS::Lambda::Function"):
        for name, value in function.properties.get("Environment", {}).get("Variables", {}).items():
            if found := re.match(r"<(\w+\.\w+)(?:\.(\w+))?>", value):
                of = types[found[1]].removeprefix("AWS::"), found[2] or ""
                assert of == REFERENCES[name.removeprefix("ARBITER_")], f"{function.name}: {name}"


@pytest.mark.parametrize("function", VALUES)
def test_functions_read_what_the_settings_say(everything: Deployment, function: str) -> None:
    read = variables(everything, function)
    assert {name: read[name] for name in VALUES[function]} == VALUES[function]


def test_the_evaluation_answers_as_the_router_does(everything: Deployment) -> None:
    router, engine = variables(everything, "Inference.Router"), variables(everything, "EngineAnswer")
    assert [engine[f"ARBITER_{name}"] for name in SAME] == [router[f"ARBITER_{name}"] for name in SAME]
    prices = json.loads(router["ARBITER_PRICES"])
    assert prices["us.amazon.nova-2-lite-v1:0"]
    assert prices["search"]
    assert prices.items() <= json.loads(engine["ARBITER_PRICES"]).items()


def test_a_gate_tries_its_judges_before_the_training(prod: Deployment) -> None:
    tried = json.loads(variables(prod, "FineTuning.Prepare")["ARBITER_GATE_MODELS"])["all"]
    judges = json.loads(variables(prod, "EnginePlan")["ARBITER_MODELS"])["judges"]
    assert tried == [variables(prod, "Inference.Router")["ARBITER_BASE_MODEL"], *judges]
    assert len(judges) == GATED_JUDGES
    assert variables(prod, "FineTuning.Prepare")["ARBITER_CALLED_BASE_MODEL"] == tried[0]


def test_an_evaluation_is_told_what_embeds_and_reranks(everything: Deployment, prod: Deployment) -> None:
    told = [variables(one, "EnginePlan") for one in (everything, prod)]
    assert [one["ARBITER_EMBEDDING_MODEL"] for one in told] == ["amazon.titan-embed-text-v2:0"] * 2
    assert [one.get("ARBITER_RERANK_MODEL") for one in told] == ["cohere.rerank-v3-5:0", None]


def test_functions_that_hold_files_have_the_memory_for_them(everything: Deployment) -> None:
    for name, least in MEMORY.items():
        for function in everything.resources("AWS::Lambda::Function"):
            if name in function.name:
                assert function.properties["MemorySize"] >= least, function.name


def test_maps_ask_no_more_at_once_than_the_settings_allow(everything: Deployment) -> None:
    found = [state for machine in everything.resources("AWS::StepFunctions::StateMachine") for state in maps(machine)]
    assert len(found) >= 4
    for state in found:
        assert state["MaxConcurrency"] == 5
        # An express child may be billed and run twice, and ends after five minutes.
        assert state["ItemProcessor"]["ProcessorConfig"] == {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}


def maps(machine: Any) -> Iterator[dict[str, Any]]:
    yield from (state for state in definition(machine)["States"].values() if state["Type"] == "Map")


def test_pipelines_look_as_often_as_the_settings_say(prod: Deployment) -> None:
    for graph, name, state in waits(prod):
        assert 30 <= state["Seconds"] <= 600, f"{graph}.{name}"


def waits(deployment: Deployment) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for machine in deployment.resources("AWS::StepFunctions::StateMachine"):
        for name, state in definition(machine)["States"].items():
            if state["Type"] == "Wait" and not isinstance(state.get("Seconds"), str):
                yield machine.name, name, state


def test_a_training_is_followed_and_what_fits_no_case_is_a_failure(prod: Deployment) -> None:
    machine = prod.one("AWS::StepFunctions::StateMachine", "FineTuning")
    choices = [state for state in definition(machine)["States"].values() if state["Type"] == "Choice"]
    assert {state["Default"] for state in choices if "Default" in state} == {"ConcludeFailure"}
    jobs = [s["Resource"] for _, _, s in tasks(prod) if "createModelCustomizationJob" in s["Resource"]]
    assert jobs
    assert all(job.endswith(".sync") for job in jobs)
