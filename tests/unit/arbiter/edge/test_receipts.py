"""Receipts: who asked rates the answer; nobody else can, or learns that there is one."""

import json

import pytest

from arbiter.answering.serving.invocation import DEFAULT_SECONDS
from arbiter.edge.callers import Caller
from arbiter.edge.errors import NoSuchAnswer
from arbiter.edge.http import Call
from arbiter.edge.receipts import HASH_CHARACTERS, Receipts
from arbiter.edge.signed import SignedCallers
from arbiter.feedback import Feedback
from tests.unit.arbiter.edge.edge_fakes import NOW, EdgeWorld, FakeTable, Replied
from tests.unit.arbiter.edge.tokens.issuing import Issuing, claims, token

BARE = "0b54bd1f-4f0e-4d4c-9d53-1f5f0a6a9d10"
ASSUMED = "arn:aws:sts::123456789012:assumed-role"


def rate(world: EdgeWorld, key: str, request_id: str) -> Replied:
    given = {"request_id": request_id, "rating": "bad", "text": "Ninety.", "question": "?", "answer": "Sixty."}
    return world.call("/feedback", given, key=key)


def rated(world: EdgeWorld) -> list[str]:
    return [one["request_id"] for one in map(json.loads, world.lines) if one["message"] == "feedback"]


def test_another_key_rates_nothing_and_attaches_no_text() -> None:
    kept: list[Feedback] = []
    world = EdgeWorld(keep=kept.append)
    mine, theirs = world.key(), world.key()
    answered = world.call("/ask", {"question": "?", "mode": "base"}, key=mine)
    own = answered.body["request_id"]
    # Its bare part, the receipt of another answer behind it, and ids of nobody's answer tell as little.
    other = world.call("/ask", {"question": "?", "mode": "base"}, key=theirs).body["request_id"]
    bare = own[: -HASH_CHARACTERS - 1]
    tried = [own, f"chatcmpl-{own}", f"resp_{own}", bare, f"{bare}-{other[-HASH_CHARACTERS:]}", own[:-1], own.upper(),
             f"{bare}-{'0' * HASH_CHARACTERS}", BARE, f"{BARE}-{'0' * HASH_CHARACTERS}", "x"]  # fmt: skip
    refused = [rate(world, theirs, one) for one in tried]
    by_owner = [rate(world, mine, one).status for one in (bare, f"{bare}-{other[-HASH_CHARACTERS:]}", own[:-1], BARE)]

    assert {(one.status, one.error["code"], one.error["message"]) for one in refused} == {
        (404, "no_such_answer", refused[0].error["message"])
    }
    assert by_owner == [404] * 4
    assert (rated(world), kept) == ([], [])
    assert rate(world, mine, own).status == 200
    assert (rated(world), [one.request_id for one in kept]) == ([own], [own])
    assert "Ninety" not in str(world.lines)


def test_the_id_of_every_format_is_taken_from_who_asked() -> None:
    world = EdgeWorld()
    key, other = world.key(), world.key()
    asked = {"model": "base", "input": "How early?"}
    ids = [world.chat(key).body["id"], world.call("/v1/responses", asked, key=key).body["id"]]

    assert [rate(world, key, one).status for one in ids] == [200, 200]
    assert [rate(world, other, one).status for one in ids] == [404, 404]
    answered = [one["request_id"] for one in map(json.loads, world.lines) if one["message"] == "answered"]
    assert rated(world) == answered


def test_another_subject_of_the_issuer_rates_nothing() -> None:
    world = Issuing()
    own = world.chat(token()).body["id"]

    assert rate(world, token(claims(sub="grace")), own).status == 404
    assert rate(world, token(claims(jti="another token")), own).status == 200


@pytest.mark.parametrize(
    ("asked", "rates", "may"),
    [
        (f"{ASSUMED}/Shop/one", f"{ASSUMED}/Shop/two", True),
        (f"{ASSUMED}/Shop/one", f"{ASSUMED}/Desk/one", False),
        ("arn:aws:iam::123456789012:user/team/ada", "arn:aws:iam::123456789012:user/team/grace", False),
        ("arn:aws:iam::123456789012:user/ada", "arn:aws:iam::123456789012:user/ada", True),
        ("arn:aws:iam::123456789012:user/ada", "arn:aws:iam::210987654321:user/ada", False),
    ],
)
def test_a_role_rates_in_another_session(asked: str, rates: str, may: bool) -> None:
    def caller(principal: str) -> Caller:
        return SignedCallers().of(Call({"requestContext": {"identity": {"userArn": principal}}}, None), NOW)

    receipts = Receipts(FakeTable(), print)
    given = receipts.issued(BARE, caller(asked))
    if may:
        receipts.check(given, caller(rates))
        return
    with pytest.raises(NoSuchAnswer):
        receipts.check(given, caller(rates))


def test_functions_share_a_secret_that_is_made_once_and_read_once() -> None:
    table, caller = FakeTable(), Caller("app", identity="a")
    asks, also, rates = (Receipts(table, print) for _ in range(3))
    with pytest.raises(NoSuchAnswer):  # Nothing was ever asked: a function that only rates makes no secret.
        rates.check(BARE, caller)
    assert table.hex is None
    given = asks.issued(BARE, caller)
    table.down = True
    assert asks.issued(BARE, caller) == given
    table.down = False
    assert also.issued(BARE, caller) == given
    rates.check(given, caller)


def test_while_the_secret_cannot_be_read_answers_go_out_and_cannot_be_rated() -> None:
    lines: list[str] = []
    table, caller = FakeTable(down=True), Caller("app", identity="a")
    receipts = Receipts(table, lines.append)
    given = receipts.issued(BARE, caller)
    table.down = False

    assert given == BARE
    assert json.loads(lines[0])["message"] == "answer without a receipt"
    with pytest.raises(NoSuchAnswer):
        receipts.check(given, caller)
    receipts.check(receipts.issued(BARE, caller), caller)


def test_the_time_that_the_secret_took_is_none_of_the_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    world = EdgeWorld()
    monkeypatch.setattr(world.table, "secret", lambda: world.clock.sleep(DEFAULT_SECONDS))
    late = world.chat(world.key())

    assert (late.status, late.error["code"]) == (504, "deadline_exceeded")
    assert not world.bought
