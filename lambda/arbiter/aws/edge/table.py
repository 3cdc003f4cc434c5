"""The table of keys and spending, for the function that answers: one read and one conditional write a request."""

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
_NO_ROOM = "ConditionalCheckFailedException"
_STORE = "the table of keys and budgets"
_CALLEE = Callee(_STORE, missing=StoreUnavailable, failed=StoreUnavailable, unreadable=StoreUnavailable, field=None)
_ADD = "ADD pico :pico, tokens :tokens SET " + GONE_AFTER + " = :gone_after"


class EdgeTable:
    """Keys and spending in DynamoDB."""

    def __init__(self, client: Client, table: str) -> None:
        self._client, self._table = client, table

    def find(self, digest: str) -> Key | None:
        """The key with that hash, read consistently."""
        item = self._call("get_item", Key=key_id(digest), ConsistentRead=True).get("Item")
        return key_of(item) if item else None

    def reserve(self, account: str, day: str, most: Spent, budget: Budget) -> Spent | None:
        """Add to what is spent if the budget then still holds, in one write; else the amount that was spent before."""
        limits = {"pico": budget.pico, "tokens": budget.tokens}
        room = {name: limit - getattr(most, name) for name, limit in limits.items() if limit is not None}
        if any(left < 0 for left in room.values()):
            stored = self._call("get_item", Key=spending_id(account, day), ConsistentRead=True).get("Item")
            return spent_of(stored or {})
        try:
            self._call(
                "update_item",
                Key=spending_id(account, day),
                UpdateExpression=_ADD,
                ConditionExpression=" AND ".join(f"(attribute_not_exists({n}) OR {n} <= :{n}_room)" for n in room),
                ExpressionAttributeValues={
                    **_added(most, day),
                    **{f":{name}_room": {"N": str(left)} for name, left in room.items()},
                },
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
            )
        except _Full as full:
            return spent_of(full.item)
        return None

    def settle(self, account: str, day: str, difference: Spent) -> None:
        """Correct a reservation, once: the write is not repeated, for nobody can tell whether a lost one was made."""
        added = _added(difference, day)
        self._call("update_item", Key=spending_id(account, day), UpdateExpression=_ADD, ExpressionAttributeValues=added)

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
            if isinstance(cause, ClientError) and failure_of(cause).code == _NO_ROOM:
                raise _Full(object_of(cause.response.get("Item"))) from error
            # Whatever is the matter, throttling or a lacking permission: nobody is let in without his key.
            message = "Keys and budgets cannot be looked up"
            raise StoreUnavailable(f"{message}: {error}", for_callers=f"{message}; the log says why.") from error


class _Full(Exception):  # noqa: N818 - a condition that is met, no error
    """A budget without room."""

    def __init__(self, item: dict[str, Any]) -> None:
        super().__init__()
        self.item = item


def _hex_of(item: object) -> str | None:
    return object_of(object_of(item).get("hex")).get("S")


def _added(spent: Spent, day: str) -> dict[str, Any]:
    gone = int((datetime.fromisoformat(f"{day}T00:00:00+00:00") + KEPT).timestamp())
    numbers = {":pico": spent.pico, ":tokens": spent.tokens, ":gone_after": gone}
    return {name: {"N": str(number)} for name, number in numbers.items()}
