"""Keys: who is let in, for which modes, over which documents."""

import json
from datetime import timedelta
from typing import Any

import pytest

from arbiter.edge.budgets import Budget
from arbiter.edge.callers import MOST_CONDITIONS, bound_filter, narrowed
from arbiter.edge.keys import LENGTH, digest_of, new_secret
from arbiter.errors import InvalidRequest
from tests.unit.arbiter.edge.edge_fakes import EdgeWorld

TEAM = {"equals": {"key": "team", "value": "support"}}
OTHER = {"equals": {"key": "team", "value": "sales"}}


def test_a_key_is_random_and_kept_as_a_hash_only() -> None:
    world = EdgeWorld()
    key = world.key()

    assert len({new_secret() for _ in range(100)}) == 100
    assert {len(new_secret()) for _ in range(100)} == {LENGTH}
    assert key not in repr(world.table.keys)
    assert digest_of(key) in world.table.keys


@pytest.mark.parametrize(
    "header",
    ["", "Bearer", "Bearer ", "Bearer arb-", "Basic dTpw", "Bearer " + "x" * LENGTH, "Bearer arb-" + "a" * 43,
     "Bearer arb-" + "a" * 10_000, "arb-" + "a" * 43, "Bearer arb-" + "é" * 43,
     "Bearer arb-" + "\ud800" * 43],
)  # fmt: skip
def test_who_has_no_key_is_refused_everywhere_and_nothing_is_bought(header: str) -> None:
    world = EdgeWorld()
    world.key()
    for verb, path in (("POST", "/ask"), ("POST", "/v1/responses"), ("GET", "/v1/models"), ("GET", "/health")):
        event = {
            "httpMethod": verb,
            "resource": path,
            "headers": {"Authorization": header},
            "body": '{"question": "?"}',
        }
        reply = world.front().serve(_call(event))

        assert reply["statusCode"] == 401
        assert json.loads(reply["body"])["error"]["code"] == "invalid_api_key"
    assert not world.bought


def _call(event: dict[str, Any]) -> Any:
    from arbiter.edge.http import Call

    return Call(event, None)


def test_a_key_ends_with_its_day_or_when_it_is_revoked() -> None:
    world = EdgeWorld()
    key, revoked = world.key(days=1), world.key(revoked=True)

    assert world.chat(key).status == 200
    world.at += timedelta(days=1)
    world.model.calls.clear()

    assert (world.chat(key).status, world.chat(revoked).status) == (401, 401)
    assert "expired on 2026-11-29" in world.chat(key).error["message"]
    assert not world.bought


def test_a_key_asks_in_its_modes_only_also_by_degrading() -> None:
    world = EdgeWorld()
    key = world.key(modes=("rag",))
    refused = [
        world.call("/ask", {"question": "?", "mode": mode}, key=key) for mode in ("auto", "base", "combined")
    ] + [world.call("/ask", {"question": "?"}, key=key), world.chat(key, model="auto")]
    lesser = world.call("/ask", {"question": "?", "mode": "rag", "degrade": True}, key=key)

    assert {one.status for one in [*refused, lesser]} == {403}
    assert not world.bought
    assert world.call("/ask", {"question": "?", "mode": "rag"}, key=key).status == 200


@pytest.mark.parametrize(
    "asked",
    [
        None,
        OTHER,
        {"notEquals": {"key": "team", "value": "support"}},
        {"orAll": [OTHER, {"notEquals": {"key": "x", "value": 1}}]},
        {"andAll": [OTHER, {"equals": {"key": "x", "value": 1}}]},
    ],
)
@pytest.mark.parametrize("mode", ["rag", "combined", "auto"])
def test_every_search_passes_the_filter_of_the_key(asked: Any, mode: str) -> None:
    world = EdgeWorld()
    key = world.key(conditions={"team": "support"})
    retrieval = {"strategy": "multi_step", **({"filter": asked} if asked else {})}
    question = "How early can a kit be booked, and what does a tent cost?"
    assert world.call("/ask", {"question": question, "mode": mode, "retrieval": retrieval}, key=key).status == 200

    assert len(world.retriever.queries) > 1
    for query in world.retriever.queries:
        assert query.options.filter == TEAM or TEAM in (query.options.filter or {})["andAll"]


def test_a_bound_filter_alone_does_not_make_auto_search() -> None:
    world = EdgeWorld()
    told = world.call("/ask", {"question": "Hello!"}, key=world.key(conditions={"team": "support"}))

    assert told.body["mode"] == "base"


def test_a_filter_too_deep_beside_the_bound_one_is_refused_before_anything_is_bought() -> None:
    world = EdgeWorld()
    deep = {"orAll": [{"andAll": [TEAM, OTHER]}, OTHER]}
    body = {"question": "?", "mode": "rag", "retrieval": {"filter": deep}}

    assert world.call("/ask", body, key=world.key()).status == 200
    world.retriever.queries.clear()
    world.model.calls.clear()
    world.table.spent.clear()
    refused = world.call("/ask", body, key=world.key(conditions={"team": "support"}, budget=Budget(usd=1)))
    assert refused.status == 400
    assert not world.bought
    assert not world.table.spent


def test_conditions_are_alternatives_or_values_that_the_store_can_compare() -> None:
    bound = bound_filter({"team": ["support", "sales"], "year": 2026})
    assert bound == {"andAll": [{"in": {"key": "team", "value": ["support", "sales"]}},
                                {"equals": {"key": "year", "value": 2026}}]}  # fmt: skip
    assert narrowed(bound, {"andAll": [TEAM, OTHER]}) == {"andAll": [*bound["andAll"], TEAM, OTHER]}
    for wrong in ({"team": None}, {"team": {}}, {"": "x"}, {str(n): n for n in range(MOST_CONDITIONS + 1)}):
        with pytest.raises(InvalidRequest):
            bound_filter(wrong)


def test_nobody_is_let_in_while_the_store_is_down() -> None:
    world = EdgeWorld()
    key = world.key()
    world.table.down = True

    assert world.chat(key).status == 503
    assert not world.bought
