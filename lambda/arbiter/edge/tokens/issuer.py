"""The issuer of tokens: its keys, fetched when they are needed, kept for a while, and never fetched in a storm."""

from collections.abc import Callable, Mapping
from typing import Any

from arbiter.edge.errors import IssuerUnavailable, NotAuthenticated
from arbiter.edge.tokens.keys import PublicKey, read_keys
from arbiter.edge.tokens.token import Token

DISCOVERY = "/.well-known/openid-configuration"
FRESH_SECONDS = 600.0
"""After which the keys are fetched anew: the longest time that a key which the issuer withdrew is still taken."""
KEPT_SECONDS = 3_600.0
"""The same while the issuer cannot be reached."""
PAUSE_SECONDS = 30.0
"""Between two fetches, whatever is asked: tokens with made-up key ids reach the issuer no more often."""

Fetch = Callable[[str], Any]
"""The JSON document at an address.

Raises:
    IssuerUnavailable: there is none.
"""


class Issuer:
    """One issuer."""

    def __init__(self, url: str, fetch: Fetch, clock: Callable[[], float]) -> None:
        self.url = url
        self._fetch, self._clock = fetch, clock
        self._keys: Mapping[str | None, PublicKey] = {}
        self._fetched, self._tried = -KEPT_SECONDS, -PAUSE_SECONDS

    def verify(self, token: Token) -> None:
        """See that the issuer signed a token.

        Raises:
            NotAuthenticated: it did not.
            IssuerUnavailable: its keys cannot be fetched: nobody can tell.
        """
        key = self._key(token.kid)
        if key is None:
            raise NotAuthenticated("The token is signed by no key that its issuer publishes.")
        if not token.signed_by(key):
            raise NotAuthenticated("The token's signature is not the issuer's.")

    def _key(self, kid: str | None) -> PublicKey | None:
        age = self._clock() - self._fetched
        if age >= FRESH_SECONDS or self._chosen(kid) is None:
            self._refresh(needed=age >= KEPT_SECONDS)
        return self._chosen(kid)

    def _chosen(self, kid: str | None) -> PublicKey | None:
        """The key by its id; without one the only key there is, as OpenID Connect Core, 10.1 has it."""
        if kid is None and len(self._keys) == 1:
            return next(iter(self._keys.values()))
        return self._keys.get(kid) if kid is not None else None

    def _refresh(self, *, needed: bool) -> None:
        now = self._clock()
        if now - self._tried < PAUSE_SECONDS:
            if needed:
                raise IssuerUnavailable(f"The keys of {self.url} could not be fetched a moment ago.")
            return
        self._tried = now
        try:
            self._keys, self._fetched = self._published(), now
        except IssuerUnavailable:
            if needed:
                raise

    def _published(self) -> Mapping[str | None, PublicKey]:
        return read_keys_at(jwks_address(self.url, self._fetch(discovery_address(self.url))), self._fetch)


def discovery_address(issuer: str) -> str:
    """The address of an issuer's discovery document (OpenID Connect Discovery, 4)."""
    return issuer.rstrip("/") + DISCOVERY


def jwks_address(issuer: str, document: object) -> str:
    """The address of the keys, from the issuer's discovery document.

    Raises:
        IssuerUnavailable: the document is another issuer's, or names no address by https.
    """
    described = document if isinstance(document, dict) else {}
    if described.get("issuer") != issuer:
        raise IssuerUnavailable(f"{discovery_address(issuer)} is not the document of {issuer}.")
    address = described.get("jwks_uri")
    if not isinstance(address, str) or not address.startswith("https://"):
        raise IssuerUnavailable(f"{discovery_address(issuer)} names no jwks_uri by https.")
    return address


def read_keys_at(address: str, fetch: Fetch) -> dict[str | None, PublicKey]:
    """The keys that are published at an address.

    Raises:
        IssuerUnavailable: none that verifies RS256 or ES256.
    """
    try:
        keys = read_keys(fetch(address))
    except ValueError as error:
        raise IssuerUnavailable(f"{address} holds {error}.") from error
    if not keys:
        raise IssuerUnavailable(f"{address} holds no key for RS256 or ES256.")
    return keys
