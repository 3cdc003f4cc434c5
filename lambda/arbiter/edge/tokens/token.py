"""A token (RFC 7519) as it is sent, and whether its claims hold for a deployment."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from arbiter import strict_json
from arbiter.edge.errors import NotAuthenticated
from arbiter.edge.tokens.keys import ALGORITHMS, PublicKey, decoded

LONGEST = 8_192
"""Characters; API Gateway takes 10,240 bytes of headers in all."""
SKEW_SECONDS = 60
"""By which the clocks of issuer and function may differ."""
LATEST = 2**53
"""Seconds; whole numbers beyond are not exact in JSON, and NaN is not within."""
_UNREADABLE = "The token is no signed JSON Web Token. Send one of the issuer: `Authorization: Bearer eyJ…`."
_ALLOWED = " or ".join(ALGORITHMS)


class Token(NamedTuple):
    """A token whose signature nobody has looked at yet: nothing that it says is known to be true."""

    algorithm: str
    kid: str | None
    claims: Mapping[str, Any]
    signed: bytes
    signature: bytes

    def signed_by(self, key: PublicKey) -> bool:
        """Whether a key made the signature, by the algorithm that is this kind of key's alone."""
        return isinstance(key, ALGORITHMS[self.algorithm]) and key.verifies(self.signed, self.signature)


def read(text: str) -> Token:
    """The parts of a token.

    Raises:
        NotAuthenticated: it is none, or is signed in a way that is not taken.
    """
    if len(text) > LONGEST:
        raise NotAuthenticated(f"The token has {len(text):,} characters, and at most {LONGEST:,} are read.")
    try:
        encoded, payload, signature = text.split(".")
        header, claims, made = _object(encoded), _object(payload), decoded(signature)
    except (ValueError, RecursionError):
        raise NotAuthenticated(_UNREADABLE) from None
    algorithm, kid = header.get("alg"), header.get("kid")
    if not isinstance(algorithm, str) or algorithm not in ALGORITHMS:
        raise NotAuthenticated(f"The token is not signed by {_ALLOWED}: other algorithms are not taken.")
    if "crit" in header or not isinstance(kid, str | None):
        # RFC 7515, 4.1.11: who does not know an extension that is critical must refuse it.
        raise NotAuthenticated(_UNREADABLE)
    return Token(algorithm, kid, claims, f"{encoded}.{payload}".encode(), made)


def check(claims: Mapping[str, Any], issuer: str, audiences: Collection[str], now: datetime) -> None:
    """Check the claims of a token against a deployment. They are untrusted, of any type: its signature comes after.

    Raises:
        NotAuthenticated: of somebody else, for somebody else, or at another time.
    """
    if claims.get("iss") != issuer:
        raise NotAuthenticated(f"The token is not of the issuer {issuer}.")
    # As API Gateway's own authorizers of HTTP APIs: `client_id` where there is no `aud`, in Cognito's access tokens.
    meant = claims["aud"] if "aud" in claims else claims.get("client_id")
    if not any(one in audiences for one in (meant if isinstance(meant, list) else [meant]) if isinstance(one, str)):
        raise NotAuthenticated("The token is meant for another audience (aud) than this API.")
    at = now.timestamp()
    if (ends := _time(claims, "exp")) is None or ends + SKEW_SECONDS <= at:
        raise NotAuthenticated("The token has expired, or names no end (exp). Ask the issuer for another one.")
    for name in ("nbf", "iat"):
        if (begins := _time(claims, name)) is not None and begins - SKEW_SECONDS > at:
            raise NotAuthenticated(f"The token is not valid yet ({name}).")
    subject = claims.get("sub")
    if not isinstance(subject, str) or not subject:
        raise NotAuthenticated("The token names no subject (sub).")


def _time(claims: Mapping[str, Any], name: str) -> float | None:
    value = claims.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) <= LATEST:
        raise NotAuthenticated(f"The token's {name} is no time.")
    return value


def _object(text: str) -> dict[str, Any]:
    """The JSON object in a part of a token.

    Raises:
        ValueError: there is none, or readers of JSON would differ about it.
        RecursionError: it is nested too deeply.
    """
    value = strict_json.loads(decoded(text).decode())
    if not isinstance(value, dict):
        raise ValueError("no object")
    return value
