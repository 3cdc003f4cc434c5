"""Models are refused by name, date and request as Bedrock refuses them."""

from datetime import date
from typing import Any

import pytest

from local.emulator.base.http import ServiceError
from local.emulator.foundation import catalogue
from stacks.settings import model_catalogue as accepted

REGION = "us-east-1"
TODAY = date(2026, 11, 28)


def refusal(identifier: str, region: str = REGION, today: date = TODAY) -> ServiceError:
    with pytest.raises(ServiceError) as raised:
        catalogue.check_callable(identifier, region, today)
    return raised.value


@pytest.mark.parametrize(
    "identifier",
    [
        "amazon.nova-micro-v1:0",
        "us.amazon.nova-2-lite-v1:0",
        "us.anthropic.claude-haiku-4-5-20251001-v1:0",
        "global.anthropic.claude-sonnet-5",
        "openai.gpt-oss-120b-1:0",
        "arn:aws:bedrock:us-east-1:000000000000:inference-profile/us.meta.llama3-3-70b-instruct-v1:0",
    ],
)
def test_models_in_use_are_called(identifier: str) -> None:
    catalogue.check_callable(identifier, REGION, TODAY)


@pytest.mark.parametrize(
    "identifier",
    ["amazon.nova-mirco-v1:0", "amazon.nova-micro-v1", "amazon.nova-micro-v1:7", "us.amazon.nova-imaginary-v9:0", ""],
)
def test_an_unknown_model_is_refused(identifier: str) -> None:
    error = refusal(identifier)

    assert (error.code, error.message) == ("ValidationException", "The provided model identifier is invalid.")


@pytest.mark.parametrize(
    "identifier",
    ["anthropic.claude-haiku-4-5-20251001-v1:0", "meta.llama3-3-70b-instruct-v1:0", "amazon.nova-2-lite-v1:0"],
)
def test_a_model_behind_profiles_is_refused_under_its_own_id(identifier: str) -> None:
    error = refusal(identifier)

    assert error.code == "ValidationException"
    assert error.message.startswith(f"Invocation of model ID {identifier} with on-demand throughput isn")
    assert "Retry your request with the ID or ARN of an inference profile" in error.message


@pytest.mark.parametrize(
    ("prefix", "region", "taken"),
    [
        ("us", "us-west-2", True),
        ("us", "us-gov-west-1", False),
        ("us-gov", "us-gov-west-1", True),
        ("eu", "eu-central-1", True),
        ("eu", "us-east-1", False),
        ("jp", "ap-northeast-1", True),
        ("jp", "us-east-1", False),
        ("apac", "ap-south-1", True),
        ("au", "ap-southeast-2", True),
        ("ca", "ca-central-1", True),
        ("global", "sa-east-1", True),
        ("mars", "us-east-1", False),
    ],
)
def test_a_profile_is_named_from_its_own_geography(prefix: str, region: str, taken: bool) -> None:
    identifier = f"{prefix}.anthropic.claude-haiku-4-5-20251001-v1:0"
    if taken:
        catalogue.check_callable(identifier, region, TODAY)
    else:
        assert refusal(identifier, region).message == "The provided model identifier is invalid."


def test_a_model_ends_on_its_day() -> None:
    identifier = "us.anthropic.claude-sonnet-4-20250514-v1:0"
    catalogue.check_callable(identifier, REGION, date(2026, 10, 13))
    error = refusal(identifier, today=date(2026, 10, 14))

    assert (error.code, error.status) == ("ResourceNotFoundException", 404)
    assert "has reached the end of its life" in error.message


@pytest.mark.parametrize(
    ("identifier", "configuration", "tokens", "message"),
    [
        ("amazon.nova-micro-v1:0", {"maxTokens": 10_001}, 5, "exceeds the model limit of 10000. Try again"),
        ("us.meta.llama3-3-70b-instruct-v1:0", {"maxTokens": 8_193}, 5, "exceeds the model limit of 8192"),
        ("amazon.nova-micro-v1:0", {"maxTokens": 0}, 5, "must have value greater than or equal to 1"),
        ("amazon.nova-micro-v1:0", {"temperature": 1.5}, 5, "'1.5' at 'inferenceConfig.temperature' failed"),
        ("amazon.nova-micro-v1:0", {"topP": -0.1}, 5, "must have value greater than or equal to 0"),
        ("us.anthropic.claude-opus-5", {"temperature": 0.0}, 5, "`temperature` is deprecated for this model."),
        ("us.anthropic.claude-haiku-5-5", {"topP": 0.9}, 5, "`top_p` is deprecated for this model."),
        ("amazon.nova-micro-v1:0", {}, 128_001, "InvalidInput: Input Tokens Exceeded: Number of input tokens exceeds"),
        ("us.anthropic.claude-haiku-4-5-20251001-v1:0", {}, 200_001, "too long: 200001 tokens > 200000 maximum"),
        ("us.meta.llama3-3-70b-instruct-v1:0", {}, 128_001, "maximum context length is 128000 tokens"),
    ],
)
def test_a_request_beyond_the_model_is_refused(
    identifier: str, configuration: dict[str, Any], tokens: int, message: str
) -> None:
    with pytest.raises(ServiceError) as raised:
        catalogue.check_request(identifier, configuration, tokens)

    assert raised.value.code == "ValidationException"
    assert message in raised.value.message


def test_a_request_within_the_model_is_taken() -> None:
    catalogue.check_request("amazon.nova-micro-v1:0", {"maxTokens": 10_000, "temperature": 0.0, "topP": 1}, 128_000)
    catalogue.check_request("us.anthropic.claude-opus-5", {"maxTokens": 64_000}, 200_000)


@pytest.mark.parametrize("identifier", ["amazon.nova-micro-v1:0:128k", "us.amazon.nova-micro-v1:0"])
def test_a_size_and_a_prefix_are_no_part_of_a_model(identifier: str) -> None:
    assert catalogue.model_of(identifier) == "amazon.nova-micro-v1:0"


@pytest.mark.parametrize("model", [*accepted.ACTIVE, *accepted.LEGACY])
def test_every_model_that_settings_may_name_is_known(model: str) -> None:
    """The two tables are kept apart: the emulator stands for AWS, and knows nothing of the project's own settings."""
    assert catalogue.is_known(model)
    assert catalogue.MODELS[model].profile_only == bool(accepted.PROFILE_ONLY.match(model))


def test_profiles_are_named_from_the_regions_that_settings_allow() -> None:
    for prefix, regions in accepted.PROFILE_REGIONS.items():
        for region in accepted.REGIONS:
            allowed = region.startswith(regions)
            assert region.startswith(catalogue.PROFILES[f"{prefix}."]) == allowed, (prefix, region)
