"""Tokens of an issuer at the deployed API: taken, refused unpaid, and bound to documents."""

import base64
import hmac
import json
from datetime import UTC, datetime
from typing import Any

import pytest

from arbiter.edge.budgets import Budget
from arbiter.edge.tokens.callers import account_of
from cli.core.deployment import Deployment
from cli.feedback.rating import rate
from cli.keys.table import Table
from tests.local.api import Api
from tests.local.asking import acted
from tests.local.deployed import Deployed
from tests.local.issuer import Issuer
from tests.unit.arbiter.edge.tokens.issuing import rs256, rsa_jwk, rsa_key, token

pytestmark = pytest.mark.local

MODELS = ("GET", "/v1/models")


def start_cold(deployment: Deployment) -> None:
    """Have the next call of the API start the function anew, without the issuer's keys."""
    functions = deployment.client("lambda")
    (name,) = {
        one["FunctionName"]
        for page in functions.get_paginator("list_functions").paginate()
        for one in page["Functions"]
        if one["FunctionName"].startswith("Arbiter-aside-Edge-Front")
    }
    variables = functions.get_function_configuration(FunctionName=name)["Environment"]["Variables"]
    variables["STARTED"] = datetime.now(UTC).isoformat()
    functions.update_function_configuration(FunctionName=name, Environment={"Variables": variables})


def forged(issuer: Issuer) -> dict[str, str]:
    """Tokens that nobody may be let in by, by what is wrong with them."""

    def public() -> bytes:
        from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

        return rsa_key("one").public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)

    head, _, signature = issuer.token().split(".")
    widened = base64.urlsafe_b64encode(json.dumps(issuer.claims(team="sales")).encode()).rstrip(b"=").decode()
    claims, ended = issuer.claims(), int(datetime.now(UTC).timestamp()) - 120
    return {
        "expired": issuer.token(exp=ended),
        "another audience": issuer.token(aud="payroll"),
        "another issuer": issuer.token(iss="https://login.example.com/tenant"),
        "no subject": issuer.token(sub=...),
        "not valid yet": issuer.token(nbf=ended + 600),
        "unsigned": token(claims, alg="none", sign=lambda _: b""),
        "HS256 by the public key": token(
            claims, alg="HS256", sign=lambda signed: hmac.digest(public(), signed, "sha256")
        ),
        "another's key under this id": token(claims, sign=rs256("other")),
        "claims of another token": f"{head}.{widened}.{signature}",
        "its own key in the header": token(claims, kid="own", sign=rs256("other"), jwk=rsa_jwk("other")),
        "no token": "arb-0123456789",
    }


def test_without_its_issuer_nobody_is_let_in_and_it_is_asked_once(aside: Deployed, issuer: Issuer) -> None:
    api = Api(aside)
    start_cold(aside.deployment)
    issuer.reachable, before = False, issuer.asked.total()
    told = [api.call(*MODELS, key=issuer.token()) for _ in range(3)]
    issuer.reachable = True

    assert [(one.status, one.code) for one in told] == [(503, "issuer_unavailable")] * 3
    assert (
        told[0].body["error"]["message"].startswith(f"{issuer.url}/.well-known/openid-configuration cannot be fetched")
    )
    assert issuer.asked.total() == before + 1
    start_cold(aside.deployment)


def test_tokens_that_are_not_the_issuers_for_here_and_now_are_refused_unpaid(aside: Deployed, issuer: Issuer) -> None:
    """At both functions: the one that streams answers questions, and the other one everything else."""
    api = Api(aside)
    chat = ("POST", "/v1/chat/completions", api.chat("base"))
    assert api.call(*MODELS, key=issuer.token()).status == 200
    unbound = api.call(*chat, key=issuer.token(team=...))
    assert (unbound.status, unbound.code) == (403, "not_allowed")
    before = issuer.asked.copy()
    refused = {
        wrong: [api.call(*call, key=given) for call in (chat, MODELS)] for wrong, given in forged(issuer).items()
    }
    unknown = [api.call(*call, key=token(issuer.claims(), kid=f"x{n}")) for call in (chat, MODELS) for n in range(5)]

    told = {wrong: {(one.status, one.code) for one in replies} for wrong, replies in refused.items()}
    assert told == {wrong: {(401, "invalid_api_key")} for wrong in refused}
    assert {one.status for one in unknown} == {401}
    assert issuer.asked == before  # Keys were fetched a moment ago: made-up ids do not reach the issuer.
    assert not {action for action in acted(aside, "aside-Edge-") if action.startswith("bedrock:Invoke")}


def test_a_claim_binds_every_search_whatever_the_request_says(aside: Deployed, issuer: Issuer) -> None:
    api, question = Api(aside), "When does the pool of the sales team open?"

    def cited(team: Any, **retrieval: Any) -> set[str]:
        asked = {"question": question, "mode": "rag", **({"retrieval": retrieval} if retrieval else {})}
        reply = api.call("POST", "/ask", asked, key=issuer.token(team=team))
        if reply.status != 200:
            assert reply.code == "knowledge_base_empty", reply.body
            return set()
        return {citation["uri"].rsplit("/", 1)[-1] for citation in reply.body["citations"]}

    theirs = {"equals": {"key": "team", "value": "sales"}}
    both = {"in": {"key": "team", "value": ["sales", "support"]}}
    widening = [theirs, both, {"orAll": [theirs, both]}, {"notEquals": {"key": "team", "value": "support"}}]
    assert cited("sales") == {"pool.md"}
    assert all("pool.md" not in cited("support", filter=one) for one in widening)
    assert cited(["support", "sales"], filter=theirs) == {"pool.md"}
    assert api.stream("/v1/chat/completions", api.chat("base"), key=issuer.token())[-1] == "[DONE]"
    # The day may end in between.
    rows = Table(aside.deployment).spent_by_subjects(Budget(), datetime.now(UTC).date(), 2)
    assert {spender.digest for spender, _, _ in rows} == {account_of(issuer.url, "ada")}
    assert sum(spent.tokens for _, _, spent in rows) > 0


def test_an_answer_is_rated_by_the_subject_that_asked_and_by_the_owner(aside: Deployed, issuer: Issuer) -> None:
    """Asked at the function that streams, rated at the other one: both under their own roles."""
    api = Api(aside)
    asked = api.call("POST", "/v1/chat/completions", api.chat("base"), key=issuer.token())
    given = {"request_id": asked.body["id"], "rating": "bad", "text": "Something else."}
    other = api.call("POST", "/feedback", given, key=issuer.token(sub="grace"))
    own = api.call("POST", "/feedback", given, key=issuer.token())

    assert (other.status, other.code) == (404, "no_such_answer")
    assert (own.status, own.body["feedback"]["request_id"]) == (200, asked.headers["x-request-id"])
    assert rate(aside.deployment, {**given, "rating": "good"})["feedback"]["rating"] == "good"
