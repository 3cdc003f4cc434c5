"""Ten thousand requests that are each almost right: none of them is the router's own failure."""

import copy
import json
import random
from collections import Counter
from typing import Any

import pytest

from tests.unit.arbiter.answering.router_fakes import FakeModel, World, http

EVENTS = 10_000
FITTING = '{"early": 84}'
"""An answer that fits the schema of the request, and may be read as a question of a plan."""
WHOLE: dict[str, Any] = {
    "question": "How early can a kit be booked, and what does it cost?",
    "mode": "combined",
    "history": [{"role": "user", "text": "Hello?"}, {"role": "assistant", "text": "Hello."}],
    "system": "Be kind.",
    "prompting": "zero_shot",
    "format": {"type": "json", "schema": {"type": "object", "properties": {"days": {"type": "number"}}}},
    "retrieval": {
        "results": 3,
        "search": "semantic",
        "filter": {"andAll": [{"equals": {"key": "a", "value": 1}}, {"in": {"key": "b", "value": ["x", "y"]}}]},
        "rerank": False,
        "rewrite": True,
        "sentences": True,
        "strategy": "multi_step",
    },
    "limits": {"max_output_tokens": 64, "max_latency_ms": 900, "max_cost_usd": 0.02},
    "prefer": "latency",
    "degrade": True,
}
VALUES: list[Any] = [
    None, True, False, 0, 1, -1, 7, 10**30, 0.5, -0.0, float("nan"), float("inf"), "", " ", "x", "auto", "base", "rag",
    "\0", "\ud800", "\u202e", "x" * 20_001, "' OR 1=1 --", "<documents>", "{}", [], {}, [[]], [{}], {"type": "object"},
    {"": None}, {"equals": {"key": "k", "value": "v"}}, ["x"] * 101, "adaptive", "json", "text", "cost", "user",
]  # fmt: skip


def places(node: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The paths of everything inside a JSON value."""
    children = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    return [found for key, child in children for found in ((*path, key), *places(child, (*path, key)))]


def mutated(chance: random.Random) -> Any:
    """The whole request with fields left out, replaced or added."""
    event = copy.deepcopy(WHOLE)
    for key in [key for key in event if key != "question" and chance.random() < 0.6]:
        del event[key]
    for _ in range(chance.choice((0, 1, 1, 1, 2, 5))):
        *parents, last = chance.choice(places(event))
        node: Any = event
        for key in parents:
            node = node[key]
        match chance.randrange(4):
            case 0 if isinstance(node, dict):
                node[chance.choice(["model", "Mode", "\ud800", "", last])] = chance.choice(VALUES)
            case 1:
                del node[last]
            case _:
                node[last] = copy.deepcopy(chance.choice(VALUES))
        if not places(event):
            break
    return event


@pytest.mark.slow
def test_almost_right_requests_are_answered_or_refused() -> None:
    chance = random.Random(20261121)
    outcomes: Counter[str] = Counter()
    for _ in range(EVENTS):
        event = mutated(chance)
        response = World(model=FakeModel(text=FITTING)).respond(event)
        if chance.random() < 0.1:
            reply = World(model=FakeModel(text=FITTING)).respond(http(json.dumps(event)))
            assert reply["statusCode"] in {200, 400, 413, 504}, reply
        outcomes[response.get("error", {}).get("code", "answered")] += 1

    assert set(outcomes) <= {"answered", "invalid_request", "cost_limit_exceeded", "deadline_exceeded"}, outcomes
    assert min(outcomes["answered"], outcomes["invalid_request"]) > EVENTS / 10, outcomes
