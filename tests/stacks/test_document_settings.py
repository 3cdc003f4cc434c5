"""How documents are cut, parsed and embedded: what AWS would refuse is refused before anything is deployed."""

from typing import Any, cast

import aws_cdk as cdk
import pytest

from stacks.constructs.base.bucket import Bucket
from stacks.constructs.knowledge.reading import edition_of, vector_ingestion
from stacks.parsing import parse
from stacks.settings.documents import Chunking, Parsing
from stacks.settings.problems import SettingsError
from tests.stacks.refusal import refusal

READER = "us.amazon.nova-2-lite-v1:0"
COHERE = "cohere.embed-multilingual-v3"
FUNCTION = "arn:aws:lambda:eu-west-1:123456789012:function:cut"
CUT: list[tuple[dict[str, Any], dict[str, Any]]] = [
    (
        {"max_tokens": 200},
        {
            "chunkingStrategy": "FIXED_SIZE",
            "fixedSizeChunkingConfiguration": {"maxTokens": 200, "overlapPercentage": 20},
        },
    ),
    (
        {"strategy": "hierarchical", "max_tokens": 200},
        {
            "chunkingStrategy": "HIERARCHICAL",
            "hierarchicalChunkingConfiguration": {
                "levelConfigurations": [{"maxTokens": 1500}, {"maxTokens": 200}],
                "overlapTokens": 60,
            },
        },
    ),
    (
        {"strategy": "semantic", "max_tokens": 400, "buffer_sentences": 1, "breakpoint_percentile": 90},
        {
            "chunkingStrategy": "SEMANTIC",
            "semanticChunkingConfiguration": {"maxTokens": 400, "bufferSize": 1, "breakpointPercentileThreshold": 90},
        },
    ),
    ({"strategy": "none"}, {"chunkingStrategy": "NONE"}),
]
PARSED: list[tuple[dict[str, Any], dict[str, Any] | None]] = [
    ({}, None),
    ({"strategy": "data_automation"}, {"parsingStrategy": "BEDROCK_DATA_AUTOMATION"}),
    *(
        (
            {"strategy": "foundation_model", "model": model, "prompt": "Read."},
            {
                "parsingStrategy": "BEDROCK_FOUNDATION_MODEL",
                "bedrockFoundationModelConfiguration": {
                    "modelArn": {"Fn::Join": ["", ["arn:", {"Ref": "AWS::Partition"}, f":bedrock:us-east-1:{named}"]]},
                    "parsingPrompt": {"parsingPromptText": "Read."},
                },
            },
        )
        for model, named in (
            (READER, f"123456789012:inference-profile/{READER}"),
            ("amazon.nova-lite-v1:0", ":foundation-model/amazon.nova-lite-v1:0"),
        )
    ),
]


@pytest.mark.parametrize(
    ("block", "sentence"),
    [
        ({"models": {"embedding_type": "binary"}}, 'embedding_type: "binary" is not possible: S3 Vectors'),
        ({"chunking": {"strategy": "hierarchical", "parent_tokens": 300}}, "300 tokens hold no passage of 300"),
        (
            {"chunking": {"strategy": "hierarchical", "parent_tokens": 7701}},
            "7,701 and 300 tokens are more than 8,000 together: S3 Vectors keeps the parent's text",
        ),
        ({"chunking": {"strategy": "hierarchical", "overlap_tokens": 300}}, "repeat all of a passage of 300; lower it"),
        ({"chunking": {"strategy": "semantic", "overlap_percentage": 9}}, 'nothing with chunking.strategy "semantic"'),
        ({"chunking": {"strategy": "none", "max_tokens": 9}}, 'max_tokens: does nothing with chunking.strategy "none"'),
        (
            {"models": {"embedding": COHERE}, "chunking": {"max_tokens": 513}},
            f'513 tokens are more than "{COHERE}" embeds',
        ),
        ({"models": {"embedding": "cohere.embed-v4:0", "embedding_dimensions": 999}}, "allowed: 256, 512, 1024, 1536"),
        ({"chunking": {"transformation": FUNCTION}}, "the function is in eu-west-1, but the knowledge base in us-east"),
        ({"parsing": {"strategy": "foundation_model"}}, "parsing.model: is needed"),
        ({"parsing": {"strategy": "foundation_model", "model": "amazon.nova-micro-v1:0"}}, "reads text alone"),
        ({"parsing": {"strategy": "foundation_model", "model": "amazon.nova-premier-v1:0"}}, "has ended"),
        ({"parsing": {"model": READER}}, 'parsing.model: does nothing with parsing.strategy "default"'),
    ],
)
def test_what_aws_would_refuse_is_refused_in_a_sentence(block: dict[str, Any], sentence: str) -> None:
    assert sentence in refusal(block)


@pytest.mark.parametrize(
    "path", ["models.base", "parsing.model", "generation.generator", "models.embedding", "models.rerank"]
)
@pytest.mark.parametrize("model", ["amazon.titan-embed-text-v2:0", "cohere.rerank-v3-5:0", "amazon.nova-lite-v1:0"])
def test_a_model_of_another_kind_is_refused(path: str, model: str) -> None:
    block, name = path.split(".")
    needed = {"parsing": {"strategy": "foundation_model"}}.get(block, {})
    of = "embed" if "embed" in model else "rerank" if "rerank" in model else "write"
    fits = of == {"models.embedding": "embed", "models.rerank": "rerank"}.get(path, "write")
    try:
        parse("dev", {block: {**needed, name: model}})
        told = ""
    except SettingsError as error:
        told = str(error)
    assert (f'{path}: "{model}" is' in told) is not fits, told


@pytest.mark.parametrize(
    ("block", "setting"),
    [
        ({"chunking": {"max_tokens": 500}}, "chunking.max_tokens"),
        ({"parsing": {"strategy": "data_automation"}}, "parsing.strategy"),
        ({"models": {"embedding": "cohere.embed-multilingual-v3"}}, "models.embedding"),
        ({"models": {"embedding_dimensions": 256}}, "models.embedding_dimensions"),
        ({"knowledge_base": {"language": None}}, "knowledge_base.language"),
    ],
)
def test_what_others_chose_is_not_chosen_again(block: dict[str, Any], setting: str) -> None:
    theirs = {**block, "knowledge_base": {**block.get("knowledge_base", {}), "existing": "ABCDEFGHIJ"}}
    sentence = refusal(theirs)
    assert f"{setting}: does nothing with knowledge_base.existing: who made " in sentence
    assert sentence.count("\n") == 1, sentence


@pytest.mark.parametrize(
    ("block", "sentence"),
    [
        ({"chunking": {"strategy": "semantic"}}, "chunking.strategy: is not possible with knowledge_base.store"),
        ({"parsing": {"strategy": "data_automation"}}, "parsing.strategy: is not possible with knowledge_base.store"),
        ({"models": {"embedding_dimensions": 256}}, "models.embedding_dimensions: is not possible with"),
        ({"region": "ca-central-1"}, 'knowledge_base.store: "managed" is offered in us-east-1, '),
    ],
)
def test_what_a_managed_knowledge_base_decides_by_itself_is_not_chosen(block: dict[str, Any], sentence: str) -> None:
    assert sentence in refusal({**block, "knowledge_base": {"store": "managed"}})


def test_an_edition_changes_with_its_reading_and_not_with_a_default_that_is_written_down() -> None:
    assert edition_of(Chunking(), Parsing()) == edition_of(Chunking(strategy="fixed", max_tokens=500), Parsing()) == []
    readings = [
        edition_of(Chunking(strategy="semantic"), Parsing()),
        edition_of(Chunking(strategy="semantic", breakpoint_percentile=90), Parsing()),
        edition_of(Chunking(transformation=FUNCTION), Parsing()),
        edition_of(Chunking(), Parsing(strategy="foundation_model", model=READER)),
    ]
    assert len({str(reading) for reading in readings}) == len(readings)


@pytest.mark.parametrize(
    ("chunking", "read", "embedded"),
    [
        (Chunking(), 300, 300),
        (Chunking(strategy="hierarchical", max_tokens=200), 1500, 200),
        (Chunking(strategy="semantic", max_tokens=400), 400, 400),
        (Chunking(strategy="none"), 8192, 8192),
    ],
)
def test_a_passage_is_as_long_as_what_the_model_is_given(chunking: Chunking, read: int, embedded: int) -> None:
    assert (chunking.passage_tokens, chunking.embedded_tokens) == (read, embedded)


def read_as(chunking: Chunking, parsing: Parsing) -> Any:
    """The reading of a data source, as a template has it."""
    stack = cdk.Stack(cdk.App(), "S", env=cdk.Environment(account="123456789012", region="us-east-1"))
    # No function of the owner's: nothing is left anywhere for it.
    reading = stack.resolve(vector_ingestion(stack, chunking, parsing, cast("Bucket", None)))
    return reading["chunkingConfiguration"], reading.get("parsingConfiguration")


@pytest.mark.parametrize(("settings", "made"), CUT)
def test_documents_are_cut_as_each_strategy_wants_it(settings: dict[str, Any], made: dict[str, Any]) -> None:
    assert read_as(Chunking.model_validate(settings), Parsing())[0] == made


@pytest.mark.parametrize(("settings", "made"), PARSED)
def test_documents_are_parsed_as_each_strategy_wants_it(settings: dict[str, Any], made: dict[str, Any] | None) -> None:
    assert read_as(Chunking(), Parsing.model_validate(settings))[1] == made
