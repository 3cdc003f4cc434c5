"""The table of keys and spending: one read, one conditional write, one settlement, as DynamoDB takes them."""

from functools import partial
from typing import Any

import pytest
from botocore.stub import ANY

from arbiter.aws.edge.items import item_of, key_of
from arbiter.aws.edge.table import EdgeTable
from arbiter.edge.budgets import Budget, Spent
from arbiter.edge.errors import StoreUnavailable
from arbiter.edge.keys import Key
from tests.unit.arbiter.aws.stubs import stubbed

KEY = Key("app", "ab12", ("auto", "rag"), {"team": "support"}, Budget(5.0, 1000), 1, 2)
BUDGET = Budget(usd=1.0, tokens=100)
NAMED = {":name": {"S": "r1"}, ":held": {"SS": ["r1"]}}


def update(**changes: Any) -> dict[str, Any]:
    return {"TableName": "table", "Key": {"id": {"S": "spent#a#2026-11-28"}}, "UpdateExpression": ANY,
            "ExpressionAttributeValues": ANY, **changes}  # fmt: skip


def test_a_key_is_read_as_it_was_written() -> None:
    for key in (KEY, KEY._replace(budget=Budget(), expires=None, revoked=True)):
        assert key_of(item_of(key)) == key
    with stubbed("dynamodb") as (client, stub):
        asked = {"TableName": "table", "Key": {"id": {"S": "key#ab12"}}, "ConsistentRead": True}
        stub.add_response("get_item", {"Item": item_of(KEY)}, asked)
        stub.add_response("get_item", {}, asked)
        table = EdgeTable(client, "table")

        assert (table.find("ab12"), table.find("ab12")) == (KEY, None)


@pytest.mark.parametrize(
    "damage",
    [{"name": None}, {"name": {"NULL": True}}, {"modes": {"N": "5"}}, {"conditions": {"S": "{x"}},
     {"conditions": {"S": "[]"}}, {"budget_usd": {"N": "many"}}, {"revoked": {"S": "no"}}, {"created": {"N": "x"}}],
)  # fmt: skip
def test_a_damaged_key_lets_nobody_in_and_is_named(damage: dict[str, Any]) -> None:
    kept = {name: value for name, value in {**item_of(KEY), **damage}.items() if value is not None}
    with stubbed("dynamodb") as (client, stub):
        stub.add_response("get_item", {"Item": kept})
        with pytest.raises(StoreUnavailable, match=r"item .*ab12.* is no key .*make another") as refused:
            EdgeTable(client, "table").find("ab12")

    assert "ab12" not in refused.value.to_object("r-1")["error"]["message"]
    assert not refused.value.retryable


def test_a_reservation_is_one_conditional_write() -> None:
    condition = "(attribute_not_exists(pico) OR pico <= :pico_room) AND (attribute_not_exists(tokens) OR tokens <= :tokens_room) AND NOT contains(held, :name)"  # noqa: E501
    added = {":pico": {"N": "10"}, ":tokens": {"N": "40"}, ":gone_after": ANY, **NAMED,
             ":pico_room": {"N": str(10**12 - 10)}, ":tokens_room": {"N": "60"}}  # fmt: skip
    asked = update(ConditionExpression=condition, ReturnValuesOnConditionCheckFailure="ALL_OLD",
                   ExpressionAttributeValues=added)  # fmt: skip
    with stubbed("dynamodb") as (client, stub):
        stub.add_response("update_item", {}, asked)
        full = {"Item": {"pico": {"N": "5"}, "tokens": {"N": "61"}}}
        stub.add_client_error("update_item", "ConditionalCheckFailedException", modeled_fields=full)
        made = {"Item": {**full["Item"], "held": {"SS": ["other", "r1"]}}}
        stub.add_client_error("update_item", "ConditionalCheckFailedException", modeled_fields=made)
        reserve = partial(EdgeTable(client, "table").reserve, "a", "2026-11-28", Spent(10, 40), BUDGET, "r1")

        assert reserve() is None
        assert reserve() == Spent(5, 61)
        assert reserve() is None  # The answer of its first write was lost.


def test_a_reservation_is_settled_once_however_often_that_is_tried() -> None:
    added = {":pico": {"N": "-4"}, ":tokens": {"N": "-9"}, ":gone_after": ANY}
    change = "ADD pico :pico, tokens :tokens SET gone_after = :gone_after"
    settled = update(UpdateExpression=f"{change} DELETE held :held", ConditionExpression="contains(held, :name)",
                     ExpressionAttributeValues={**added, **NAMED})  # fmt: skip
    with stubbed("dynamodb") as (client, stub):
        stub.add_response("update_item", {}, settled)
        stub.add_client_error("update_item", "ConditionalCheckFailedException")
        stub.add_response("update_item", {}, update(UpdateExpression=change, ExpressionAttributeValues=added))
        table = EdgeTable(client, "table")
        for name in ("r1", "r1", None):
            table.settle("a", "2026-11-28", Spent(-4, -9), name)


def test_what_no_day_could_hold_is_not_written() -> None:
    with stubbed("dynamodb") as (client, stub):
        stub.add_response("get_item", {"Item": {"tokens": {"N": "7"}}})

        assert EdgeTable(client, "table").reserve("a", "2026-11-28", Spent(10, 101), BUDGET, "r") == Spent(0, 7)


def test_a_secret_is_made_once_and_what_is_no_secret_is_named() -> None:
    key = {"TableName": "table", "Key": {"id": {"S": "secret#receipts"}}}
    made = {**key, "UpdateExpression": "SET hex = if_not_exists(hex, :made)", "ReturnValues": "ALL_NEW",
            "ExpressionAttributeValues": {":made": {"S": "ab"}}}  # fmt: skip
    with stubbed("dynamodb") as (client, stub):
        stub.add_response("get_item", {}, {**key, "ConsistentRead": True})
        stub.add_response("update_item", {"Attributes": {"hex": {"S": "cd"}}}, made)
        stub.add_response("get_item", {"Item": {"hex": {"S": "cd"}}})
        stub.add_response("update_item", {"Attributes": {"hex": {"NULL": True}}})
        table = EdgeTable(client, "table")

        assert (table.secret(), table.keep_secret("ab"), table.secret()) == (None, "cd", "cd")
        with pytest.raises(StoreUnavailable, match=r"item secret#receipts holds no text\. Delete it"):
            table.keep_secret("ab")


@pytest.mark.parametrize(
    "code", ["ProvisionedThroughputExceededException", "AccessDeniedException", "InternalServerError"]
)
def test_every_failure_is_a_store_that_is_not_available(code: str) -> None:
    with stubbed("dynamodb") as (client, stub):
        for operation in ("get_item", "update_item", "update_item"):
            stub.add_client_error(operation, code, "arn:aws:dynamodb:us-east-1:123456789012:table/t")
        table = EdgeTable(client, "table")
        for call in (
            lambda: table.find("a"),
            lambda: table.reserve("a", "2026-11-28", Spent(1, 1), BUDGET, "r"),
            lambda: table.settle("a", "2026-11-28", Spent(-1, -1), "r"),
        ):
            with pytest.raises(StoreUnavailable) as refused:
                call()
            assert "arn" not in refused.value.to_object("r")["error"]["message"]
