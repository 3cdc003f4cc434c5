"""Throughput that cannot be deleted yet is marked as expired, and so deleted later."""

from datetime import UTC, datetime

import boto3
import pytest
from botocore.stub import ANY, Stubber

from arbiter.aws.hosting import Hosting
from arbiter.tuning.expiry import EXPIRY_TAG

ARN = "arn:aws:bedrock:us-east-1:123456789012:provisioned-model/abcdefghijkl"


@pytest.mark.parametrize(("code", "tagged"), [("ConflictException", True), ("ResourceNotFoundException", False)])
def test_throughput_in_the_making_expires_at_once(code: str, tagged: bool) -> None:
    client = boto3.client("bedrock", "us-east-1", aws_access_key_id="x", aws_secret_access_key="x")
    sent: list[datetime] = []
    client.meta.events.register(
        "provide-client-params.bedrock.TagResource",
        lambda params, **_: sent.append(datetime.fromisoformat(params["tags"][0]["value"])),
    )
    with Stubber(client) as stubber:
        stubber.add_client_error("delete_provisioned_model_throughput", code, "being created")
        if tagged:
            expected = {"resourceARN": ARN, "tags": [{"key": EXPIRY_TAG, "value": ANY}]}
            stubber.add_response("tag_resource", {}, expected)
        refusal = Hosting(client).delete_throughput(ARN)
        stubber.assert_no_pending_responses()
    assert (refusal is not None) is tagged
    assert all(expiry <= datetime.now(UTC) for expiry in sent)
    assert len(sent) == tagged
