"""OpenAI's chat completions: `POST /v1/chat/completions` (API reference, *Create chat completion*)."""

from typing import Any

from arbiter.answering.request import LONGEST_QUESTION
from arbiter.edge.formats import openai
from arbiter.edge.formats.format import Answered, Asked, Format
from arbiter.edge.formats.messages import MOST_MESSAGES, content, conversation
from arbiter.edge.formats.openai import LONGEST_STOP, MOST_STOPS, NO_TOOLS
from arbiter.edge.formats.shapes import (
    characters,
    either,
    nullable,
    number,
    one_of,
    only,
    passed,
    record,
    several,
    switch,
    words,
)
from arbiter.edge.formats.streams import stream_options, streamed
from arbiter.errors import InvalidRequest, Problem

_FINISHED = {"max_tokens": "length", "model_context_window_exceeded": "length", "content_filtered": "content_filter",
             "guardrail_intervened": "content_filter"}  # fmt: skip

_message = record(
    {
        "role": one_of(("system", "developer", "user", "assistant")),
        "content": content(("text",)),
        "name": only([], "the speakers of a conversation have no names"),
        # An answer of this API, sent back as it came.
        "annotations": passed({"type": "array"}),
        "parsed": passed({}),
        "refusal": only([], "no answer is a refusal"),
        "audio": only([], "only text is read"),
        "tool_calls": only([[]], NO_TOOLS),
        "tool_call_id": only([], NO_TOOLS),
        "function_call": only([], NO_TOOLS),
    },
    required=("role", "content"),
)
_schema = record(
    {
        "name": nullable(words(64)),
        "description": nullable(words(LONGEST_QUESTION)),
        "schema": nullable(passed({"type": "object"})),
        "strict": nullable(passed({"type": "boolean"})),
    }
)
_stop = characters(LONGEST_STOP)
_body = record(
    {
        **openai.COMMON,
        "messages": several(_message, fewest=1, most=MOST_MESSAGES),
        "max_tokens": nullable(number(1, 64_000)),
        "max_completion_tokens": nullable(number(1, 64_000)),
        "stop": nullable(either(_stop, several(_stop, most=MOST_STOPS))),
        "response_format": nullable(
            record(
                {"type": one_of(("text", "json_object", "json_schema")), "json_schema": nullable(_schema)},
                required=("type",),
            )
        ),
        "stream_options": stream_options(include_usage=nullable(switch)),
        "n": only([1], "one answer is given"),
        "logprobs": only([False], "Bedrock tells no probabilities"),
        "logit_bias": only([{}], "Bedrock takes none"),
        "presence_penalty": only([0], openai.UNSAMPLED),
        "frequency_penalty": only([0], openai.UNSAMPLED),
        "seed": only([], openai.UNSAMPLED),
        "functions": only([[]], NO_TOOLS),
        "function_call": only(["none"], NO_TOOLS),
        "modalities": only([["text"]], "answers are text"),
        "audio": only([], "answers are text"),
        "prediction": only([], "Bedrock takes none"),
        "reasoning_effort": only([], openai.REASONS),
        "verbosity": only(["medium"], openai.SAID_ELSEWHERE),
        "web_search_options": only([], "only the knowledge base is searched"),
    },
    required=("model", "messages"),
)


def _read(body: object) -> Asked:
    mode = openai.mode_of(body)
    fields = openai.read_body(_body, body)
    lengths = [fields[name] for name in ("max_completion_tokens", "max_tokens") if name in fields]
    if len(lengths) > 1:
        raise InvalidRequest([Problem("max_tokens", "is given beside max_completion_tokens", "one of them")])
    asked = conversation(fields["messages"], "messages") | openai.form(fields.get("response_format"), "response_format")
    stop = fields.get("stop", ())
    return Asked(
        openai.payload(fields, mode, asked, lengths[0] if lengths else None),
        stop=(stop,) if isinstance(stop, str) else tuple(stop),
        stream=streamed(fields),
        usage=bool(fields.get("stream_options", {}).get("include_usage")),
        names=openai.names("messages", "response_format.json_schema.schema"),
    )


def _write(answered: Answered) -> dict[str, Any]:
    answer, usage, text = answered.answer, answered.answer.usage, answered.text
    cited = [
        {"type": "url_citation", "url_citation": {"start_index": start, "end_index": end, "url": url, "title": title}}
        for start, end, url, title in openai.citations(answer.passages, text)
    ]
    message = {"role": "assistant", "content": text, "refusal": None, "annotations": cited}
    read = usage.input_tokens + usage.cached_tokens + usage.cache_write_tokens
    return {
        "id": f"chatcmpl-{answered.request_id}",
        "object": "chat.completion",
        "created": answered.created,
        "model": openai.model_of(answer.mode),
        "choices": [
            {
                "index": 0,
                "message": message,
                "logprobs": None,
                "finish_reason": _FINISHED.get(answer.stop_reason, "stop"),
            }
        ],
        "usage": {
            "prompt_tokens": read,
            "completion_tokens": usage.output_tokens,
            "total_tokens": read + usage.output_tokens,
            "prompt_tokens_details": {"cached_tokens": usage.cached_tokens},
        },
        openai.EXTENSION: answered.extension(),
    }


CHAT = Format(_read, _write, openai.fail, _body.schema)
