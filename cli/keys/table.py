"""The table of keys, as whoever looks after them uses it, with their own credentials."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Any, NamedTuple, TypeVar

from arbiter.aws.edge.items import ID, KEYS, SPENDING, item_of, key_id, key_of, spender_of, spending_id, spent_of
from arbiter.edge.budgets import Budget, Spent
from arbiter.edge.errors import StoreUnavailable
from arbiter.edge.keys import Key
from cli.core.deployment import Deployment
from cli.core.errors import CliError

T = TypeVar("T")
MOST_READ = 100
"""botocore: BatchGetItem."""


class Spender(NamedTuple):
    """A subject that spends by tokens of an issuer, under the hash by which the table counts it."""

    name: str
    digest: str
    budget: Budget


Spending = tuple[Key | Spender, str, Spent]
"""The spender, the day (ISO 8601, UTC), and what was spent on it."""


class Table:
    """Keys and spending of one deployment."""

    def __init__(self, deployment: Deployment) -> None:
        self._name = _name(deployment)
        self._client = deployment.client("dynamodb")
        self.damaged: list[str] = []
        """A sentence on each item that was read and left out, for it was changed so that nobody can read it."""

    def all(self) -> list[Key]:
        """Every key that was made, by name."""
        return sorted(self._readable(self._scanned(KEYS), key_of), key=lambda key: key.name)

    def named(self, name: str) -> list[Key]:
        """The keys of that name that are not revoked.

        Raises:
            CliError: there is none.
        """
        known = self.all()
        if keys := [key for key in known if key.name == name and not key.revoked]:
            return keys
        names = ", ".join(dict.fromkeys(key.name for key in known if not key.revoked)) or "none"
        message = " ".join([f"There is no key {name!r} to revoke. Not revoked: {names}.", *self.damaged])
        raise CliError(message, code="no_such_key")

    def add(self, key: Key) -> None:
        """Keep a new key.

        Raises:
            CliError: there is one of that name that is not revoked.
        """
        if any(one.name == key.name and not one.revoked for one in self.all()):
            remedy = f"Revoke it (`arbiter keys revoke {key.name}`), or choose another name."
            raise CliError(f"There is a key {key.name!r} already. {remedy}", code="key_exists")
        self._client.put_item(
            TableName=self._name, Item=item_of(key), ConditionExpression=f"attribute_not_exists({ID})"
        )

    def revoke(self, key: Key) -> None:
        """Let nobody in with a key any more."""
        self._client.update_item(
            TableName=self._name,
            Key=key_id(key.digest),
            UpdateExpression="SET revoked = :yes",
            ConditionExpression=f"attribute_exists({ID})",
            ExpressionAttributeValues={":yes": {"BOOL": True}},
        )

    def spent(self, keys: Sequence[Key | Spender], until: date, days: int) -> list[Spending]:
        """The spending of keys or subjects by day, newest first, and everybody's of the last day."""
        span = _days(until, days)
        asked = {spending_id(key.digest, day)[ID]["S"]: (key, day) for day in span for key in keys}
        spent = dict(self._readable(self._items(list(asked)), lambda item: (item[ID]["S"], spent_of(item))))
        return [
            (key, day, spent.get(name, Spent()))
            for name, (key, day) in asked.items()
            if name in spent or day == span[0]
        ]

    def spent_by_subjects(self, budget: Budget, until: date, days: int) -> list[Spending]:
        """The spending of every subject by day, newest first, the largest of a day first; named by their hashes."""
        span = set(_days(until, days))
        items = self._readable(self._scanned(SPENDING), lambda item: (*spender_of(item), spent_of(item)))
        rows = [
            (Spender(f"sha256:{digest}", digest, budget), day, spent) for digest, day, spent in items if day in span
        ]
        return sorted(rows, key=lambda row: (row[1], row[2].pico, row[2].tokens), reverse=True)

    def _scanned(self, kind: str) -> Iterator[Mapping[str, Any]]:
        pages = self._client.get_paginator("scan").paginate(
            TableName=self._name,
            ConsistentRead=True,
            FilterExpression=f"begins_with({ID}, :kind)",
            ExpressionAttributeValues={":kind": {"S": kind}},
        )
        return (item for page in pages for item in page["Items"])

    def _readable(self, items: Iterable[Mapping[str, Any]], read: Callable[[Mapping[str, Any]], T]) -> Iterator[T]:
        for item in items:
            try:
                yield read(item)
            except StoreUnavailable as error:
                self.damaged.append(str(error))

    def _items(self, names: Sequence[str]) -> Iterator[Mapping[str, Any]]:
        for first in range(0, len(names), MOST_READ):
            left: Any = {self._name: {"Keys": [{ID: {"S": name}} for name in names[first : first + MOST_READ]]}}
            while left:
                read = self._client.batch_get_item(RequestItems=left)
                yield from read["Responses"].get(self._name, ())
                left = read.get("UnprocessedKeys")


def _days(until: date, days: int) -> list[str]:
    return [(until - timedelta(days=back)).isoformat() for back in range(days)]


def _name(deployment: Deployment) -> str:
    try:
        return deployment.output("KeyTableName")
    except CliError as error:
        if error.code != "not_deployed":
            raise
        raise CliError(
            f'{deployment.environment} has no API with keys. Set "edge": "api" in its block of cdk.json, and deploy: '
            f"`{deployment.deploy_command}`. With edge.auth iam, callers sign and have no keys; with jwt, "
            "spending is counted where edge.jwt has a budget.",
            code="not_deployed",
        ) from error
