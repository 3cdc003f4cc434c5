"""Every call of a role is decided by its policies, denied in AWS's words, and written to the journal."""

import json

import pytest
from botocore.exceptions import ClientError

from tests.local.account import Account, allow, new_name

pytestmark = pytest.mark.local

MODEL = "amazon.nova-micro-v1:0"
MODEL_ARN = f"arn:aws:bedrock:us-east-1::foundation-model/{MODEL}"
HELLO = [{"role": "user", "content": [{"text": "Hello?"}]}]


def test_converse_needs_invoke_model_on_the_model(account: Account) -> None:
    allowed, other = account.role(allow("bedrock:InvokeModel", resource=MODEL_ARN)), account.role()

    assert (
        account.client_as(allowed, "bedrock-runtime").converse(modelId=MODEL, messages=HELLO)["stopReason"]
        == "end_turn"
    )
    with pytest.raises(ClientError) as denied:
        account.client_as(other, "bedrock-runtime").converse(modelId=MODEL, messages=HELLO)

    role = other.rsplit("/", 1)[-1]
    assert denied.value.response["Error"] == {
        "Code": "AccessDeniedException",
        "Message": f"User: arn:aws:sts::000000000000:assumed-role/{role}/session is not authorized to perform: "
        f"bedrock:InvokeModel on resource: {MODEL_ARN} because no identity-based policy allows the "
        "bedrock:InvokeModel action",
    }
    assert account.decisions(allowed) == [("bedrock:InvokeModel", MODEL_ARN, "allow")]
    assert account.decisions(other) == [("bedrock:InvokeModel", MODEL_ARN, "deny")]


def test_a_profile_needs_the_model_behind_it_too(account: Account) -> None:
    profile = f"arn:aws:bedrock:us-east-1:000000000000:inference-profile/us.{MODEL}"
    role = account.role(allow("bedrock:InvokeModel", resource=profile))

    with pytest.raises(ClientError, match=f"bedrock:InvokeModel on resource: {MODEL_ARN}"):
        account.client_as(role, "bedrock-runtime").converse(modelId=f"us.{MODEL}", messages=HELLO)


def test_loopback_counts_as_tls_but_declared_plain_http_does_not(account: Account) -> None:
    bucket = account.bucket()
    resources = [f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*"]
    only_tls = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": resources,
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
    account.client("s3").put_bucket_policy(Bucket=bucket, Policy=json.dumps({"Statement": [only_tls]}))
    client = account.client_as(account.role(allow("s3:*")), "s3")
    client.put_object(Bucket=bucket, Key="k", Body=b"x")

    def in_plain(params: dict[str, dict[str, str]], **_: object) -> None:
        params["headers"]["x-forwarded-proto"] = "http"

    client.meta.events.register("before-call.s3.GetObject", in_plain)
    with pytest.raises(ClientError, match="explicit deny"):
        client.get_object(Bucket=bucket, Key="k")


def test_who_may_not_list_a_bucket_does_not_learn_what_is_missing(account: Account) -> None:
    bucket = account.bucket()
    reads, lists = account.role(allow("s3:GetObject")), account.role(allow("s3:GetObject", "s3:ListBucket"))

    with pytest.raises(ClientError, match="NoSuchKey"):
        account.client_as(lists, "s3").get_object(Bucket=bucket, Key="absent")
    with pytest.raises(ClientError, match="AccessDenied"):
        account.client_as(reads, "s3").get_object(Bucket=bucket, Key="absent")


def test_an_event_reaches_a_queue_only_if_its_policy_lets_the_rule_send(account: Account) -> None:
    events, sqs = account.client("events"), account.client("sqs")
    rule = new_name("rule")
    arn = events.put_rule(Name=rule, EventPattern=json.dumps({"source": ["arbiter.test"]}))["RuleArn"]
    queue = sqs.create_queue(QueueName=new_name("queue"))["QueueUrl"]
    queue_arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    events.put_targets(Rule=rule, Targets=[{"Id": "queue", "Arn": queue_arn}])
    event = {"Source": "arbiter.test", "DetailType": "t", "Detail": "{}"}

    events.put_events(Entries=[event])
    assert "Messages" not in sqs.receive_message(QueueUrl=queue)

    send = {**allow("sqs:SendMessage", resource=queue_arn), "Principal": {"Service": "events.amazonaws.com"}}
    send["Condition"] = {"ArnEquals": {"aws:SourceArn": arn}}
    sqs.set_queue_attributes(QueueUrl=queue, Attributes={"Policy": json.dumps({"Statement": [send]})})
    events.put_events(Entries=[event])
    assert len(sqs.receive_message(QueueUrl=queue, WaitTimeSeconds=2)["Messages"]) == 1
