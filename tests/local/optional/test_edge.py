"""The API: refused before a function runs, streamed, held to its rate and its budgets, and guarded."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest

from arbiter.aws.clients import Client
from arbiter.aws.edge.table import EdgeTable
from arbiter.edge.budgets import Budget, Spent, pico
from tests.local.api import Api
from tests.local.asking import acted
from tests.local.deployed import Deployed
from tests.local.faults import faults_of
from tests.local.optional.conftest import FEW
from tests.unit.arbiter.aws.stubs import session

pytestmark = pytest.mark.local

DAY = "2026-11-28"


def test_the_gate_refuses_before_a_function_runs_and_the_function_what_the_gate_cannot_know(optional: Deployed) -> None:
    api = Api(optional)
    key = api.key(modes=("base",), budget=Budget(usd=1.0))

    assert api.call("GET", "/health", key=None).code == "BAD_REQUEST_PARAMETERS"
    assert api.call("POST", "/ask", {"nothing": 1}, key=key).code == "BAD_REQUEST_BODY"
    assert api.call("GET", "/v2", key=key).code == "MISSING_AUTHENTICATION_TOKEN"
    asked = api.call("POST", "/v1/chat/completions", api.chat("base"), key=key)
    assert (asked.status, asked.body["model"]) == (200, "base")
    assert (api.call("POST", "/v1/chat/completions", api.chat("rag"), key=key).status) == 403
    (spent,) = (one for _, _, one in api.table.spent([api.kept(key)], datetime.now(UTC).date(), 1))
    assert spent == Spent(pico(float(asked.headers["x-arbiter-cost-usd"])), asked.body["usage"]["total_tokens"])
    assert api.call("GET", "/health", key=key).status == 200
    assert acted(optional, "Edge-FrontRole") >= {"dynamodb:GetItem"}
    assert acted(optional, "StreamRole") >= {"dynamodb:UpdateItem", "bedrock:InvokeModel"}


def test_an_answer_goes_out_while_it_is_written_and_one_that_breaks_off_says_so(optional: Deployed) -> None:
    api = Api(optional)
    key = api.key(modes=("base",), budget=Budget(tokens=10_000))
    whole = api.stream("/v1/chat/completions", {**api.chat("base"), "stream_options": {"include_usage": True}}, key=key)
    with faults_of(optional.aws) as faults:
        faults.order("stream", {"after": 4})
        broken = api.stream("/v1/responses", {"model": "base", "input": "Hello!"}, key=key)
    (spent,) = (one for _, _, one in api.table.spent([api.kept(key)], datetime.now(UTC).date(), 1))

    assert len([event for event in whole if event != "[DONE]" and event["choices"]]) > 3
    assert whole[-1] == "[DONE]"
    assert [event["type"] for event in broken[-2:]] == ["response.failed", "error"]
    assert broken[4]["type"] == "response.output_text.delta"
    assert 0 < spent.tokens - whole[-2]["usage"]["total_tokens"] < 1_000
    assert "bedrock:InvokeModelWithResponseStream" in acted(optional, "StreamRole")


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_streaming_function_that_is_killed_fails_the_call_and_no_other(optional: Deployed, when: str) -> None:
    api = Api(optional)
    key, asked = api.key(modes=("base",), budget=Budget(tokens=10_000)), {"model": "base", "input": "Hello!"}
    with faults_of(optional.aws) as faults:
        faults.kill("Edge-Streaming", when)
        killed = api.call("POST", "/v1/responses", {**asked, "stream": True}, key=key)
        assert faults.counts() == [(1, 1)]
    whole = api.stream("/v1/responses", asked, key=key)
    (spent,) = (one for _, _, one in api.table.spent([api.kept(key)], datetime.now(UTC).date(), 1))

    assert killed.status == 502
    assert whole[-1]["type"] == "response.completed"
    answers = spent.tokens / whole[-1]["response"]["usage"]["total_tokens"]
    assert answers == {"before": 1, "after": 2}[when]


def test_above_its_rate_the_api_asks_to_wait(optional: Deployed) -> None:
    api = Api(optional)
    key = api.key(modes=("base",), budget=Budget(tokens=1))
    answers = [api.call("GET", "/v1/models", key=key) for _ in range(10)]

    throttled = next(answer for answer in answers if answer.status == 429)
    assert (throttled.code, throttled.headers["retry-after"]) == ("THROTTLED", "2")


def test_the_table_lets_sixty_four_parallel_callers_spend_no_token_too_many(
    optional: Deployed, monkeypatch: pytest.MonkeyPatch
) -> None:
    # What a busy machine makes of a call's time is not looked at here.
    monkeypatch.setattr("arbiter.aws.edge.table.SECONDS", 60.0)
    client = Client(session(), "dynamodb")
    client._client = optional.deployment.client("dynamodb", max_pool_connections=64)
    table = EdgeTable(client, optional.deployment.output("KeyTableName"))
    most, budget = Spent(7, 10), Budget(tokens=205)

    def spend(number: int) -> int | None:
        """The tokens that stay spent; `None` where there was no room."""
        if table.reserve("parallel", DAY, most, budget, str(number)) is not None:
            return None
        if number % 2:
            # As whoever lost the answer: it counts once.
            table.settle("parallel", DAY, Spent(0, -3), str(number))
            table.settle("parallel", DAY, Spent(0, -3), str(number))
        return 7 if number % 2 else 10

    with ThreadPoolExecutor(64) as callers:
        granted = [tokens for tokens in callers.map(spend, range(128)) if tokens is not None]
    spent = table.reserve("parallel", DAY, most, Budget(tokens=0), "last")
    assert spent == Spent(7 * len(granted), sum(granted))
    assert len(granted) >= 20
    assert spent.tokens <= 205


def test_the_api_is_guarded_too(guarded: Deployed) -> None:
    api = Api(guarded)
    key = api.key(modes=("base",), budget=Budget(usd=1.0))
    asked = {**api.chat("base"), "messages": [{"role": "user", "content": "Say hush to me."}]}
    reply = api.call("POST", "/v1/chat/completions", asked, key=key)
    assert reply.body["choices"][0]["message"]["content"] == "This question cannot be answered here."
    assert reply.body["choices"][0]["finish_reason"] == "content_filter"


def test_an_address_that_asks_too_often_is_blocked_before_anything_else(optional: Deployed) -> None:
    """Comes last: nobody on this machine reaches the API after it."""
    api = Api(optional)
    answers = [api.call("GET", "/health", key=None) for _ in range(FEW + 1)]

    assert answers[0].code == "BAD_REQUEST_PARAMETERS"
    assert (answers[-1].status, answers[-1].code) == (403, "WAF_FILTERED")
    assert api.call("GET", "/v1/models", key=api.key(modes=("base",), budget=Budget(usd=1.0))).status == 403
