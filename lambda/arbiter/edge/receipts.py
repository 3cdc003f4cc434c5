"""Receipts: the id of an answer, by which who asked for it can rate it, and nobody else."""

import hashlib
import hmac
import json
import secrets
from collections.abc import Callable
from typing import Protocol

from arbiter.edge.callers import Caller
from arbiter.edge.errors import NoSuchAnswer, StoreUnavailable
from arbiter.log import entry

RANDOM_BYTES = 32
HASH_CHARACTERS = 32
"""Hexadecimal digits of an id's hash: half of SHA-256's, which RFC 2104 takes for the least."""
_NONE = (
    "There is no answer of this id that you asked for here. Rate with the key, token or role that asked, and the "
    "request_id of the answer; the owner of the deployment can rate every answer (`arbiter feedback`)."
)


class SecretStore(Protocol):
    """The secret of a deployment by which ids are bound to callers, in one place for all functions.

    Both raise:
        StoreUnavailable: it cannot be read.
    """

    def secret(self) -> str | None:
        """The secret; `None` before one was made."""

    def keep_secret(self, made: str) -> str:
        """The secret from now on: this one, or another that was kept before."""


class Receipts:
    """Ids that hold a hash of who asked: nothing is written for an answer that nobody rates.

    Args:
        write: takes the line of the log about an id that nobody will be able to rate.
    """

    def __init__(self, store: SecretStore, write: Callable[[str], None]) -> None:
        self._store, self._write = store, write
        self._secret: str | None = None

    def issued(self, request_id: str, caller: Caller) -> str:
        """The id of an answer to a caller; the bare one while the secret cannot be read, for answers matter more."""
        try:
            return f"{request_id}-{self._signed(request_id, caller, self._secret_to_sign_with())}"
        except StoreUnavailable as error:
            reason = str(error)
            self._write(entry("answer without a receipt", level="WARN", request_id=request_id, reason=reason))
            return request_id

    def check(self, given: str, caller: Caller) -> None:
        """Refuse the id of what a caller has not asked for.

        Raises:
            NoSuchAnswer: also where there is no such answer, so that nobody learns of another's.
            StoreUnavailable: nobody can tell.
        """
        request_id, _, signed = given.rpartition("-")
        secret = self._kept()
        expected = "" if secret is None else self._signed(request_id, caller, secret)
        if not expected or not hmac.compare_digest(signed.encode(), expected.encode()):
            raise NoSuchAnswer(_NONE)

    def _kept(self) -> str | None:
        if self._secret is None:
            self._secret = self._store.secret()
        return self._secret

    def _secret_to_sign_with(self) -> str:
        if self._kept() is None:
            self._secret = self._store.keep_secret(secrets.token_hex(RANDOM_BYTES))
        return str(self._secret)

    @staticmethod
    def _signed(request_id: str, caller: Caller, secret: str) -> str:
        message = json.dumps([caller.identity, request_id]).encode()
        return hmac.new(secret.encode(), message, hashlib.sha256).hexdigest()[:HASH_CHARACTERS]
