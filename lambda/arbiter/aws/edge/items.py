"""Items of the table of keys and spending, as DynamoDB has them."""

import json
from collections.abc import Mapping
from typing import Any

from arbiter.aws.calls.text import object_of
from arbiter.edge.budgets import Budget, Spent
from arbiter.edge.errors import StoreUnavailable
from arbiter.edge.keys import Key

Item = Mapping[str, Mapping[str, Any]]
ID = "id"
KEYS, SPENDING = "key#", "spent#"
SECRET: dict[str, Any] = {ID: {"S": "secret#receipts"}}
"""The id of the item of the secret by which answers are bound to who asked."""
_DAMAGED = "What is kept of this key cannot be read; the log says why."
GONE_AFTER = "gone_after"
"""The attribute by which DynamoDB deletes spending of days long past."""


def key_id(digest: str) -> dict[str, Any]:
    """The id of a key's item."""
    return {ID: {"S": KEYS + digest}}


def spending_id(account: str, day: str) -> dict[str, Any]:
    """The id of the item of what an account spent on a day."""
    return {ID: {"S": f"{SPENDING}{account}#{day}"}}


def spender_of(item: Item) -> tuple[str, str]:
    """The account and the day that an item of spending is of."""
    account, _, day = item[ID]["S"].removeprefix(SPENDING).partition("#")
    return account, day


def item_of(key: Key) -> dict[str, Any]:
    """A key as an item."""
    values: dict[str, Any] = {
        **key_id(key.digest),
        "name": {"S": key.name},
        "modes": {"S": " ".join(key.modes)},
        "conditions": {"S": json.dumps(key.conditions)},
        "created": {"N": str(key.created)},
        "revoked": {"BOOL": key.revoked},
    }
    limits = {"budget_usd": key.budget.usd, "budget_tokens": key.budget.tokens, "expires": key.expires}
    return values | {name: {"N": str(limit)} for name, limit in limits.items() if limit is not None}


def key_of(item: Item) -> Key:
    """The key that an item holds.

    Raises:
        StoreUnavailable: it holds none, as one that was changed by hand: nobody is let in with it.
    """
    try:
        return _read(item)
    except (AttributeError, KeyError, OverflowError, TypeError, ValueError) as error:
        name, item_id = (object_of(item.get(part)).get("S") for part in ("name", ID))
        named = f" (once {name!r})" if name else ""
        message = f"The table's item {item_id!r}{named} is no key ({type(error).__name__}: {error})"
        remedy = "Nobody is let in with it: delete the item, and make another key."
        raise StoreUnavailable(f"{message}. {remedy}", retryable=False, for_callers=_DAMAGED) from error


def _read(item: Item) -> Key:
    usd, tokens, expires = (item.get(name, {}).get("N") for name in ("budget_usd", "budget_tokens", "expires"))
    conditions = json.loads(item["conditions"]["S"])
    if not isinstance(conditions, dict):
        raise TypeError("its conditions are no object")
    return Key(
        name=item["name"]["S"],
        digest=item[ID]["S"].removeprefix(KEYS),
        modes=tuple(item["modes"]["S"].split()),
        conditions=conditions,
        budget=Budget(None if usd is None else float(usd), None if tokens is None else int(tokens)),
        created=int(item["created"]["N"]),
        expires=None if expires is None else int(expires),
        revoked=item["revoked"]["BOOL"],
    )


def spent_of(item: Item) -> Spent:
    """The spending that an item holds; none where there is none.

    Raises:
        StoreUnavailable: it holds what is no spending: nobody knows what is left.
    """
    try:
        return Spent(*(int(object_of(item.get(name)).get("N", 0)) for name in ("pico", "tokens")))
    except ValueError as error:
        item_id = object_of(item.get(ID)).get("S")
        message = f"The table's item {item_id!r} is no spending ({error}). Delete the item: its day begins anew"
        raise StoreUnavailable(f"{message}.", retryable=False, for_callers=_DAMAGED) from error
