"""Keys that an issuer publishes (RFC 7517), as far as they verify tokens here."""

import base64
import re
from collections.abc import Mapping
from typing import Any

from arbiter.edge.tokens.signatures import EcKey, RsaKey

PublicKey = RsaKey | EcKey
ALGORITHMS: Mapping[str, type[RsaKey] | type[EcKey]] = {"RS256": RsaKey, "ES256": EcKey}
"""The signatures that are taken, and the kind of key that each needs: no key verifies by another's algorithm."""
LEAST_BITS, MOST_BITS = 2048, 8192
"""Of an RSA modulus: below RFC 7518, 3.3 forbids it, above it costs the function's time."""
MOST_KEYS = 100
_EXPONENTS = range(3, 2**32, 2)
_BASE64URL = re.compile(r"[A-Za-z0-9_-]*")


def decoded(text: object) -> bytes:
    """Base64url without padding, as RFC 7515 writes it; nothing else is skipped or mended.

    Raises:
        ValueError: it is not that.
    """
    if not isinstance(text, str) or not _BASE64URL.fullmatch(text) or len(text) % 4 == 1:
        raise ValueError("no base64url")
    content = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    if base64.urlsafe_b64encode(content).rstrip(b"=") != text.encode():
        raise ValueError("base64url with bits that mean nothing")
    return content


def read_keys(document: object) -> dict[str | None, PublicKey]:
    """The usable keys of a key set by their id; a key of another kind or for another use is left out.

    Raises:
        ValueError: it is no key set.
    """
    listed = document.get("keys") if isinstance(document, dict) else None
    if not isinstance(listed, list) or len(listed) > MOST_KEYS:
        raise ValueError(f"no object with a list of at most {MOST_KEYS} keys")
    read = [(one.get("kid"), _read(one)) for one in listed if isinstance(one, dict)]
    return {kid: key for kid, key in read if key is not None and (kid is None or isinstance(kid, str))}


def _read(jwk: Mapping[str, Any]) -> PublicKey | None:
    try:
        if jwk.get("use", "sig") != "sig" or "verify" not in jwk.get("key_ops", ["verify"]):
            return None
        if jwk.get("kty") == "RSA" and jwk.get("alg", "RS256") == "RS256":
            rsa = RsaKey(_number(jwk.get("n")), _number(jwk.get("e")))
            return rsa if LEAST_BITS <= rsa.modulus.bit_length() <= MOST_BITS and rsa.exponent in _EXPONENTS else None
        if (jwk.get("kty"), jwk.get("crv")) == ("EC", "P-256") and jwk.get("alg", "ES256") == "ES256":
            point = EcKey(_number(jwk.get("x")), _number(jwk.get("y")))
            return point if point.on_curve else None
    except (ValueError, TypeError):
        return None
    return None


def _number(text: object) -> int:
    return int.from_bytes(decoded(text), "big")
