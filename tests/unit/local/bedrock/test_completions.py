"""Every shape in which servers answer chat completions is read, or told in a sentence."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from local.emulator.base.http import ServiceError
from local.emulator.bedrock.servers.completions import completion_of
from local.emulator.bedrock.upstream import Upstream

SERVER = "http://127.0.0.1:11434"


def completion(message: Any, *, forced_tool: str | None = None, **changes: Any) -> dict[str, Any]:
    answered = {"choices": [{"message": message, "finish_reason": "stop"}], "usage": USAGE, **changes}
    return completion_of(json.dumps(answered).encode(), SERVER, 7, forced_tool)


USAGE = {"prompt_tokens": 40, "completion_tokens": 9}


def shown(message: Any) -> tuple[str, str]:
    """The reasoning and the text that are made of a message."""
    blocks = completion(message)["output"]["message"]["content"]
    thoughts = [block["reasoningContent"]["reasoningText"]["text"] for block in blocks if "reasoningContent" in block]
    return "".join(thoughts).strip(), "".join(block.get("text", "") for block in blocks).strip()


@pytest.mark.parametrize(
    ("message", "reasoning", "text"),
    [
        ({"content": "84 days."}, "", "84 days."),
        ({"content": "<think>\nHm.\n</think>\n\n84 days."}, "Hm.", "84 days."),
        ({"content": "<think></think>84 days."}, "", "84 days."),
        ({"content": "Hm.\n</think>\n84 days."}, "Hm.", "84 days."),
        ({"content": "<think>Hm, and then it was cut"}, "Hm, and then it was cut", ""),
        ({"content": "84 days.", "reasoning_content": "Hm."}, "Hm.", "84 days."),
        ({"content": "[THINK]Hm.[/THINK]84 days."}, "Hm.", "84 days."),
        ({"content": "<thinking>Hm.</thinking>\n84 days."}, "Hm.", "84 days."),
        ({"content": "84 days.", "thinking": "Hm."}, "Hm.", "84 days."),
        (
            {
                "content": "<|channel|>analysis<|message|>Hm.<|end|><|start|>assistant<|channel|>final<|message|>"
                "84 days.<|return|>"
            },
            "Hm.",
            "84 days.",
        ),
        ({"content": "84 days.", "reasoning": "Hm."}, "Hm.", "84 days."),
        ({"content": None, "reasoning": "Hm."}, "Hm.", ""),
        ({"content": [{"type": "text", "text": "84 "}, {"type": "text", "text": "days."}]}, "", "84 days."),
        (
            {"content": [{"type": "thinking", "thinking": [{"type": "text", "text": "Hm."}]}, {"text": "84 days."}]},
            "Hm.",
            "84 days.",
        ),
        ({"content": [None, 3, {"text": None}, {"text": "84 days."}]}, "", "84 days."),
        ({"content": None, "refusal": "I cannot."}, "", "I cannot."),
        ({"content": None}, "", ""),
        ({}, "", ""),
        ({"content": "<think>One.</think>\n<think>Two.</think>\n84 days."}, "One.Two.", "84 days."),
        ({"content": "<THINK>Hm.</THINK>84 days.<|im_end|>"}, "Hm.", "84 days."),
        ({"content": "<thought>Hm.</thought>84 days.</s>"}, "Hm.", "84 days."),
        ({"content": "<seed:think>Hm.</seed:think>84 days."}, "Hm.", "84 days."),
        ({"content": "◁think▷Hm.◁/think▷84 days."}, "Hm.", "84 days."),
        ({"content": "<think>Hm.</think>\n<answer>\n84 days.\n</answer>"}, "Hm.", "84 days."),
        ({"content": "analysisHm.assistantfinal84 days."}, "Hm.", "84 days."),
        (
            {"content": "<|START_THINKING|>Hm.<|END_THINKING|><|START_RESPONSE|>84 days.<|END_RESPONSE|>"},
            "Hm.",
            "84 days.",
        ),
        (
            {"content": "<|begin_of_thought|>Hm.<|end_of_thought|>\n<|begin_of_solution|>84 days.<|end_of_solution|>"},
            "Hm.",
            "84 days.",
        ),
        ({"content": ["84 ", "days."]}, "", "84 days."),
        ({"content": {"type": "text", "text": "84 days."}}, "", "84 days."),
        (
            {"content": [{"type": "reasoning", "text": "Hm."}, {"type": "output_text", "text": "84 days."}]},
            "Hm.",
            "84 days.",
        ),
        ({"content": [{"type": "refusal", "refusal": "I cannot."}]}, "", "I cannot."),
        ({"content": "The `<think>` mark begins a thought."}, "", "The `<think>` mark begins a thought."),
    ],
)
def test_reasoning_is_kept_from_the_answer(message: Any, reasoning: str, text: str) -> None:
    assert shown(message) == (reasoning, text)


@pytest.mark.parametrize(
    "answered",
    [
        {"choices": [{"text": "84 days.", "finish_reason": "stop"}]},
        {"message": {"role": "assistant", "content": "84 days."}, "done": True},
        {"response": "84 days.", "done": True, "eval_count": 3},
        {"content": "84 days.", "stop": True, "tokens_predicted": 3},
    ],
)
def test_the_forms_of_other_addresses_are_read(answered: dict[str, Any]) -> None:
    completed = completion_of(json.dumps(answered).encode(), SERVER, 7, None)
    assert completed["output"]["message"]["content"] == [{"text": "84 days."}]


@pytest.mark.parametrize(
    "answered",
    [
        {"choices": [{"message": {"content": "84"}, "finish_reason": "length"}],
         "usage": {"prompt_tokens": 5.0, "completion_tokens": 2}},
        {"message": {"content": "84"}, "done_reason": "length", "prompt_eval_count": 5, "eval_count": 2},
        {"content": "84", "stop_type": "limit", "tokens_evaluated": 5, "tokens_predicted": 2},
        {"choices": [{"message": {"content": "84"}, "finish_reason": None}], "stopReason": "maxPredictedTokensReached",
         "usage": {"input_tokens": 5, "output_tokens": 2}},
    ],
)  # fmt: skip
def test_where_a_reply_ended_and_what_it_took_is_read_in_each_form(answered: dict[str, Any]) -> None:
    completed = completion_of(b"\xef\xbb\xbf" + json.dumps(answered).encode(), SERVER, 7, None)

    assert completed["stopReason"] == "max_tokens"
    assert completed["usage"] == {"inputTokens": 5, "outputTokens": 2, "totalTokens": 7}


@pytest.mark.parametrize(
    "message",
    [
        {"function_call": {"name": "answer", "arguments": '{"days": 84}'}},
        {"tool_calls": [{"name": "answer", "arguments": {"days": 84}}]},
        {"tool_calls": [{"function": {"name": "answer", "arguments": '"{\\"days\\": 84}"'}}]},
    ],
)
def test_a_call_of_a_tool_is_read_in_older_forms(message: dict[str, Any]) -> None:
    [block] = completion(message)["output"]["message"]["content"]

    assert block["toolUse"]["input"] == {"days": 84}


@pytest.mark.parametrize(
    "end", ["", "/", "/v1", "/v1/", "/v1/chat/completions", "/v1/completions", "/completion", "/api/chat"]
)
def test_an_address_may_name_more_than_the_server(end: str) -> None:
    upstream = Upstream.of({"ARBITER_LLM_URL": f"http://models/api{end}"})
    assert upstream is not None
    assert upstream.url == "http://models/api"


@pytest.mark.parametrize("arguments", ['{"days": 84}', {"days": 84}])
def test_a_call_of_a_tool_comes_as_text_or_as_an_object(arguments: Any) -> None:
    call = {"id": None, "type": "function", "function": {"name": "answer", "arguments": arguments}}
    [block] = completion({"content": None, "tool_calls": [call]})["output"]["message"]["content"]

    assert block == {"toolUse": {"toolUseId": "tooluse_0", "name": "answer", "input": {"days": 84}}}


@pytest.mark.parametrize(
    "text",
    [
        '<tool_call>\n{"name": "answer", "arguments": {"days": 84}}\n</tool_call>',
        '{"name": "answer", "parameters": {"days": 84}}',
        '{"days": 84}',
        '```json\n{"days": 84}\n```',
        '<think>Hm.</think>{"days": 84}',
    ],
)
def test_where_a_tool_must_be_called_json_in_the_text_is_its_input(text: str) -> None:
    blocks = completion({"content": text, "tool_calls": None}, forced_tool="answer")["output"]["message"]["content"]

    assert blocks[-1]["toolUse"]["input"] == {"days": 84}


@pytest.mark.parametrize("usage", [None, {}, {"prompt_tokens": None, "completion_tokens": None}, "many", [3]])
def test_tokens_that_the_server_does_not_count_are_counted_here(usage: Any) -> None:
    counted = completion({"content": "84 days."}, usage=usage)["usage"]

    assert counted == {"inputTokens": 7, "outputTokens": 3, "totalTokens": 10}


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        (b"null", "with JSON that is no object"),
        (b"[]", "with JSON that is no object"),
        (b"<html>", "with no JSON: '<html>'"),
        (b'data: {"choices": []}\n\n', "with an event stream, though none was asked for"),
        (b'{"response": "8"}\n{"response": "4"}\n', "with a stream of JSON lines, though none was asked for"),
        (b'{"error": "model not found"}', "with an error: model not found"),
        (b'{"error": {"message": "context is full", "code": 400}}', "with an error: context is full"),
        (b": ping\n\ndata: {}\n\n", "with an event stream, though none was asked for"),
        (b"event: completion\ndata: {}\n\n", "with an event stream, though none was asked for"),
        (b'{"object": "error", "message": "no such model", "code": 404}', "with an error: no such model"),
        (b'{"detail": "Not Found"}', "with an error: Not Found"),
        (b'{"detail": [{"loc": ["body"], "msg": "field required"}]}', "with an error: field required"),
        (b'{"errors": [{"message": "no quota"}]}', "with an error: no quota"),
        (b'{"choices": []}', "without choices"),
        (b'{"choices": [null]}', "without choices"),
        (b'{"choices": [{"message": null}]}', "with a choice without a message"),
        (b'{"choices": [{"message": {"tool_calls": [null]}}]}', "with a tool call without a function"),
        (
            b'{"choices": [{"message": {"tool_calls": [{"function": {"name": "answer", "arguments": "{"}}]}}]}',
            "with broken JSON in a call of answer",
        ),
    ],
)
def test_any_other_shape_is_told_in_a_sentence(body: bytes, sentence: str) -> None:
    with pytest.raises(ServiceError, match=f"ARBITER_LLM_URL {SERVER} answered {sentence}"):
        completion_of(body, SERVER, 7, None)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(
        st.sampled_from(
            ["choices", "message", "content", "text", "thinking", "reasoning", "tool_calls", "function", "name",
             "arguments", "usage", "prompt_tokens", "error", "finish_reason", "refusal"]
        ),
        inner,
        max_size=4,
    ),
)  # fmt: skip


@settings(max_examples=3 * settings.default.max_examples, derandomize=True)
@given(
    st.builds(
        lambda message, rest: {"choices": [{"message": message}]} | rest,
        JSON,
        JSON.map(lambda value: value if isinstance(value, dict) else {}),
    )
    | JSON
)
def test_no_shape_ends_in_another_exception(answered: Any) -> None:
    try:
        response = completion_of(json.dumps(answered).encode(), SERVER, 7, "answer")
    except ServiceError:
        return
    assert all(type(count) is int for count in response["usage"].values())
