"""An issuer of tokens with keys of its own, signed with `cryptography`, which nothing deployed has."""

import base64
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa, utils

from arbiter.edge.errors import IssuerUnavailable
from arbiter.edge.tokens.callers import Admission, TokenCallers
from arbiter.edge.tokens.issuer import DISCOVERY, Issuer
from tests.unit.arbiter.edge.edge_fakes import NOW, EdgeWorld

URL = "https://login.example.com/tenant"
JWKS = "https://keys.example.com/jwks"
Sign = Callable[[bytes], bytes]


def encoded(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def number(value: int) -> str:
    return encoded(value.to_bytes((value.bit_length() + 7) // 8, "big"))


@cache
def rsa_key(name: str, bits: int = 2048) -> rsa.RSAPrivateKey:
    """A key by its name: made once a process."""
    return rsa.generate_private_key(65537, bits)


@cache
def ec_key(name: str) -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def rs256(name: str) -> Sign:
    return lambda signed: rsa_key(name).sign(signed, padding.PKCS1v15(), hashes.SHA256())


def es256(name: str) -> Sign:
    def sign(signed: bytes) -> bytes:
        numbers = utils.decode_dss_signature(ec_key(name).sign(signed, ec.ECDSA(hashes.SHA256())))
        return b"".join(one.to_bytes(32, "big") for one in numbers)

    return sign


def rsa_jwk(name: str, **more: Any) -> dict[str, Any]:
    public = rsa_key(name).public_key().public_numbers()
    return {"kty": "RSA", "kid": name, "n": number(public.n), "e": number(public.e), **more}


def ec_jwk(name: str, **more: Any) -> dict[str, Any]:
    public = ec_key(name).public_key().public_numbers()
    x, y = (encoded(one.to_bytes(32, "big")) for one in (public.x, public.y))
    return {"kty": "EC", "crv": "P-256", "kid": name, "x": x, "y": y, **more}


def claims(**more: Any) -> dict[str, Any]:
    """Those of a token that is let in; a claim that is given as `...` is left out.

    The subject stands in no hash by chance.
    """
    at = int(NOW.timestamp())
    told = {"iss": URL, "aud": "arbiter", "sub": "Ada Lovelace", "iat": at, "exp": at + 600, "team": "support", **more}
    return {name: value for name, value in told.items() if value is not ...}


def token(payload: Any = None, *, alg: Any = "RS256", kid: Any = "one", sign: Sign | None = None, **header: Any) -> str:
    """A token; of the issuer's key `one` unless told otherwise."""
    told = {"alg": alg, "typ": "JWT", "kid": kid, **header}
    body = payload if isinstance(payload, str) else json.dumps(claims() if payload is None else payload)
    first = encoded(json.dumps({name: value for name, value in told.items() if value is not ...}).encode())
    signed = f"{first}.{encoded(body.encode())}"
    return f"{signed}.{encoded((sign or rs256('one'))(signed.encode()))}"


@dataclass
class Issuing(EdgeWorld):
    """An API that lets tokens of one issuer in."""

    keys: list[dict[str, Any]] = field(default_factory=lambda: [rsa_jwk("one"), ec_jwk("two")])
    described: dict[str, Any] = field(default_factory=lambda: {"issuer": URL, "jwks_uri": JWKS})
    reachable: bool = True
    fetched: list[str] = field(default_factory=list)
    time: float = 0.0
    admission: Admission = field(default_factory=lambda: Admission(("arbiter", "other"), {"team": "team"}))
    url: str = URL

    def __post_init__(self) -> None:
        self.callers = TokenCallers(Issuer(self.url, self.fetch, lambda: self.time), self.admission)

    def fetch(self, address: str) -> Any:
        self.fetched.append(address)
        if not self.reachable:
            raise IssuerUnavailable("down")
        return {self.url + DISCOVERY: self.described, JWKS: {"keys": self.keys}}[address]

    def status(self, given: str) -> int:
        """Of a chat with a token."""
        return self.chat(given).status
