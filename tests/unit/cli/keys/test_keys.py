"""`arbiter keys`: a key is shown once, its options are checked together, its spending is told."""

import json
import re
from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from rich.console import Console

from arbiter.aws.edge.items import item_of, key_of, spending_id
from arbiter.edge.budgets import Budget
from arbiter.edge.keys import Key, digest_of
from arbiter.edge.tokens.callers import account_of
from cli.keys.view import show_keys
from tests.unit.cli.core.invoked import run
from tests.unit.cli.fakes import OUTPUTS, StubbedDeployment

KEY = Key("shop", "ab12", ("base", "rag"), {"team": "support"}, Budget(5.0), 1_795_000_000, 4_000_000_000)


class Kept:
    """Stands for any item, and keeps it."""

    def __eq__(self, other: object) -> bool:
        self.item: Any = other
        return True

    def __hash__(self) -> int:
        return 0


def scanned(deployment: StubbedDeployment, *keys: Key) -> None:
    deployment.stub("dynamodb").add_response("scan", {"Items": [item_of(key) for key in keys]})


def test_a_key_is_shown_once_and_kept_as_a_hash(deployment: StubbedDeployment) -> None:
    kept = Kept()
    scanned(deployment, KEY._replace(revoked=True))
    asked = {"TableName": "keys", "Item": kept, "ConditionExpression": "attribute_not_exists(id)"}
    deployment.stub("dynamodb").add_response("put_item", {}, asked)
    options = ("--budget-usd", "5", "--modes", "base,fine-tuned", "--filter", '{"team": "support"}', "--expires", "12h")
    made = run("keys", "create", "shop", *options)
    (secret,) = set(re.findall(r"arb-[\w-]{43}", made.stdout))
    key = key_of(kept.item)

    assert made.exit_code == 0
    assert secret not in json.dumps(kept.item)
    assert key.digest == digest_of(secret)
    assert (key.modes, key.conditions, key.budget) == (("base", "fine_tuned"), {"team": "support"}, Budget(5.0))
    assert key.expires == key.created + 12 * 3600
    assert "OPENAI_BASE_URL=https://api.example.com/live/v1" in made.stdout


@pytest.mark.parametrize("budget", ["nan", "-1", "0", "inf", "1000001"])
def test_every_problem_is_told_at_once_and_nothing_is_written(deployment: StubbedDeployment, budget: str) -> None:
    bad = (
        "--modes",
        "bass,rag",
        "--filter",
        '{"team": null}',
        "--expires",
        "soon",
        "--per",
        "week",
        "--budget-usd",
        budget,
        "--budget-tokens",
        "0",
    )
    refused = run("keys", "create", "my shop", *bad, "--json")
    told = json.loads(refused.stdout)["error"]

    assert refused.exit_code == 1
    assert [one["option"] for one in told["problems"]] == [
        "NAME",
        "--budget-usd",
        "--budget-tokens",
        "--per",
        "--modes",
        "--filter",
        "--expires",
    ]


def test_a_name_is_taken_until_its_key_is_revoked(deployment: StubbedDeployment) -> None:
    scanned(deployment, KEY)
    assert "already" in run("keys", "create", "shop").stderr
    scanned(deployment, KEY)
    deployment.stub("dynamodb").add_response("update_item", {})

    assert "Revoked: shop." in run("keys", "revoke", "shop").stdout
    scanned(deployment, KEY._replace(revoked=True))
    assert "Not revoked: none" in run("keys", "revoke", "shop").stderr


def test_keys_and_their_spending_are_listed(deployment: StubbedDeployment) -> None:
    scanned(deployment, KEY)
    assert "team = support" in run("keys", "list").stdout
    scanned(deployment, KEY)
    deployment.stub("dynamodb").add_response("batch_get_item", {"Responses": {"keys": []}, "UnprocessedKeys": {}})
    (today,) = json.loads(run("keys", "usage", "--json", "--days", "2").stdout)["usage"]

    assert (today["name"], today["usd"], today["tokens"], today["budget_usd"]) == ("shop", 0.0, 0, 5.0)
    scanned(deployment, KEY)
    unknown = run("keys", "usage", "shopp")
    assert unknown.exit_code == 1
    assert "There is no key 'shopp'. There are: shop." in unknown.stderr


def test_a_damaged_key_is_named_and_hides_no_other(deployment: StubbedDeployment) -> None:
    damaged = {**item_of(KEY._replace(name="desk", digest="cd34")), "modes": {"N": "5"}}
    for _ in range(3):
        deployment.stub("dynamodb").add_response("scan", {"Items": [damaged, item_of(KEY)]})
    listed, as_json = run("keys", "list"), json.loads(run("keys", "list", "--json").stdout)
    refused = run("keys", "revoke", "desk")

    assert "shop" in listed.stdout
    assert "'key#cd34' (once 'desk') is no key" in listed.stderr
    assert ([one["name"] for one in as_json["keys"]], len(as_json["damaged"])) == (["shop"], 1)
    assert "no key 'desk' to revoke" in refused.stderr
    assert "delete the item" in refused.stderr


def test_damaged_spending_is_named_and_hides_no_other(deployment: StubbedDeployment) -> None:
    today = datetime.now(UTC).date()
    scanned(deployment, KEY)
    items = [{**spending_id("ab12", (today - timedelta(days=back)).isoformat()), "pico": {"N": "5"}, "tokens": tokens}
             for back, tokens in enumerate([{"N": "7"}, {"N": "1.5"}])]  # fmt: skip
    deployment.stub("dynamodb").add_response("batch_get_item", {"Responses": {"keys": items}, "UnprocessedKeys": {}})
    told = json.loads(run("keys", "usage", "--json").stdout)

    assert [row["tokens"] for row in told["usage"]] == [7]
    assert "is no spending" in told["damaged"][0]


def test_subjects_of_tokens_are_told_apart_by_hashes_and_found_by_name(
    deployment: StubbedDeployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    issuer, today = "https://login.example.com", datetime.now(UTC).date()
    counted = {"issuer": issuer, "budget_usd": None, "budget_tokens": 500}
    monkeypatch.setitem(OUTPUTS, "TokenBudget", json.dumps(counted))
    ada, ben, old = account_of(issuer, "ada"), account_of(issuer, "ben"), today - timedelta(days=9)
    items = [{**spending_id(account, day.isoformat()), "pico": {"N": "0"}, "tokens": {"N": str(tokens)}}
             for account, day, tokens in ((ada, today, 7), (ben, today, 90), (ben, old, 5))]  # fmt: skip
    deployment.stub("dynamodb").add_response("scan", {"Items": items})
    told = run("keys", "usage").stdout
    deployment.stub("dynamodb").add_response(
        "batch_get_item", {"Responses": {"keys": items[:1]}, "UnprocessedKeys": {}}
    )
    (named,) = json.loads(run("keys", "usage", "ada", "--json", "--days", "1").stdout)["usage"]

    assert "lets tokens of its issuer in, and no keys" in run("keys", "create", "shop").stderr
    assert re.findall(r"sha256:\w{12} ", told) == [f"sha256:{ben[:12]} ", f"sha256:{ada[:12]} "]
    assert (named["name"], named["tokens"], named["budget_tokens"]) == ("ada", 7, 500)


def test_an_end_that_is_near_is_told_with_its_time() -> None:
    now = datetime(2026, 11, 28, 18, 0, tzinfo=UTC)
    ends = {hours: int((now + timedelta(hours=hours)).timestamp()) for hours in (-3, 12, 47, 48, 2160)}
    told = StringIO()
    show_keys(
        Console(file=told, width=160), [KEY._replace(name=str(hours), expires=end) for hours, end in ends.items()], now
    )

    assert re.findall(r"20\d\d-\d\d-\d\d(?: \d\d:\d\d UTC)?", told.getvalue()) == [
        "2026-11-28 15:00 UTC", "2026-11-29 06:00 UTC", "2026-11-30 17:00 UTC", "2026-11-30", "2027-02-26",
    ]  # fmt: skip
