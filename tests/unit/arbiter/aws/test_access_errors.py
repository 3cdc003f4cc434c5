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


OPENED = MODEL._replace(model="us.x.nova")
SENDS_FORM = "`aws bedrock put-use-case-for-model-access --form-data fileb://use-case.json`"
SUBSCRIBES = "`aws bedrock-runtime converse --model-id us.x.nova --inference-config maxTokens=1 --messages '"


@pytest.mark.parametrize(
    ("code", "message", "command", "other"),
    [
        ("ResourceNotFoundException", FORM, SENDS_FORM, "bedrock-runtime"),
        ("AccessDeniedException", FORM, SENDS_FORM, "bedrock-runtime"),
        ("AccessDeniedException", MARKETPLACE, SUBSCRIBES, "put-use-case"),
        (
            "AccessDeniedException",
            "Your account is not authorized: aws-marketplace:Subscribe is required.",
            SUBSCRIBES,
            "put-use-case",
        ),
        (
            "AccessDeniedException",
            "You don't have access to the model with the specified model ID.",
            SUBSCRIBES,
            "put-use-case",
        ),
    ],
)
def test_a_model_that_is_not_open_is_told_with_the_one_command_that_opens_it(
    code: str, message: str, command: str, other: str
) -> None:
    translated = translate(error(code, message), OPENED)

    assert type(translated) is ModelNotOpen
    for wording in (str(translated), translated.to_object("r")["error"]["message"]):
        assert command in wording
        assert other not in wording
        assert "does not exist" not in wording
        assert "role's policy" not in wording
    assert "arn:" not in json.dumps(translated.to_object("r"))


@pytest.mark.parametrize(
    ("model", "command"),
    [
        ("cohere.rerank-v3-5:0", "aws bedrock-runtime invoke-model --model-id cohere.rerank-v3-5:0 "),
        (None, "the one that `arbiter doctor` names"),
    ],
)
def test_a_model_that_writes_nothing_is_subscribed_by_a_call_that_it_takes(model: str | None, command: str) -> None:
    assert command in str(translate(error("AccessDeniedException", MARKETPLACE), MODEL._replace(model=model)))


@pytest.mark.parametrize("model", ["amazon.titan-embed-text-v2:0", "us.amazon.nova-pro-v1:0"])
def test_nobody_subscribes_amazons_own_models(model: str) -> None:
    message = "You don't have access to the model with the specified model ID."
    translated = str(translate(error("AccessDeniedException", message), MODEL._replace(model=model)))
    assert "subscribes" not in translated
    assert "looks at what the account may use" in translated


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("ResourceNotFoundException", FORM),
        ("AccessDeniedException", MARKETPLACE),
        ("AccessDeniedException", "Model access is denied due to INVALID_PAYMENT_INSTRUMENT: A valid one is needed."),
        ("ValidationException", "Operation not allowed"),
        ("ValidationException", "Invocation of model ID x with on-demand throughput isn\u2019t supported. Retry."),
        ("ResourceNotFoundException", "This model version has reached the end of its life. Please refer."),
        ("ThrottlingException", "Too many tokens per day, please wait before trying again."),
    ],
)
def test_one_sentence_is_the_advice_and_awss_words_stand_below_it(code: str, message: str) -> None:
    advice, *below = str(translate(error(code, message), OPENED)).split("\n")

    assert below == [f"AWS: {message}"]
    # One end of a sentence, its own: the other full stops are within commands and names.
    assert re.findall(r"[.!?](?= [A-Z]|$)", advice) == ["."]
    assert re.search("an administrator|have a higher quota granted", advice)


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
        ("ValidationException", "Value 'x' at 'modelId' failed to satisfy constraint: a pattern.", "in cdk.json"),
        ("AccessDeniedException", DENIED + "with an explicit deny in a service control policy", "the policy that AWS"),
        ("AccessDeniedException", DENIED + "because no permissions boundary allows the action", "the policy that AWS"),
    ],
)
def test_what_no_permission_of_the_role_mends_is_told_without_that_advice(code: str, message: str, remedy: str) -> None:
    sentence = str(translate(error(code, message), MODEL))

    assert remedy in sentence
    assert "add it to the role's policy" not in sentence
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
    assert "an administrator names its successor (Bedrock user guide, model-lifecycle) in cdk.json" in str(translated)


def test_the_quota_of_the_day_is_not_tried_again_and_says_when_it_ends() -> None:
    spent = translate(error("ThrottlingException", "Too many tokens per day, please wait before trying again."), MODEL)

    assert (spent.code, spent.retryable) == ("daily_quota", False)
    assert re.search(r"go on from 2\d{3}-\d\d-\d\d 00:00 UTC", str(spent))
