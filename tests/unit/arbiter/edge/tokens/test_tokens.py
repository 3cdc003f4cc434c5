"""Tokens: what is let in, and what an attacker tries."""

import hashlib
import hmac
import json
from collections.abc import Callable
from typing import Any

import pytest

from arbiter.edge.budgets import Budget
from arbiter.edge.tokens.callers import Admission
from tests.unit.arbiter.edge.edge_fakes import NOW
from tests.unit.arbiter.edge.tokens.issuing import (
    JWKS,
    URL,
    Issuing,
    claims,
    encoded,
    es256,
    rs256,
    rsa_jwk,
    token,
)

AT = int(NOW.timestamp())


def test_a_token_of_the_issuer_is_let_in() -> None:
    good = [
        token(),
        token(alg="ES256", kid="two", sign=es256("two")),
        token(claims(aud=["somebody", "other"])),
        token(claims(aud=..., client_id="arbiter")),
        token(claims(exp=AT - 59, nbf=AT + 59, iat=AT + 59)),
        token(claims(iat=..., exp=AT + 0.5)),
    ]
    assert [Issuing().status(given) for given in good] == [200] * len(good)


def swapped(name: str) -> str:
    """HS256 under the issuer's public key as the secret: of verifiers that ask the token how to verify it."""
    secret = json.dumps(rsa_jwk(name)).encode()
    return token(alg="HS256", sign=lambda signed: hmac.new(secret, signed, hashlib.sha256).digest())


def tampered(**changed: Any) -> str:
    header, _, signature = token().split(".")
    return f"{header}.{encoded(json.dumps(claims(**changed)).encode())}.{signature}"


REFUSED: dict[str, Callable[[], str]] = {
    "forged": lambda: token(sign=rs256("another")),
    "claims changed": lambda: tampered(team="sales"),
    "no signature": lambda: token().rpartition(".")[0] + ".",
    "alg none": lambda: token(alg="none", sign=lambda _: b""),
    "alg None": lambda: token(alg="None", sign=lambda _: b""),
    "alg is a list": lambda: token(alg=["RS256"]),
    "alg missing": lambda: token(alg=...),
    "public key as secret": lambda: swapped("one"),
    "EC by an RSA key": lambda: token(alg="ES256", kid="one", sign=es256("two")),
    "RSA by an EC key": lambda: token(alg="RS256", kid="two"),
    "RSA signed, ES256 told": lambda: token(alg="ES256"),
    "PS256": lambda: token(alg="PS256"),
    "unknown kid": lambda: token(kid="nobody"),
    "no kid, several keys": lambda: token(kid=...),
    "kid is a number": lambda: token(kid=7),
    "a key of its own": lambda: token(
        kid="nobody", sign=rs256("another"), jwk=rsa_jwk("another"), jku="https://evil.example"
    ),
    "critical extension": lambda: token(crit=["exp"]),
    "expired": lambda: token(claims(exp=AT - 60)),
    "no end": lambda: token(claims(exp=...)),
    "end is no number": lambda: token(json.dumps(claims(exp=0)).replace('"exp": 0', '"exp": NaN')),
    "endless": lambda: token(json.dumps(claims(exp=0)).replace('"exp": 0', '"exp": 1e999')),
    "end beyond all numbers": lambda: token(claims(exp=10**400)),
    "end is true": lambda: token(claims(exp=True)),
    "end is a text": lambda: token(claims(exp=str(AT + 600))),
    "not yet": lambda: token(claims(nbf=AT + 61)),
    "issued later": lambda: token(claims(iat=AT + 61)),
    "other issuer": lambda: token(claims(iss="https://login.example.com/other")),
    "issuer with a slash": lambda: token(claims(iss=URL + "/")),
    "no issuer": lambda: token(claims(iss=...)),
    "other audience": lambda: token(claims(aud="elsewhere")),
    "part of the audience": lambda: token(claims(aud="arb")),
    "other audience, right client": lambda: token(claims(aud="elsewhere", client_id="arbiter")),
    "no audience": lambda: token(claims(aud=...)),
    "audience nested": lambda: token(claims(aud=[["arbiter"]])),
    "no subject": lambda: token(claims(sub="")),
    "twice the same claim": lambda: token(json.dumps(claims())[:-1] + ', "team": "sales"}'),
    "no object": lambda: token("[]"),
    "deep": lambda: token("[" * 3_000),
    "huge": lambda: token(claims(more="x" * 8_192)),
    "padded": lambda: token() + "=",
    "four parts": lambda: token() + ".x",
    "a key of ours": lambda: "arb-" + "a" * 43,
    "no ASCII": lambda: "é.é.é",
}


@pytest.mark.parametrize("name", REFUSED)
def test_every_other_token_is_refused_and_nothing_is_bought(name: str) -> None:
    world, given = Issuing(), REFUSED[name]()
    told = world.chat(given)

    assert (told.status, told.error["code"]) == (401, "invalid_api_key")
    assert not world.bought
    assert given.rpartition(".")[2] not in "".join(world.lines) or not given.rpartition(".")[2]


@pytest.mark.parametrize("asked", [None, {"equals": {"key": "team", "value": "sales"}},
                                   {"orAll": [{"equals": {"key": "team", "value": "sales"}},
                                              {"notEquals": {"key": "team", "value": "support"}}]}])  # fmt: skip
def test_no_request_searches_beyond_the_claim(asked: Any) -> None:
    world = Issuing()
    retrieval = {"filter": asked} if asked else {}
    given = token(claims(team=["support", "returns"]))
    assert world.call("/ask", {"question": "?", "mode": "rag", "retrieval": retrieval}, key=given).status == 200

    bound = {"in": {"key": "team", "value": ["support", "returns"]}}
    for query in world.retriever.queries:
        assert query.options.filter == bound or bound in (query.options.filter or {})["andAll"]


@pytest.mark.parametrize("team", [..., None, "", [], {}, {"a": 1}, [["support"]], ["x"] * 101])
def test_without_a_claim_that_can_bind_nothing_is_asked(team: Any) -> None:
    world = Issuing()
    told = world.chat(token(claims(team=team)))

    assert told.status == 403
    assert "team" in told.error["message"]
    assert not world.bought


def test_modes_and_a_budget_hold_for_each_subject() -> None:
    world = Issuing(admission=Admission(("arbiter",), {}, frozenset({"base"}), Budget(tokens=10_000)))
    asked = {"question": "?", "mode": "rag"}
    refused = world.call("/ask", asked, key=token())
    assert (refused.status, claims()["sub"] in refused.error["message"]) == (403, True)
    assert (claims()["sub"] in str(world.lines), "sha256:" in str(world.lines)) == (False, True)
    assert world.chat(token()).status == 200
    world.table.down = True
    assert world.chat(token()).status == 503
    world.table.down = False

    assert len({account for account, _, _ in world.table.spent}) == 1
    assert world.chat(token(claims(sub="grace"))).status == 200
    assert len({account for account, _, _ in world.table.spent}) == 2
    assert world.chat(token(), max_tokens=4_000, messages=[{"role": "user", "content": "x" * 9_000}]).status == 429


def test_subjects_of_two_issuers_are_two() -> None:
    """A deployment that changed its issuer counts a subject of the same name anew."""
    found = set()
    for url in (URL, f"{URL}/other"):
        admission = Admission(("arbiter",), {}, budget=Budget(tokens=10_000))
        world = Issuing(admission=admission, url=url, described={"issuer": url, "jwks_uri": JWKS})
        assert world.chat(token(claims(iss=url))).status == 200
        found |= {account for account, _, _ in world.table.spent}
    assert len(found) == 2
