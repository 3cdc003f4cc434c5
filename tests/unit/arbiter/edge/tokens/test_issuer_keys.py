"""Keys of an issuer: fetched, kept, trusted; and what they verify."""

import json
from pathlib import Path
from typing import Any

import pytest

from arbiter.edge.tokens.issuer import FRESH_SECONDS, KEPT_SECONDS, PAUSE_SECONDS
from arbiter.edge.tokens.keys import decoded, read_keys
from arbiter.edge.tokens.signatures import EcKey, RsaKey
from tests.unit.arbiter.edge.edge_fakes import NOW
from tests.unit.arbiter.edge.tokens.issuing import (
    JWKS,
    URL,
    Issuing,
    claims,
    ec_jwk,
    encoded,
    es256,
    rs256,
    rsa_jwk,
    rsa_key,
    token,
)

AT = int(NOW.timestamp())
VECTORS = json.loads(Path(__file__).with_name("signatures.json").read_text())


def test_signatures_are_judged_as_wycheproof_judges_them() -> None:
    rsa = RsaKey(int(VECTORS["RSA"]["modulus"], 16), int(VECTORS["RSA"]["exponent"], 16))
    known = [(rsa, one) for one in VECTORS["RSA"]["tests"]]
    known += [(EcKey(int(one["x"], 16), int(one["y"], 16)), one) for one in VECTORS["EC"]]

    wrong = [one["comment"] for key, one in known
             if key.verifies(bytes.fromhex(one["msg"]), bytes.fromhex(one["sig"])) != one["valid"]]  # fmt: skip
    assert wrong == []
    assert {one["valid"] for _, one in known} == {True, False}


def test_keys_are_fetched_once_and_again_when_they_are_old() -> None:
    world = Issuing()
    assert [world.status(token()) for _ in range(3)] == [200] * 3
    assert world.fetched.count(JWKS) == 1

    world.keys = [rsa_jwk("new")]
    assert world.status(token(kid="new", sign=rs256("new"))) == 401  # Fetched a moment ago.
    world.time += PAUSE_SECONDS
    assert world.status(token(kid="new", sign=rs256("new"))) == 200
    assert world.status(token()) == 401  # Withdrawn.
    assert world.fetched.count(JWKS) == 2


def test_made_up_key_ids_do_not_reach_the_issuer() -> None:
    world = Issuing()
    assert {world.status(token(kid=f"x{n}")) for n in range(50)} == {401}
    assert world.fetched.count(JWKS) == 1


def test_without_the_issuer_its_keys_hold_for_a_while_and_then_nobody_is_let_in() -> None:
    world = Issuing()
    world.reachable = False
    assert (world.status(token()), world.status(token())) == (503, 503)
    assert len(world.fetched) == 1

    world.reachable, world.time = True, PAUSE_SECONDS
    assert world.status(token()) == 200
    world.reachable = False
    world.time += FRESH_SECONDS
    assert world.status(token(claims(exp=AT + 10**6))) == 200
    world.time += KEPT_SECONDS
    told = world.chat(token(claims(exp=AT + 10**6)))
    assert (told.status, told.error["code"]) == (503, "issuer_unavailable")
    assert told.headers["x-should-retry"] == "true"


@pytest.mark.parametrize(
    "described",
    [
        {},
        {"issuer": URL + "/", "jwks_uri": JWKS},
        {"issuer": URL, "jwks_uri": "http://keys.example.com/jwks"},
        {"issuer": URL},
        [],
    ],
)
def test_a_discovery_document_of_another_issuer_or_without_https_lets_nobody_in(described: Any) -> None:
    assert Issuing(described=described).status(token()) == 503


def test_keys_that_cannot_be_trusted_are_left_out() -> None:
    weak = rsa_key("weak", 1024).public_key().public_numbers()
    off = {**ec_jwk("two"), "y": ec_jwk("other")["y"]}
    unusable = [
        rsa_jwk("one", use="enc"), rsa_jwk("one", key_ops=["encrypt"]), rsa_jwk("one", key_ops=7),
        rsa_jwk("one", e="AQ"), rsa_jwk("one", alg="RS512"), rsa_jwk("one", n=7), off,
        {"kty": "oct", "k": "AAAA", "kid": "one"},
        rsa_jwk("one", n=encoded(weak.n.to_bytes(128, "big"))), ec_jwk("two", crv="P-384"), "key", None,
    ]  # fmt: skip
    assert read_keys({"keys": [*unusable, rsa_jwk("good")]}).keys() == {"good"}
    for wrong in ({}, [], {"keys": {}}, {"keys": [rsa_jwk("one")] * 101}):
        with pytest.raises(ValueError, match="keys"):
            read_keys(wrong)
    assert Issuing(keys=[off]).status(token(alg="ES256", kid="two", sign=es256("two"))) == 503


def test_base64url_has_one_spelling() -> None:
    assert decoded("YWE") == b"aa"
    for other in ("YWF", "YWE=", "YW E", "YWE\n", "Y", "é", None):
        with pytest.raises(ValueError, match="base64url"):
            decoded(other)
