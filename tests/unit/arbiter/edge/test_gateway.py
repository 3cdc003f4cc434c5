"""The tool of a gateway: its arguments are the router's contract, said flat."""

from types import SimpleNamespace
from typing import Any

import pytest

from arbiter.answering.request import Features, parse_request
from arbiter.edge.gateway import request_of, tool
from arbiter.modes import AUTO, Mode

SAMPLES: dict[str, Any] = {
    "question": "How heavy?",
    "mode": "rag",
    "filter": {"equals": {"key": "team", "value": "x"}},
    "max_cost_usd": 0.5,
}


def called(name: Any = "arbiter___ask") -> Any:
    return SimpleNamespace(client_context=SimpleNamespace(custom={"bedrockAgentCoreToolName": name}))


def test_every_argument_of_the_tool_is_read_by_the_router() -> None:
    offered = tool(tuned=True)["inputSchema"]
    assert offered["properties"].keys() == SAMPLES.keys()
    told = {tuned: tool(tuned=tuned)["inputSchema"]["properties"]["mode"]["description"] for tuned in (True, False)}
    assert all(f"{mode}: " in told[True] for mode in (AUTO, *Mode))
    assert {mode for mode in Mode if f"{mode}: " in told[False]} == {mode for mode in Mode if not mode.specialised}

    request = parse_request(request_of(SAMPLES, called()), Features())
    assert (request.question, request.mode) == ("How heavy?", Mode.RAG)
    assert (request.retrieval.filter, request.limits.max_cost_usd) == (SAMPLES["filter"], 0.5)


def test_what_is_null_is_left_out() -> None:
    nothing: dict[str, Any] = {"question": "?", "mode": None, "filter": None, "max_cost_usd": None}
    assert request_of(nothing, called()) == {"question": "?"}


@pytest.mark.parametrize(
    "context",
    [None, SimpleNamespace(client_context=None), SimpleNamespace(client_context=SimpleNamespace(custom=None)),
     called("other___ask"), called("ask"), called(7), called(["arbiter___ask"])],
)  # fmt: skip
def test_the_event_of_another_caller_stays_as_it_is(context: Any) -> None:
    assert request_of(SAMPLES, context) is SAMPLES


@pytest.mark.parametrize("event", [None, [], "?"])
def test_an_event_that_holds_no_arguments_is_left_to_the_router(event: Any) -> None:
    assert request_of(event, called()) is event


def test_blocks_of_the_contract_are_not_overwritten() -> None:
    both = {"question": "?", "filter": SAMPLES["filter"], "retrieval": {"results": 1}}
    assert request_of(both, called()) == both
