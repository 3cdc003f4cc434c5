"""Settings that AWS would refuse in the middle of a deployment are refused before it, in a sentence."""

import json

import aws_cdk as cdk
import pytest
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sqs as sqs

from arbiter.settings.answering import EdgeSettings
from stacks.constructs.base.function import ADDED_LATER, ENVIRONMENT_BYTES, Function, require_room
from stacks.parsing import parse
from stacks.settings.problems import SettingsError
from tests.stacks.refusal import refusal

SCHEDULED = ("evaluation.schedule", "documents.check_schedule")


@pytest.mark.parametrize("setting", SCHEDULED)
def test_a_schedule_is_a_rate_or_six_fields_with_one_day_left_open(setting: str) -> None:
    block, name = setting.split(".")
    crons = ("cron(0 4 ? * MON *)", "cron(0 4 ? jan mon-fri *)", "cron(*/15 8-17 L * ? 2026-2030)")
    for taken in ("rate(1 day)", "rate(12 hours)", *crons):
        assert parse("dev", {block: {name: taken}})
    for refused in ("rate(0 days)", "rate(2 weeks)", "cron(0 4 * * * *)", "cron(0 4 ? * ? *)", "cron(0 4 * * MON)"):
        assert f"{setting}: {refused!r} is not allowed; allowed: when" in refusal({block: {name: refused}})


@pytest.mark.parametrize("key", ["", "k" * 129, "a{b}", "équipe"])
def test_a_tag_is_one_that_every_service_takes(key: str) -> None:
    assert f"tags: {key!r} is no key" in refusal({"tags": {key: "search"}})
    assert "tags.team: " in refusal({"tags": {"team": f"{key}|"}})


@pytest.mark.parametrize("key", ["aws:team", "arbiter:environment", "Arbiter:run"])
def test_no_tag_takes_the_place_of_those_that_permissions_rest_on(key: str) -> None:
    assert f"tags: {key!r} is not free" in refusal({"tags": {key: "prod"}})


@pytest.mark.parametrize(("audiences", "fits"), [(3, True), (10, False)])
def test_a_function_is_told_no_more_than_its_environment_holds(audiences: int, fits: bool) -> None:
    """Lambda allows 4 KB, of which names and ARNs that are known later take their part."""
    stack = cdk.Stack(cdk.App(), "S", env=cdk.Environment(account="123456789012", region="us-east-1"))
    table = cdk.Fn.ref("Table")
    settings = EdgeSettings(
        environment="dev", base_model="m", knowledge_base_id=table, tuned_model_parameter=table, profiles_bucket=table,
        prices={}, auth="jwt", table=table, tokens={"audiences": ["a" * 500] * audiences},
    )  # fmt: skip
    options = {"module": "edge", "timeout": cdk.Duration.seconds(29), "log_retention_days": 30}
    if fits:
        Function(stack, "F", description="Answers", settings=settings, **options)
        return
    with pytest.raises(
        SettingsError, match=r'"Answers" takes up to 6,.* bytes, ARBITER_TOKENS the most .*allows 4,096'
    ):
        Function(stack, "F", description="Answers", settings=settings, **options)


@pytest.mark.parametrize(("made", "longest"), [("bucket", 63), ("url", 138), ("table", 255)])
def test_what_is_known_later_takes_as_much_as_its_kind_may(made: str, longest: int) -> None:
    stack = cdk.Stack(cdk.App(), "S")
    told = {
        "bucket": lambda: s3.Bucket(stack, "Bucket").bucket_name,
        "url": lambda: sqs.Queue(stack, "Queue").queue_url,
        "table": lambda: dynamodb.CfnTable(stack, "Table", key_schema=[]).ref,
    }[made]()
    empty = json.dumps({"TOLD": "x" * 4 * longest, "KNOWN": ""}, separators=(",", ":"))
    room = ENVIRONMENT_BYTES - ADDED_LATER - len(empty)
    require_room("Answers", {"TOLD": told * 4, "KNOWN": "k" * room})
    with pytest.raises(SettingsError, match="takes up to 4,097 bytes, KNOWN the most of them"):
        require_room("Answers", {"TOLD": told * 4, "KNOWN": "k" * (room + 1)})
