"""The router answers every invocation with an object, and writes one line about it."""

import json

import pytest

from arbiter.answering.serving.router import respond
from arbiter.costs.tokens import Usage
from arbiter.errors import (
    AccessDenied,
    ArbiterError,
    BadModelOutput,
    DeadlineExceeded,
    KnowledgeBaseUnavailable,
    ModelError,
    ModelNotReady,
    Throttled,
    TooLarge,
)
from tests.unit.arbiter.answering.router_fakes import (
    PASSAGES,
    TUNED,
    FakeModel,
    FakeRetriever,
    FakeTunedModels,
    World,
    http,
    paths,
    raising,
    settings,
)


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE", "PATCH", "OPTIONS", "post", None])
def test_only_post_is_answered_and_nothing_is_billed_for_the_rest(method: str | None) -> None:
    world = World()
    reply = world.respond(http('{"question": "How early?"}', method=method))

    assert (reply["statusCode"], reply["headers"]["allow"]) == (405, "POST")
    assert json.loads(reply["body"])["error"]["code"] == "method_not_allowed"
    assert (world.model.calls, world.retriever.queries, world.tuned_models.reads) == ([], [], [])


def test_an_answer_has_every_field_of_the_contract() -> None:
    response = World().respond({"question": "How early can a kit be booked?", "mode": "auto"})

    assert list(response) == [
        "answer", "mode", "requested_mode", "decision", "citations", "model", "usage", "latency_ms", "cost_usd",
        "degraded", "stop_reason", "request_id",
    ]  # fmt: skip
    assert response["mode"] == "rag"
    assert response["requested_mode"] == "auto"
    assert list(response["decision"]) == ["grounded", "specialised", "policy"]
    assert list(response["decision"]["grounded"]) == ["value", "score", "threshold", "because"]
    assert [list(citation) for citation in response["citations"]] == [
        ["text", "uri", "score", "document", "page", "section"]
    ] * len(PASSAGES)
    assert response["usage"] == {"input_tokens": 100, "output_tokens": 10, "cached_tokens": 0, "cache_write_tokens": 0}
    assert list(response["latency_ms"]) == ["route", "retrieve", "generate", "total"]
    json.dumps(response, allow_nan=False)


def test_an_explicit_mode_needed_no_decision() -> None:
    assert World().respond({"question": "How early?", "mode": "base"})["decision"] is None


def test_over_http_the_same_object_comes_as_a_body() -> None:
    direct = World().respond({"question": "How early?", "mode": "base"})
    reply = World().respond(http('{"question": "How early?", "mode": "base"}'))

    assert reply["statusCode"] == 200
    assert json.loads(reply["body"]).keys() == direct.keys()


def test_a_bad_request_names_every_problem() -> None:
    response = World().respond({"question": "", "mode": "best"})

    assert response["error"]["code"] == "invalid_request"
    assert response["error"]["retryable"] is False
    assert list(paths(response)) == ["question", "mode"]
    assert list(response["error"]["problems"][0]) == ["path", "problem", "allowed"]


@pytest.mark.parametrize(
    ("failure", "status", "code", "retryable"),
    [
        (TooLarge("x"), 413, "too_large", False),
        (Throttled("x"), 429, "throttled", True),
        (AccessDenied("x"), 502, "access_denied", False),
        (BadModelOutput("x"), 502, "bad_model_output", False),
        (ModelError("x"), 502, "model_error", False),
        (ModelError("x", retryable=True), 502, "model_error", True),
        (ModelNotReady("x"), 503, "model_not_ready", True),
        (DeadlineExceeded("x"), 504, "deadline_exceeded", True),
        (RuntimeError("x"), 500, "internal", False),
    ],
)
def test_every_failure_has_its_status_and_code(failure: ArbiterError, status: int, code: str, retryable: bool) -> None:
    world = World(model=FakeModel(failures=[failure, failure]))
    reply = world.respond(http('{"question": "How early?", "mode": "base"}'))

    assert reply["statusCode"] == status
    error = json.loads(reply["body"])["error"]
    assert (error["code"], error["retryable"]) == (code, retryable)
    assert ("retry-after" in reply["headers"]) == retryable
    assert world.log[0]["error"] == code
    assert world.log[0]["request_id"] == error["request_id"]


@pytest.mark.parametrize(
    ("world", "mode", "status", "code"),
    [
        (World(tuned_models=FakeTunedModels(known=None)), "fine_tuned", 503, "tuned_model_unavailable"),
        (World(retriever=FakeRetriever(passages=())), "rag", 409, "knowledge_base_empty"),
        (World(retriever=FakeRetriever(failures=[KnowledgeBaseUnavailable("x")])), "rag", 503,
         "knowledge_base_unavailable"),
    ],
)  # fmt: skip
def test_a_mode_that_cannot_be_served_has_its_status(world: World, mode: str, status: int, code: str) -> None:
    reply = world.respond(http(json.dumps({"question": "How early?", "mode": mode})))

    assert (reply["statusCode"], json.loads(reply["body"])["error"]["code"]) == (status, code)


def test_the_latency_limit_of_a_request_bounds_its_calls() -> None:
    world = World()
    world.respond({"question": "How early?", "mode": "base", "limits": {"max_latency_ms": 700}})

    assert world.model.timeouts == [pytest.approx(0.7)]


def test_an_answer_leaves_one_line_that_is_log_and_metrics_at_once() -> None:
    world = World()
    response = world.respond({"question": "How early?", "mode": "combined"})
    [line] = world.log

    assert line["message"] == "answered"
    assert (line["Environment"], line["Mode"], line["Requests"], line["Errors"]) == ("test", "combined", 1, 0)
    assert line["CostUsd"] == response["cost_usd"]
    [directive] = line["_aws"]["CloudWatchMetrics"]
    assert directive["Namespace"] == "Arbiter"
    assert directive["Dimensions"] == [["Environment", "Mode"]]
    metrics = {metric["Name"] for metric in directive["Metrics"]}
    assert metrics == {
        "Requests", "Errors", "Degraded", "Latency", "RetrieveLatency", "GenerateLatency", "InputTokens",
        "OutputTokens", "CostUsd",
    }  # fmt: skip
    assert all(isinstance(line[name], int | float) for name in metrics)


def test_what_was_paid_in_vain_is_counted_and_what_nobody_told_is_named() -> None:
    useless = BadModelOutput("It wrote nothing.")
    useless.usage = Usage(100, 10)
    asked = {"question": "How early?", "mode": "fine_tuned"}
    lost, cut, degraded = (
        World(model=FakeModel(by_model={TUNED.model: error}))
        for error in (useless, DeadlineExceeded("late"), ModelError("cut"))
    )
    lost.respond(asked)
    cut.respond(asked)
    response = degraded.respond({**asked, "degrade": True})

    assert lost.log[0]["CostUsd"] == pytest.approx(100 * 1e-5 + 10 * 2e-5)
    assert {"CostUsd", "unsettled"} & cut.log[0].keys() == {"unsettled"}
    assert "unsettled" not in lost.log[0]
    assert response["unsettled"] == degraded.log[0]["unsettled"] == 1


def test_the_log_holds_no_text_unless_it_is_told_to() -> None:
    quiet, talkative = World(), World(settings=settings(log_text=True))
    for world in (quiet, talkative):
        world.respond({"question": "How secret?", "mode": "base"})
        world.respond({"question": "How secret?", "mode": "secret mode"})

    assert "secret" not in "".join(quiet.lines)
    assert "an answer" not in "".join(quiet.lines)
    assert (talkative.log[0]["question"], talkative.log[0]["answer"]) == ("How secret?", "an answer")


def test_a_defect_is_a_sentence_for_the_caller_and_a_traceback_in_the_log() -> None:
    world = World(model=FakeModel(failures=[ZeroDivisionError("secret detail")]))  # type: ignore[list-item]
    response = world.respond({"question": "How early?", "mode": "base"})

    assert response["error"]["code"] == "internal"
    assert "secret detail" not in json.dumps(response)
    [line] = world.log
    assert line["exception"] == "ZeroDivisionError"
    assert "secret detail" in line["traceback"]
    assert (line["level"], line["Errors"]) == ("ERROR", 1)


def test_a_router_that_cannot_be_built_answers_too() -> None:
    lines: list[str] = []
    response = respond(
        {"question": "How early?"}, None, raising(ValueError("ARBITER_BASE_MODEL is missing")), lines.append
    )

    assert response["error"]["code"] == "internal"
    assert "ARBITER_BASE_MODEL is missing" in json.loads(lines[0])["traceback"]
