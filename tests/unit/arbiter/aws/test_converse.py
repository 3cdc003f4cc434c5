"""A call of Converse fits botocore's model; its response becomes an answer or an error, never a KeyError."""

from typing import Any

import pytest
from botocore.stub import ANY

from arbiter.answering.asked.history import Turn
from arbiter.answering.asked.malformed import MalformedAnswer
from arbiter.answering.prompts import Prompt
from arbiter.answering.writer import Completion, Generation
from arbiter.aws.converse import ConverseModel
from arbiter.costs.tokens import Usage
from arbiter.errors import BadModelOutput, ModelNotReady, TooLarge
from arbiter.model_parameters import REASONING_TOKENS
from arbiter.modes import Mode
from tests.unit.arbiter.aws.stubs import converse_response, stubbed

PROMPT = Prompt(("Be brief.",), (Turn("user", "Hi"), Turn("assistant", "Hello."), Turn("user", "How early?")))
TEXT = Generation("arn:aws:bedrock:us-east-1:000000000000:custom-model-deployment/abc", PROMPT, 64, None, Mode.RAG)
SCHEMA = {"type": "object", "properties": {"days": {"type": "integer"}}}
JSON = TEXT._replace(schema=SCHEMA)
EXPECTED = {
    "modelId": TEXT.model,
    "system": [{"text": "Be brief."}],
    "messages": [
        {"role": "user", "content": [{"text": "Hi"}]},
        {"role": "assistant", "content": [{"text": "Hello."}]},
        {"role": "user", "content": [{"text": "How early?"}]},
    ],
    "inferenceConfig": {"maxTokens": 64, "temperature": 0.0},
    "requestMetadata": {"mode": "rag"},
}
TOOL_CONFIG = {
    "tools": [{"toolSpec": {"name": "answer", "description": "Gives the answer.", "inputSchema": {"json": SCHEMA}}}],
    "toolChoice": {"tool": {"name": "answer"}},
}


def content(*blocks: dict[str, Any]) -> dict[str, Any]:
    return {"message": {"role": "assistant", "content": list(blocks)}}


def generate(generation: Generation, response: dict[str, Any], expected: dict[str, Any] = EXPECTED) -> Completion:
    with stubbed("bedrock-runtime") as (client, stubber):
        stubber.add_response("converse", response, expected)
        return ConverseModel(client).generate(generation, 10.0)


def test_a_conversation_becomes_a_call_and_its_response_a_completion() -> None:
    assert generate(TEXT, converse_response()) == Completion("84 days.", "end_turn", Usage(12, 3, 0))


def test_an_answer_in_json_is_the_input_of_the_forced_tool() -> None:
    used = {"toolUse": {"toolUseId": "1", "name": "answer", "input": {"days": 84, "unit": "Tage früher"}}}
    response = converse_response(output=content({"text": "Sure."}, used), stopReason="tool_use")

    completion = generate(JSON, response, EXPECTED | {"toolConfig": TOOL_CONFIG})

    assert completion.text == '{"days": 84, "unit": "Tage früher"}'


HOUSE = Prompt(("You answer for the desk. " * 200,), (Turn("user", "How early?"),), stable=True)


@pytest.mark.parametrize(
    ("model", "prompt", "points"),
    [
        ("us.amazon.nova-micro-v1:0", HOUSE, 1),
        ("us.amazon.nova-micro-v1:0", HOUSE._replace(stable=False), 0),
        ("us.amazon.nova-micro-v1:0", HOUSE._replace(system=("Short.",)), 0),
        ("us.anthropic.claude-haiku-4-5-20251001-v1:0", HOUSE, 0),
        ("us.meta.llama3-3-70b-instruct-v1:0", HOUSE, 0),
        ("arn:aws:bedrock:us-east-1:1:custom-model-deployment/amazon.nova-micro", HOUSE, 0),
    ],
)
def test_a_cache_point_follows_a_house_prompt_that_is_long_enough_for_the_model(
    model: str, prompt: Prompt, points: int
) -> None:
    with stubbed("bedrock-runtime") as (client, stubber):
        asked = Generation(model, prompt, 64, None, Mode.BASE)
        system = [{"text": text} for text in prompt.system] + [{"cachePoint": {"type": "default"}}] * points
        stubber.add_response("converse", converse_response(), {
            "modelId": model, "system": system, "messages": ANY, "inferenceConfig": ANY, "requestMetadata": ANY,
        })  # fmt: skip
        ConverseModel(client).generate(asked, 5.0)


def test_a_model_that_refuses_a_cache_point_is_asked_without_one_from_then_on() -> None:
    refused = "You invoked an unsupported model or your request did not allow prompt caching."
    asked = Generation("amazon.nova-pro-v1:0", HOUSE, 64, None, Mode.BASE)
    without = {
        "modelId": asked.model, "system": [{"text": HOUSE.system[0]}],
        "messages": ANY, "inferenceConfig": ANY, "requestMetadata": ANY,
    }  # fmt: skip
    with stubbed("bedrock-runtime") as (client, stubber):
        stubber.add_client_error("converse", "AccessDeniedException", refused)
        for _ in range(2):
            stubber.add_response("converse", converse_response(), without)
        model = ConverseModel(client)
        assert [model.generate(asked, 5.0).text for _ in range(2)] == ["84 days."] * 2


def test_cached_tokens_are_counted() -> None:
    usage = {"inputTokens": 12, "outputTokens": 3, "totalTokens": 15, "cacheReadInputTokens": 7}

    assert generate(TEXT, converse_response(usage=usage)).usage == Usage(12, 3, 7)


@pytest.mark.parametrize("reason", ["max_tokens", "content_filtered", "guardrail_intervened", "malformed_model_output"])
def test_a_stop_reason_is_passed_through(reason: str) -> None:
    assert generate(TEXT, converse_response(stopReason=reason)).stop_reason == reason


def test_blocks_other_than_text_are_not_the_answer() -> None:
    thought = {"reasoningContent": {"reasoningText": {"text": "hmm"}}}

    assert generate(TEXT, converse_response(output=content(thought, {"text": "84"}))).text == "84"


def test_reasoning_without_an_answer_says_what_to_do() -> None:
    thought = {"reasoningContent": {"reasoningText": {"text": "hmm"}}}

    with pytest.raises(BadModelOutput, match="its reasoning and no text: it stopped with max_tokens"):
        generate(TEXT, converse_response(output=content(thought), stopReason="max_tokens"))


@pytest.mark.parametrize(("asked", "allowed"), [(64, 64 + REASONING_TOKENS), (1, 1)], ids=["answer", "access"])
def test_a_model_that_reasons_gets_tokens_for_it_where_an_answer_is_asked_for(asked: int, allowed: int) -> None:
    generation = TEXT._replace(model="us.deepseek.r1-v1:0", max_output_tokens=asked)
    inference = {"maxTokens": allowed, "temperature": 0.0}
    generate(generation, converse_response(), EXPECTED | {"modelId": generation.model, "inferenceConfig": inference})


def test_a_model_known_to_refuse_the_temperature_is_not_sent_one() -> None:
    generation = TEXT._replace(model="us.anthropic.claude-opus-4-8")

    generate(
        generation, converse_response(), EXPECTED | {"modelId": generation.model, "inferenceConfig": {"maxTokens": 64}}
    )


def test_a_refused_temperature_is_left_out_at_once_and_from_then_on() -> None:
    without = EXPECTED | {"inferenceConfig": {"maxTokens": 64}}
    with stubbed("bedrock-runtime") as (client, stubber):
        stubber.add_client_error(
            "converse", "ValidationException", "`temperature` is deprecated for this model.", expected_params=EXPECTED
        )
        stubber.add_response("converse", converse_response(), without)
        stubber.add_response("converse", converse_response(), without)
        model = ConverseModel(client)

        assert [model.generate(TEXT, 10.0).text for _ in range(2)] == ["84 days.", "84 days."]


@pytest.mark.parametrize("number", [float("nan"), float("inf"), -float("inf")])
def test_json_with_a_number_that_json_does_not_know_is_malformed(number: float) -> None:
    used = {"toolUse": {"toolUseId": "1", "name": "answer", "input": {"days": [number]}}}

    with pytest.raises(MalformedAnswer) as refused:
        _without_validation(JSON, converse_response(output=content(used), stopReason="tool_use"))
    assert refused.value.usage == Usage(12, 3, 0)


@pytest.mark.parametrize(
    "response",
    [
        {},  # What botocore makes of a body that is cut, or HTML.
        {"stopReason": "end_turn"},
        converse_response(output={}),
        converse_response(stopReason=None),
        converse_response(output=content()),
        converse_response(output=content({"text": " "})),
    ],
)
def test_a_response_without_an_answer_is_bad_output(response: dict[str, Any]) -> None:
    with pytest.raises(BadModelOutput) as refused:
        _without_validation(TEXT, response)
    assert refused.value.usage == (Usage(12, 3) if "usage" in response else ())  # What is told is billed.


@pytest.mark.parametrize("stop_reason", ["content_filtered", "guardrail_intervened"])
def test_a_withheld_answer_may_be_empty(stop_reason: str) -> None:
    assert generate(TEXT, converse_response(output=content(), stopReason=stop_reason)).text == ""


def test_json_that_was_cut_short_is_bad_output() -> None:
    with pytest.raises(BadModelOutput, match="stopped with max_tokens before it gave any JSON") as cut:
        _without_validation(JSON, converse_response(stopReason="max_tokens"))
    assert cut.value.usage == Usage(12, 3)  # It is billed.


def test_a_conversation_beyond_the_context_window_is_too_large() -> None:
    with pytest.raises(TooLarge):
        generate(TEXT, converse_response(output=content(), stopReason="model_context_window_exceeded"))


def test_a_model_that_is_loading_says_so() -> None:
    with stubbed("bedrock-runtime") as (client, stubber):
        stubber.add_client_error("converse", "ModelNotReadyException", http_status_code=429)
        with pytest.raises(ModelNotReady):
            ConverseModel(client).generate(TEXT, 10.0)


def _without_validation(generation: Generation, response: dict[str, Any]) -> Completion:
    """A response that Bedrock must not give, past the Stubber that would not play it."""
    with stubbed("bedrock-runtime") as (client, _):
        client.call = lambda *_, **__: response  # type: ignore[method-assign]
        return ConverseModel(client).generate(generation, 10.0)
