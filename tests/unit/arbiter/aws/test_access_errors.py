"""AWS's refusals of a model that the account may not use say what an administrator does, and advise nothing wrong."""

import json
import re

import pytest

from arbiter.aws.errors import translate
from arbiter.errors import ModelNotFound, ModelNotOpen
from tests.unit.arbiter.aws.test_errors import MODEL, error

FORM = (
    "Model use case details have not been submitted for this account. Fill out the Anthropic use case details form "
    "before using the model."
)
MARKETPLACE = (
    "User: arn:aws:sts::123456789012:assumed-role/Router/r is not authorized to perform: "
    "aws-marketplace:ViewSubscriptions on resource: * because no identity-based policy allows it"
)


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("ResourceNotFoundException", FORM),
        ("AccessDeniedException", FORM),
        ("AccessDeniedException", MARKETPLACE),
        ("AccessDeniedException", "Your account is not authorized: aws-marketplace:Subscribe is required."),
    ],
)
def test_a_model_that_is_not_open_says_what_an_administrator_runs(code: str, message: str) -> None:
    translated = translate(error(code, message), MODEL)

    assert type(translated) is ModelNotOpen
    for wording in (str(translated), translated.to_object("r")["error"]["message"]):
        assert "`aws bedrock put-use-case-for-model-access`" in wording
        assert "`aws bedrock-runtime converse`" in wording
        assert "does not exist" not in wording
        assert "role's policy" not in wording
    assert "arn:" not in json.dumps(translated.to_object("r"))


DENIED = "User: arn:aws:sts::1:assumed-role/R/r is not authorized to perform: bedrock:InvokeModel on resource: m "


@pytest.mark.parametrize(
    ("code", "message", "remedy"),
    [
        (
            "AccessDeniedException",
            "Model access is denied due to INVALID_PAYMENT_INSTRUMENT:A valid …",
            "payment method",
        ),
        ("AccessDeniedException", "Access to this model is not available for channel program accounts.", "the account"),
        ("ValidationException", "Operation not allowed", "the account may use"),
        (
            "ValidationException",
            "Your account is not authorized to invoke this API operation.",
            "the account may use",
        ),
        (
            "ValidationException",
            "Access to Anthropic models is not allowed from unsupported countries, regions, or territories.",
            "the account may use",
        ),
        (
            "ValidationException",
            "Invocation of model ID x with on-demand throughput isn\u2019t supported.",
            "in cdk.json",
        ),
        ("ValidationException", "The provided model identifier is invalid.", "in cdk.json"),
        ("AccessDeniedException", DENIED + "with an explicit deny in a service control policy", "the policy that AWS"),
        ("AccessDeniedException", DENIED + "because no permissions boundary allows the action", "the policy that AWS"),
    ],
)
def test_what_no_permission_of_the_role_mends_is_told_without_that_advice(code: str, message: str, remedy: str) -> None:
    sentence = str(translate(error(code, message), MODEL))

    assert remedy in sentence
    assert "Add it to the role's policy" not in sentence
    assert "what it accepts" not in sentence


@pytest.mark.parametrize(
    "message",
    [
        (
            "Access denied. This Model is marked by provider as Legacy and you have not been actively using the model "
            "in the last 30 days. Please upgrade to an active model on Amazon Bedrock"
        ),
        "This model version has reached the end of its life. Please refer to the AWS documentation for more details.",
    ],
)
def test_a_model_that_is_no_longer_served_is_told_from_one_that_never_was(message: str) -> None:
    translated = translate(error("ResourceNotFoundException", message, 404), MODEL)

    assert type(translated) is ModelNotFound
    assert "does not exist" not in str(translated)
    assert str(translated).startswith("the model nova is withdrawn from this account: ")
    assert "Name its successor in cdk.json" in str(translated)


def test_the_quota_of_the_day_is_not_tried_again_and_says_when_it_ends() -> None:
    spent = translate(error("ThrottlingException", "Too many tokens per day, please wait before trying again."), MODEL)

    assert (spent.code, spent.retryable) == ("daily_quota", False)
    assert re.search(r"It may go on from 2\d{3}-\d\d-\d\d 00:00 UTC", str(spent))
