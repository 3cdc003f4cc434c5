"""OpenAI's responses: `POST /v1/responses` (API reference, *Create a model response*)."""

from typing import Any

from arbiter.answering.request import LONGEST_QUESTION
from arbiter.edge.formats import openai
from arbiter.edge.formats.format import Answered, Asked, Format
from arbiter.edge.formats.messages import MOST_MESSAGES, content, conversation, of_kind
from arbiter.edge.formats.openai import NO_TOOLS, NOTHING_KEPT, REASONS
from arbiter.edge.formats.shapes import either, nullable, number, one_of, only, or_blank, passed, record, several, words
from arbiter.edge.formats.streams import stream_options, streamed
from arbiter.modes import Mode

_PARTS = ("input_text", "output_text")
_MESSAGES_ALONE = "only messages are read, and nothing is kept to refer to (a client that does so sends store: false)"
_NEVER_THERE = ("file_search_call.results", "web_search_call.results", "web_search_call.action.sources",
                "message.input_image.image_url", "computer_call_output.output.image_url",
                "code_interpreter_call.outputs", "reasoning.encrypted_content")  # fmt: skip
"""Parts of items that no response of this API has: to include them changes nothing."""
_item = record(
    {
        "type": one_of(("message",)),
        "role": one_of(("system", "developer", "user", "assistant")),
        "content": content(_PARTS),
        # An answer of this API, sent back as it came.
        "id": nullable(words(128)),
        "status": nullable(one_of(("completed", "incomplete", "in_progress"))),
        "phase": only([], "answers have no phases"),
    },
    required=("role", "content"),
)
_form = record(
    {
        "type": one_of(("text", "json_object", "json_schema")),
        "name": nullable(words(64)),
        "description": nullable(words(LONGEST_QUESTION)),
        "schema": nullable(passed({"type": "object"})),
        "strict": nullable(passed({"type": "boolean"})),
    },
    required=("type",),
)
_body = record(
    {
        **openai.COMMON,
        "input": either(
            words(LONGEST_QUESTION),
            several(of_kind(("message",), _item, _MESSAGES_ALONE), fewest=1, most=MOST_MESSAGES),
        ),
        "instructions": nullable(or_blank(words(LONGEST_QUESTION))),
        "max_output_tokens": nullable(number(1, 64_000)),
        "text": nullable(
            record({"format": nullable(_form), "verbosity": only(["medium"], openai.SAID_ELSEWHERE)}),
        ),
        "stream_options": stream_options(),
        "background": only([False], "the answer is waited for"),
        "conversation": only([], NOTHING_KEPT),
        "previous_response_id": only([], NOTHING_KEPT),
        "include": nullable(several(one_of(_NEVER_THERE), most=len(_NEVER_THERE))),
        "context_management": only([[]], "a conversation that is too long is refused"),
        "max_tool_calls": only([], NO_TOOLS),
        "prompt": only([], NOTHING_KEPT),
        "reasoning": nullable(
            record(dict.fromkeys(("effort", "summary", "generate_summary", "mode"), only([], REASONS)))
        ),
        "truncation": only(["disabled"], "a conversation that is too long is refused"),
    },
    required=("model", "input"),
)


def _read(body: object) -> Asked:
    mode = openai.mode_of(body)
    fields = openai.read_body(_body, body)
    given = fields["input"]
    messages = [{"role": "user", "content": given}] if isinstance(given, str) else given
    if fields.get("instructions"):
        messages = [{"role": "developer", "content": fields["instructions"]}, *messages]
    form = (fields.get("text") or {}).get("format")
    asked = conversation(messages, "input") | openai.form(form, "text.format")
    echoed = {"instructions": fields.get("instructions"), "max_output_tokens": fields.get("max_output_tokens"),
              "text": {"format": form or {"type": "text"}}, "user": fields.get("user"),
              "metadata": fields.get("metadata") or {}}  # fmt: skip
    body = openai.payload(fields, mode, asked, fields.get("max_output_tokens"))
    return Asked(body, echoed=echoed, stream=streamed(fields), names=openai.names("input", "text.format.schema"))


def _write(answered: Answered) -> dict[str, Any]:
    answer, usage, text = answered.answer, answered.answer.usage, answered.text
    reason = _CUT.get(answer.stop_reason)
    status = "incomplete" if reason else "completed"
    cited = [
        {"type": "url_citation", "start_index": start, "end_index": end, "url": url, "title": title}
        for start, end, url, title in openai.citations(answer.passages, text)
    ]
    part = {"type": "output_text", "text": text, "annotations": cited, "logprobs": []}
    message = {"type": "message", "id": f"msg_{answered.request_id}", "status": status, "role": "assistant"}
    read = usage.input_tokens + usage.cached_tokens + usage.cache_write_tokens
    return {
        **response_of(answered.asked, answered.request_id, answered.created, answer.mode),
        "status": status,
        "incomplete_details": {"reason": reason} if reason else None,
        "output": [{**message, "content": [part]}],
        "usage": {
            "input_tokens": read,
            "input_tokens_details": {"cached_tokens": usage.cached_tokens},
            "output_tokens": usage.output_tokens,
            "output_tokens_details": {"reasoning_tokens": 0},
            "total_tokens": read + usage.output_tokens,
        },
        openai.EXTENSION: answered.extension(),
    }


def response_of(asked: Asked, request_id: str, created: int, mode: Mode) -> dict[str, Any]:
    """A response of which nothing is written yet."""
    return {
        "id": f"resp_{request_id}",
        "object": "response",
        "created_at": created,
        "status": "in_progress",
        "error": None,
        "incomplete_details": None,
        "model": openai.model_of(mode),
        "output": [],
        **_UNUSED,
        **asked.echoed,
        "usage": None,
    }


_CUT = {"max_tokens": "max_output_tokens", "model_context_window_exceeded": "max_output_tokens",
        "content_filtered": "content_filter", "guardrail_intervened": "content_filter"}  # fmt: skip
_UNUSED: dict[str, Any] = {
    "parallel_tool_calls": False,
    "previous_response_id": None,
    "reasoning": {"effort": None, "summary": None},
    "store": False,
    "temperature": 0.0,
    "tool_choice": "none",
    "tools": [],
    "top_p": None,
    "truncation": "disabled",
}
"""Fields that clients expect and that nothing is behind."""

RESPONSES = Format(_read, _write, openai.fail, _body.schema)
