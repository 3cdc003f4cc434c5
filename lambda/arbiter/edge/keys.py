"""API keys: random, shown once, kept as a hash; with the modes, documents and money that each is good for."""

import hashlib
import hmac
import secrets
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple, Protocol

from arbiter.edge.budgets import Budget
from arbiter.edge.callers import Caller, bound_filter
from arbiter.edge.errors import NotAuthenticated
from arbiter.edge.http import Call, bearer

PREFIX = "arb-"
RANDOM_BYTES = 32
"""256 bits: what is that random needs no slow hash, and cannot be guessed by trying."""
LENGTH = len(PREFIX) + 43
"""Of a key in text: 32 bytes in base64 without padding."""
_NO_KEY = "Send a key of this deployment: `Authorization: Bearer arb-…` (`arbiter keys create` makes one)."


class Key(NamedTuple):
    """A key as it is kept: everything but itself."""

    name: str
    digest: str
    modes: tuple[str, ...]
    """Those that it may ask for, `auto` among them where that is meant."""
    conditions: Mapping[str, Any]
    """Metadata that a document must have to be found with it."""
    budget: Budget
    created: int
    """Seconds since 1970, as `expires`."""
    expires: int | None = None
    revoked: bool = False


class KeyStore(Protocol):
    """The keys that were made."""

    def find(self, digest: str) -> Key | None:
        """The key with that hash, read consistently: a revoked one is revoked from now on.

        Raises:
            StoreUnavailable: nobody can tell.
        """


def new_secret() -> str:
    """A new key, as its owner gets to see it."""
    return PREFIX + secrets.token_urlsafe(RANDOM_BYTES)


def digest_of(secret: str) -> str:
    """The hash under which a key is kept."""
    return hashlib.sha256(secret.encode()).hexdigest()


class KeyCallers:
    """Callers by the key that they send."""

    def __init__(self, store: KeyStore) -> None:
        self._store = store

    def of(self, call: Call, now: datetime) -> Caller:
        """The caller whose key stands in the headers.

        Raises:
            NotAuthenticated: there is none, or it is unknown, revoked or expired.
            StoreUnavailable: the keys cannot be looked up.
        """
        digest = digest_of(_secret(call.headers))
        key = self._store.find(digest)
        if key is None or not hmac.compare_digest(key.digest, digest):
            raise NotAuthenticated("There is no such key. " + _NO_KEY)
        if key.revoked:
            raise NotAuthenticated(f"The key {key.name!r} is revoked. Ask for another one.")
        if key.expires is not None and key.expires <= now.timestamp():
            ended = datetime.fromtimestamp(key.expires, UTC).date()
            raise NotAuthenticated(f"The key {key.name!r} expired on {ended}. Ask for another one.")
        modes, bound = frozenset(key.modes), bound_filter(key.conditions)
        return Caller(key.name, modes, bound, key.budget, account=digest, identity=digest)


def _secret(headers: Mapping[str, str]) -> str:
    secret = bearer(headers, _NO_KEY)
    if len(secret) != LENGTH or not secret.startswith(PREFIX) or not secret.isascii():
        raise NotAuthenticated(_NO_KEY)
    return secret
