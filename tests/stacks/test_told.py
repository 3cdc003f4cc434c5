"""Amounts of the settings reach what they are for: each is another than its default, and no constant passes for it."""

import json
from typing import Any

import pytest

from stacks.settings.environment import Settings
from tests.stacks.blocks import leaves
from tests.stacks.conftest import TOLD
from tests.stacks.permissions import may
from tests.stacks.resolved import Deployment

Path = tuple[str | int, ...]
Place = tuple[str, str, Path]
"""A kind of resource, a part of the names of some, and a path into their properties; texts on it are read as JSON."""
FUNCTION, STAGE, BUDGET = "AWS::Lambda::Function", "AWS::ApiGateway::Stage", "AWS::Budgets::Budget"
CHUNKS = ("VectorIngestionConfiguration", "ChunkingConfiguration", "FixedSizeChunkingConfiguration")
EMBEDDING = ("KnowledgeBaseConfiguration", "VectorKnowledgeBaseConfiguration", "EmbeddingModelConfiguration")
ANSWERING = ("Inference.Router", "Inference.Shadow", "EngineAnswer", "Edge.Front")
ASKING = (*ANSWERING, "PairsGenerate")


def variable(function: str, name: str, *path: str) -> Place:
    return FUNCTION, function, ("Environment", "Variables", f"ARBITER_{name}", *path)


def variables(functions: tuple[str, ...], name: str) -> list[Place]:
    return [variable(function, name) for function in functions]


def state(machine: str, *path: str) -> Place:
    return "AWS::StepFunctions::StateMachine", machine, ("DefinitionString", "States", *path)


def properties(functions: tuple[str, ...], name: str) -> list[Place]:
    return [(FUNCTION, function, (name,)) for function in functions]


LIMITS = ("EnginePlan", "LIMITS")
SAID: dict[str, list[tuple[list[Place], object]]] = {
    "poll_seconds": [
        ([state("FineTuning", "AwaitDeployment", "Seconds"), variable("FineTuning.Conclude", "REST_SECONDS")], 7),
        ([state("Generation", "generatorJobWait", "Seconds")], 7),
    ],
    "models.embedding_dimensions": [
        ([("AWS::S3Vectors::Index", "", ("Dimension",))], 256),
        (
            [
                (
                    "AWS::Bedrock::KnowledgeBase",
                    "",
                    (*EMBEDDING, "BedrockEmbeddingModelConfiguration", "Dimensions"),
                )
            ],
            256,
        ),
    ],
    "chunking.max_tokens": [
        ([("AWS::Bedrock::DataSource", "", (*CHUNKS, "MaxTokens"))], 410),
        (variables((*ASKING, "PairsPlan"), "PASSAGE_TOKENS"), 410),
        ([variable(*LIMITS, "passage_tokens")], 410),
    ],
    "chunking.overlap_percentage": [([("AWS::Bedrock::DataSource", "", (*CHUNKS, "OverlapPercentage"))], 13)],
    "retrieval.results": [
        (variables((*ASKING, "PairsPlan", "PairsCollect"), "RESULTS"), 7),
        ([variable(*LIMITS, "results")], 7),
    ],
    "retrieval.minimum_score": [(variables(ASKING, "MINIMUM_SCORE"), 0.25)],
    "prompting.example_tokens": [
        (variables(ANSWERING, "EXAMPLE_TOKENS"), 650),
        ([variable(*LIMITS, "example_tokens")], 650),
    ],
    "prompting.thinking_tokens": [
        (variables(ANSWERING, "THINKING_TOKENS"), 900),
        ([variable(*LIMITS, "thinking_tokens")], 900),
    ],
    "fine_tuning.epochs": [([variable("FineTuning.Prepare", "HYPERPARAMETERS", "epochCount")], 3)],
    "fine_tuning.learning_rate": [([variable("FineTuning.Prepare", "HYPERPARAMETERS", "learningRate")], 2e-5)],
    "fine_tuning.warmup_steps": [([variable("FineTuning.Prepare", "HYPERPARAMETERS", "learningRateWarmupSteps")], 11)],
    "fine_tuning.validation_percentage": [([variable("FineTuning.Prepare", "VALIDATION_PERCENTAGE")], 15)],
    "fine_tuning.max_training_tokens": [([variable("FineTuning.Prepare", "MAX_TRAINING_TOKENS")], 40_000_000)],
    "fine_tuning.max_training_cost_usd": [([variable("FineTuning.Prepare", "MAX_TRAINING_COST_USD")], 45)],
    "generation.held_out_percentage": [(variables(("PairsPlan", "PairsGenerate"), "HELD_OUT_PERCENTAGE"), 25)],
    "generation.max_tokens": [([variable("PairsPlan", "CEILING", "tokens")], 4_000_000)],
    "generation.max_cost_usd": [([variable("PairsPlan", "CEILING", "usd")], 9)],
    "generation.concurrency": [
        ([state("Generation", name, "MaxConcurrency") for name in ("Generate", "Ask_generator", "Ask_verifier")], 4)
    ],
    "generation.batch_minimum": [([variable("PairsBatchInferenceRecords", "MINIMUM")], 300)],
    "router.memory_mb": [(properties(ANSWERING, "MemorySize"), 640)],
    "router.timeout_seconds": [
        (properties(("Inference.Router", "Inference.Shadow", "Edge.Front"), "Timeout"), 21),
        ([variable("EngineAnswer", "ANSWER_SECONDS")], 20),
        ([("AWS::CloudWatch::Alarm", "RouterLatency", ("Threshold",))], 16_800),
    ],
    "router.tuned_model_cache_seconds": [(variables(ANSWERING, "TUNED_MODEL_TTL_SECONDS"), 12)],
    "router.shadow.share": [(variables(("Inference.Router", "Edge.Front"), "SHADOW_SHARE"), 0.3)],
    "router.shadow.daily_usd": [([variable("Inference.Shadow", "SHADOW_DAILY_USD")], 0.7)],
    "feedback.keep_text_days": [
        (
            [("AWS::S3::Bucket", "Storage.ResultsBucket", ("LifecycleConfiguration", "Rules", 1, "ExpirationInDays"))],
            33,
        )
    ],
    "evaluation.concurrency": [
        ([state("Evaluation", name, "MaxConcurrency") for name in ("Answer", "Judge", "AskJudges")], 6)
    ],
    "evaluation.max_cost_usd": [([variable(*LIMITS, "max_cost_usd")], 21)],
    "evaluation.batch_minimum": [([variable("Evaluation.BatchInferenceRecords", "MINIMUM")], 400)],
    "edge.requests_per_second": [([(STAGE, "", ("MethodSettings", 0, "ThrottlingRateLimit"))], 8)],
    "edge.burst": [([(STAGE, "", ("MethodSettings", 0, "ThrottlingBurstLimit"))], 16)],
    "edge.requests_per_address": [
        ([("AWS::WAFv2::WebACL", "", ("Rules", 0, "Statement", "RateBasedStatement", "Limit"))], 250)
    ],
    "monthly_budget_usd": [([(BUDGET, "", ("Budget", "BudgetLimit", "Amount"))], 70)],
}
WORDS: dict[str, list[tuple[Place, object]]] = {
    "language": [
        (
            (
                "AWS::S3Vectors::Index",
                "",
                ("MetadataConfiguration", "TextSearchConfigurations", 0, "Language"),
            ),
            "de",
        ),
        (variable("Inference.Router", "HYBRID_SEARCH"), True),
    ],
    "search": [(variable(function, "SEARCH"), "hybrid") for function in ANSWERING],
    "technique": [(variable(function, "PROMPTING"), "chain_of_thought") for function in ANSWERING],
    "house_style": [(variable(function, "HOUSE_STYLE"), True) for function in ANSWERING],
    "shadow mode": [(variable("Inference.Shadow", "SHADOW_MODE"), "base")],
    "log retention": [(("AWS::Logs::LogGroup", "", ("RetentionInDays",)), 90)],
    "gate mode": [(variable("FineTuning.Place", "GATE_MODE"), "combined")],
}
ELSEWHERE = {
    *(f"chunking.{name}" for name in ("parent_tokens", "overlap_tokens", "buffer_sentences", "breakpoint_percentile")),
    *(f"evaluation.gate.{name}" for name in ("margin", "minimum_cases")),
    *(f"evaluation.gate.max_{name}" for name in ("latency_ratio", "cost_ratio", "failure_rate")),
}
"""Amounts that another strategy of cutting goes by (test_document_settings), and those of the gate (`hosted`)."""


def at(value: Any, path: Path) -> Any:
    for part in path:
        value = (json.loads(value) if isinstance(value, str) else value)[part]
    return value


def values_at(deployment: Deployment, place: Place) -> list[Any]:
    """The values at a place of each resource of its kind and name."""
    kind, name, path = place
    return [at(one.properties, path) for one in deployment.resources(kind) if name in one.name]


@pytest.mark.parametrize("setting", SAID)
def test_an_amount_of_the_settings_reaches_all_that_goes_by_it(told: Deployment, setting: str) -> None:
    for places, amount in SAID[setting]:
        for place in places:
            assert {float(one) for one in values_at(told, place)} == {amount}, place


@pytest.mark.parametrize("setting", WORDS)
def test_a_choice_of_the_settings_reaches_all_that_goes_by_it(told: Deployment, setting: str) -> None:
    for place, choice in WORDS[setting]:
        values = values_at(told, place)
        assert values, place
        assert {json.loads(one) if one in ("true", "false") else one for one in values} == {choice}, place


def test_words_are_searched_in_every_language_by_all_who_answer(told: Deployment) -> None:
    for place in variables(ANSWERING, "VECTOR_INDEX"):
        (index,) = values_at(told, place)
        (role,) = values_at(told, (*place[:2], ("Role",)))
        assert may(told, role, "s3vectors:QueryVectors", index), place


def test_every_amount_of_the_settings_is_told_from_its_default() -> None:
    amounts = {".".join(path): path for path, bounds in leaves(Settings) if bounds}
    assert amounts.keys() == SAID.keys() | ELSEWHERE
    plain = Settings.model_validate({}).model_dump()
    for setting in SAID:
        assert at(TOLD, amounts[setting]) != at(plain, amounts[setting]), setting
