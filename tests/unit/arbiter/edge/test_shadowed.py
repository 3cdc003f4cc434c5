"""Requests through the API are answered again as those to the function are, within what their caller may see."""

from collections.abc import Mapping
from typing import Any

import pytest

from arbiter.answering.request import Features, parse_request
from arbiter.answering.serving import shadow
from arbiter.answering.serving.shadow import Offers
from arbiter.edge.budgets import Budget
from tests.unit.arbiter.edge.edge_fakes import EdgeWorld


class Started:
    """A thread that has run when it is started."""

    def __init__(self, *, target: Any, args: tuple[Any, ...], daemon: bool) -> None:
        self.start = lambda: target(*args)


@pytest.fixture
def handed(monkeypatch: pytest.MonkeyPatch) -> list[Mapping[str, Any]]:
    monkeypatch.setattr(shadow, "Thread", Started)
    return []


def world(handed: list[Mapping[str, Any]]) -> EdgeWorld:
    return EdgeWorld(offers=Offers(1.0, handed.append, print))


def test_requests_of_auto_are_handed_over_in_the_router_s_contract(handed: list[Mapping[str, Any]]) -> None:
    edge = world(handed)
    key = edge.key()
    replied = [edge.chat(key, model=model) for model in ("auto", "base")]
    (event,) = handed

    assert [one.status for one in replied] == [200, 200]
    assert event["request_id"] == replied[0].headers["x-request-id"]
    assert parse_request(event["request"], Features()).question == "How early?"


def test_what_a_caller_may_not_see_is_not_seen_for_its_requests_either(handed: list[Mapping[str, Any]]) -> None:
    edge = world(handed)
    key = edge.key(conditions={"team": "support"})
    own = {"equals": {"key": "year", "value": 2024}}
    edge.call("/ask", {"question": "How early?"}, key=key)
    edge.call("/ask", {"question": "How early?", "retrieval": {"results": 2, "filter": own}}, key=key)
    team = {"equals": {"key": "team", "value": "support"}}
    alone, both = (parse_request(event["request"], Features()).retrieval for event in handed)

    assert (alone.filter, both.filter, both.results) == (team, {"andAll": [team, own]}, 2)


def test_a_request_that_is_refused_is_not_answered_again(handed: list[Mapping[str, Any]]) -> None:
    edge = world(handed)
    spent = edge.call("/ask", {"question": "How early?"}, key=edge.key(budget=Budget(usd=1e-9)))

    assert (spent.status, handed) == (429, [])


def test_what_is_reserved_is_given_back_where_a_request_cannot_be_handed_over() -> None:
    class Broken:
        def offer(self, payload: object, request_id: str) -> None:
            raise RuntimeError("can't start new thread")

    edge = EdgeWorld(offers=Broken())  # type: ignore[arg-type]
    failed = edge.call("/ask", {"question": "How early?"}, key=edge.key(budget=Budget(tokens=100_000)))

    assert (failed.status, edge.bought) == (500, False)
    assert (edge.table.highest > 0, set(edge.table.spent.values())) == (True, {0})
