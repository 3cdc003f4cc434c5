"""OpenAI's formats: asked as their clients ask, answered and refused as they expect."""

from typing import Any

import pytest

from arbiter.answering.writer import Completion
from arbiter.costs.tokens import Usage
from arbiter.errors import DailyQuota, KnowledgeBaseEmpty, ModelError, Throttled
from tests.unit.arbiter.answering.router_fakes import FakeModel
from tests.unit.arbiter.edge.edge_fakes import EdgeWorld

USER = {"role": "user", "content": "How early?"}
PERSON = {"type": "object", "properties": {"name": {"type": "string"}}}


def test_a_conversation_becomes_system_history_and_question() -> None:
    world = EdgeWorld()
    messages = [
        {"role": "system", "content": "Be brief."},
        {"role": "developer", "content": [{"type": "text", "text": "In German."}]},
        {"role": "user", "content": "Hello."},
        {"role": "assistant", "content": "Hello!", "refusal": None, "annotations": [], "tool_calls": None},
        {"role": "user", "content": [{"type": "text", "text": "How"}, {"type": "text", "text": "early?"}]},
    ]
    answered = world.chat(world.key(), messages=messages, max_completion_tokens=7, stop=["END", "\n"])
    (asked,) = world.model.calls

    assert answered.status == 200
    assert asked.prompt.system == ("Be brief.\n\nIn German.",)
    assert [(turn.role, turn.text) for turn in asked.prompt.turns] == [
        ("user", "Hello."), ("assistant", "Hello!"), ("user", "How\nearly?"),
    ]  # fmt: skip
    assert (asked.max_output_tokens, asked.stop) == (7, ("END",))


@pytest.mark.parametrize("content", ["", " \n", None, [], "a part"])
@pytest.mark.parametrize("path", ["/v1/chat/completions", "/v1/responses"])
def test_an_answer_that_broke_off_does_not_end_its_conversation(path: str, content: Any) -> None:
    """Clients keep what they got of it, nothing, and send it with every question that follows."""
    world, field = EdgeWorld(), "input" if path.endswith("responses") else "messages"
    if content == "a part":
        content = [{"type": "output_text" if field == "input" else "text", "text": ""}]
    begun = [{"role": "system", "content": content}, USER, {"role": "assistant", "content": content}]
    answered = world.call(
        path, {"model": "base", field: [*begun, {"role": "user", "content": "And?"}]}, key=world.key()
    )
    refused = world.call(
        path, {"model": "base", field: [*begun, {"role": "user", "content": content}]}, key=world.key()
    )

    assert answered.status == 200
    assert [turn.text for turn in world.model.calls[0].prompt.turns] == ["How early?\n\nAnd?"]
    assert refused.error["message"].endswith(f"{field}[3].content: is blank (allowed: a question).")


def test_a_completion_has_citations_usage_decision_and_cost() -> None:
    world = EdgeWorld(model=FakeModel(text="Kits. END of it"))
    asked = [{"role": "user", "content": "How early can a kit be booked?"}]
    answered = world.chat(world.key(), model="auto", messages=asked, stop="END")
    (choice,) = answered.body["choices"]

    assert choice["message"]["content"] == "Kits. "
    assert choice["finish_reason"] == "stop"
    assert [one["url_citation"]["title"] for one in choice["message"]["annotations"]] == ["a.md", "b.md"]
    assert answered.body["usage"]["total_tokens"] == 110
    assert answered.body["model"] == answered.headers["x-arbiter-mode"] == "rag"
    assert answered.headers["x-arbiter-requested-mode"] == "auto"
    assert float(answered.headers["x-arbiter-cost-usd"]) == pytest.approx(answered.body["arbiter"]["cost_usd"])
    assert answered.body["arbiter"]["decision"]["policy"] == answered.headers["x-arbiter-policy"]


@pytest.mark.parametrize("model", ["fine-tuned", "fine_tuned"])
def test_both_formats_ask_for_json_by_a_schema(model: str) -> None:
    world = EdgeWorld(model=FakeModel(text='{"name": "Lynx"}'))
    key = world.key()
    form = {"type": "json_schema", "json_schema": {"name": "person", "schema": PERSON, "strict": True}}
    chat = world.chat(key, model=model, response_format=form)
    flat = {"type": "json_schema", "name": "person", "schema": PERSON}
    response = world.call("/v1/responses", {"model": model, "input": "Who?", "text": {"format": flat}}, key=key)

    assert [asked.schema for asked in world.model.calls] == [PERSON, PERSON]
    assert chat.body["choices"][0]["message"]["content"] == response.body["output"][0]["content"][0]["text"]
    assert response.body["model"] == "fine-tuned"


def test_a_response_that_was_cut_says_so() -> None:
    world = EdgeWorld()
    cut = Completion("Kits", "max_tokens", Usage(10, 5, 2))
    world.model.generate = lambda generation, timeout: cut  # type: ignore[method-assign]
    answered = world.call("/v1/responses", {"model": "base", "input": [USER], "instructions": "Be brief.",
                                            "max_output_tokens": 5}, key=world.key())  # fmt: skip

    assert (answered.body["status"], answered.body["incomplete_details"]) == (
        "incomplete", {"reason": "max_output_tokens"},
    )  # fmt: skip
    assert answered.body["usage"] == {
        "input_tokens": 12, "input_tokens_details": {"cached_tokens": 2}, "output_tokens": 5,
        "output_tokens_details": {"reasoning_tokens": 0}, "total_tokens": 17,
    }  # fmt: skip
    assert world.chat(world.key()).body["choices"][0]["finish_reason"] == "length"


IMAGE = {"role": "user", "content": [{"type": "image_url", "image_url": {"url": "https://x"}}]}


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({"tools": [{"type": "function"}]}, "tools"),
        ({"n": 2}, "n"),
        ({"logprobs": True}, "logprobs"),
        ({"temperature": 0.7}, "temperature"),
        ({"stream": True}, "stream"),
        ({"seed": 1}, "seed"),
        ({"response_format": {"type": "text", "json_schema": {"schema": PERSON}}}, "response_format.type"),
        ({"metadata": {"a": 1}}, "metadata"),
        ({"moderation": {"model": "x"}}, "moderation"),
        ({"messages": [IMAGE]}, "messages[0].content[0].type"),
        ({"messages": [USER, {"role": "assistant", "content": "Hi"}]}, "messages"),
        ({"messages": [USER, {"role": "system", "content": "Obey."}]}, "messages[1].role"),
        ({"messages": [{"role": "tool", "content": "x", "tool_call_id": "1"}]}, "messages[0].role"),
        ({"max_tokens": 1, "max_completion_tokens": 1}, "max_tokens"),
        ({"max_tokens": 1, "arbiter": {"limits": {"max_output_tokens": 9}}}, "arbiter.limits.max_output_tokens"),
        ({"arbiter": {"retrieval": {"search": "hybrid"}}}, "arbiter.retrieval.search"),
        ({"arbiter": {"limits": 5}}, "arbiter.limits"),
        ({"messages": [{**USER, "content": "x" * 15_000}] * 2}, "messages"),
        ({"messages": [USER, {"role": "assistant", "content": "Hi."}] * 101 + [USER]}, "messages"),
        (
            {"response_format": {"type": "json_schema", "json_schema": {"schema": {"type": "object", "pattern": "a"}}}},
            "response_format.json_schema.schema",
        ),
        ({"maxtokens": 5}, "maxtokens"),
        ({"model": "gpt-4o"}, "model"),
    ],
)
def test_what_cannot_be_honoured_is_refused_with_a_sentence(fields: dict[str, Any], param: str) -> None:
    world = EdgeWorld()
    refused = world.chat(world.key(), **fields)

    assert refused.status == (404 if param == "model" else 400)
    assert (refused.error["param"], refused.error["type"]) == (param, "invalid_request_error")
    assert refused.error["message"].endswith(".")
    assert "did you mean tool_calls" not in refused.error["message"], "the router calls no tools"
    assert not world.bought


@pytest.mark.parametrize(
    ("failure", "status", "kind", "again"),
    [
        (Throttled("slow down"), 429, "rate_limit_error", "true"),
        (DailyQuota("tomorrow"), 429, "rate_limit_error", "false"),
        (ModelError("down", retryable=True), 502, "server_error", "true"),
        (KnowledgeBaseEmpty("nothing"), 409, "invalid_request_error", "false"),
        (RuntimeError("secret question"), 500, "server_error", "false"),
    ],
)
def test_a_client_is_told_whether_to_ask_again(failure: Exception, status: int, kind: str, again: str) -> None:
    world = EdgeWorld(model=FakeModel(by_model={"amazon.nova-micro-v1:0": failure}))  # type: ignore[dict-item]
    failed = world.chat(world.key())

    assert (failed.status, failed.error["type"], failed.headers["x-should-retry"]) == (status, kind, again)
    assert ("retry-after" in failed.headers) == (again == "true")
    assert "secret" not in str(failed.body)
    assert world.log[-1]["Mode"] == "base"


def test_models_are_the_modes_that_the_key_may_ask_for() -> None:
    world = EdgeWorld()
    listed = world.call("/v1/models", key=world.key(modes=("base", "fine_tuned")), verb="GET")

    assert [one["id"] for one in listed.body["data"]] == ["base", "fine-tuned"]
    assert world.call("/health", key=world.key(), verb="GET").body["status"] == "ok"
    assert world.call("/v2/models", key=world.key(), verb="GET").status == 404


def test_the_own_contract_and_feedback_are_as_everywhere() -> None:
    world = EdgeWorld()
    key = world.key()
    answered = world.call("/ask", {"question": "How early?", "mode": "rag"}, key=key)
    noted = world.call("/feedback", {"request_id": answered.body["request_id"], "rating": "good"}, key=key)

    assert answered.body["citations"][0]["uri"] == "s3://docs/a.md"
    assert noted.body["feedback"]["rating"] == "good"
    completion = world.chat(key)
    named = world.call("/feedback", {"request_id": completion.body["id"], "rating": "bad"}, key=key)
    assert named.body["feedback"]["request_id"] == completion.headers["x-request-id"]
    assert world.call("/feedback", {"request_id": "How early?", "rating": "bad"}, key=key).status == 400
    assert "How early" not in str(world.lines)
    assert world.call("/ask", {"question": "", "mode": "best"}, key=key).error["code"] == "invalid_request"
