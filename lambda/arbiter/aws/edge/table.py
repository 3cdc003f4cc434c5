"""The table of keys and spending, for the function that answers: one read and one conditional write a request."""

from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

from botocore.exceptions import ClientError

from arbiter.aws.calls.failures import failure_of
from arbiter.aws.calls.text import object_of
from arbiter.aws.clients import Client
from arbiter.aws.edge.items import GONE_AFTER, SECRET, key_id, key_of, spending_id, spent_of
from arbiter.aws.errors import Callee
from arbiter.edge.budgets import Budget, Spent
from arbiter.edge.errors import StoreUnavailable
from arbiter.edge.keys import Key
from arbiter.errors import ArbiterError

SECONDS = 2.0
"""Of a read or write: DynamoDB answers in milliseconds, and the answer itself needs the rest."""
KEPT = timedelta(days=400)
"""Spending of a day, to be looked back on."""
_UNMET = "ConditionalCheckFailedException"
_STORE = "the table of keys and budgets"
_CALLEE = Callee(_STORE, missing=StoreUnavailable, failed=StoreUnavailable, unreadable=StoreUnavailable, field=None)
_KEEP = f"SET {GONE_AFTER} = :gone_after"
_ADD = "ADD pico :pico, tokens :tokens"
HELD = "held"
"""The attribute with the names of the reservations that are not settled yet."""


class EdgeTable:
    """Keys and spending in DynamoDB."""

    def __init__(self, client: Client, table: str) -> None:
        self._client, self._table = client, table

    def find(self, digest: str) -> Key | None:
        """The key with that hash, read consistently."""
        item = self._call("get_item", Key=key_id(digest), ConsistentRead=True).get("Item")
        return key_of(item) if item else None

    def reserve(self, account: str, day: str, most: Spent, budget: Budget, name: str) -> Spent | None:
        """Add to what is spent if the budget then still holds, in one write; else the amount that was spent before.

        The write notes the name of the reservation: whoever lost its answer makes it again, and it counts once.
        """
        limits = {"pico": budget.pico, "tokens": budget.tokens}
        room = {name: limit - getattr(most, name) for name, limit in limits.items() if limit is not None}
        if any(left < 0 for left in room.values()):
            stored = self._call("get_item", Key=spending_id(account, day), ConsistentRead=True).get("Item")
            return spent_of(stored or {})
        fits = [f"(attribute_not_exists({limit}) OR {limit} <= :{limit}_room)" for limit in room]
        try:
            self._call(
                "update_item",
                Key=spending_id(account, day),
                UpdateExpression=f"{_ADD}, {HELD} :held {_KEEP}",
                ConditionExpression=" AND ".join([*fits, f"NOT contains({HELD}, :name)"]),
                ExpressionAttributeValues={
                    **_added(most, day),
                    **_named(name),
                    **{f":{limit}_room": {"N": str(left)} for limit, left in room.items()},
                },
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
            )
        except _Unmet as unmet:
            return None if name in object_of(unmet.item.get(HELD)).get("SS", ()) else spent_of(unmet.item)
        return None

    def settle(self, account: str, day: str, difference: Spent, name: str | None) -> None:
        """Correct the reservation of that name, once however often it is tried; without one, add to what is spent."""
        added, once = _added(difference, day), {}
        change = f"{_ADD} {_KEEP}"
        if name is not None:
            change, once = f"{change} DELETE {HELD} :held", {"ConditionExpression": f"contains({HELD}, :name)"}
            added |= _named(name)
        with suppress(_Unmet):  # A write whose answer was lost has settled it.
            self._call(
                "update_item",
                Key=spending_id(account, day),
                UpdateExpression=change,
                ExpressionAttributeValues=added,
                **once,
            )

    def secret(self) -> str | None:
        """The secret by which answers are bound to who asked; `None` before one was made."""
        return _hex_of(self._call("get_item", Key=SECRET, ConsistentRead=True).get("Item"))

    def keep_secret(self, made: str) -> str:
        """The secret from now on: this one, or another that was kept before."""
        kept = self._call(
            "update_item",
            Key=SECRET,
            UpdateExpression="SET hex = if_not_exists(hex, :made)",
            ExpressionAttributeValues={":made": {"S": made}},
            ReturnValues="ALL_NEW",
        )
        if secret := _hex_of(kept.get("Attributes")):
            return secret
        raise StoreUnavailable("The table's item secret#receipts holds no text. Delete it.", retryable=False)

    def _call(self, operation: str, **parameters: Any) -> dict[str, Any]:
        try:
            return self._client.call(operation, _CALLEE, SECONDS, TableName=self._table, **parameters)
        except ArbiterError as error:
            cause = error.__cause__
            if isinstance(cause, ClientError) and failure_of(cause).code == _UNMET:
                raise _Unmet(object_of(cause.response.get("Item"))) from error
            # Whatever is the matter, throttling or a lacking permission: nobody is let in without his key.
            message = "Keys and budgets cannot be looked up"
            raise StoreUnavailable(f"{message}: {error}", for_callers=f"{message}; the log says why.") from error


class _Unmet(Exception):  # noqa: N818 - a condition that is not met, no error
    """A budget without room, a reservation that is made already, or one that is settled."""

    def __init__(self, item: dict[str, Any]) -> None:
        super().__init__()
        self.item = item


def _hex_of(item: object) -> str | None:
    return object_of(object_of(item).get("hex")).get("S")


def _named(name: str) -> dict[str, Any]:
    return {":name": {"S": name}, ":held": {"SS": [name]}}


def _added(spent: Spent, day: str) -> dict[str, Any]:
    gone = int((datetime.fromisoformat(f"{day}T00:00:00+00:00") + KEPT).timestamp())
    numbers = {":pico": spent.pico, ":tokens": spent.tokens, ":gone_after": gone}
    return {name: {"N": str(number)} for name, number in numbers.items()}
