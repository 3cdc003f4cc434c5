"""Every error of Bedrock's models and of the way there has a name and a sentence of ours."""

import json
import re
from urllib.parse import quote

import pytest
from botocore.exceptions import (
    ClientError,
    ConnectionClosedError,
    ConnectTimeoutError,
    EndpointConnectionError,
    NoCredentialsError,
    ParamValidationError,
    ReadTimeoutError,
)
from botocore.session import Session

from arbiter.aws.errors import Callee, translate
from arbiter.errors import (
    AccessDenied,
    ArbiterError,
    BadModelOutput,
    DeadlineExceeded,
    InvalidRequest,
    KnowledgeBaseUnavailable,
    ModelError,
    ModelNotFound,
    ModelNotReady,
    Throttled,
    TooLarge,
)

MODEL = Callee("the model nova", missing=ModelNotFound, failed=ModelError, unreadable=BadModelOutput, field="request")
URL = "https://bedrock-runtime.us-east-1.amazonaws.com"


def error(code: str, message: str = "what AWS says", status: int = 400) -> ClientError:
    response = {"Error": {"Code": code, "Message": message}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(response, "Converse")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("code", "expected", "retryable"),
    [
        ("ThrottlingException", Throttled, True),
        ("ServiceQuotaExceededException", Throttled, True),
        ("ResourceNotFoundException", ModelNotFound, False),
        ("ModelNotReadyException", ModelNotReady, True),
        ("ModelTimeoutException", DeadlineExceeded, True),
        ("ModelErrorException", ModelError, False),
        ("ServiceUnavailableException", ModelError, True),
        ("InternalServerException", ModelError, True),
        ("ValidationException", InvalidRequest, False),
        ("AccessDeniedException", AccessDenied, False),
        ("ExpiredTokenException", AccessDenied, False),
        ("UnrecognizedClientException", AccessDenied, False),
        ("SomethingNew", ModelError, False),
    ],
)
def test_a_code_has_one_meaning(code: str, expected: type[ArbiterError], retryable: bool) -> None:
    translated = translate(error(code), MODEL)

    assert type(translated) is expected
    assert translated.retryable is retryable
    assert "what AWS says" in str(translated)


@pytest.mark.parametrize(
    ("service", "operation"), [("bedrock-runtime", "Converse"), ("bedrock-agent-runtime", "Retrieve")]
)
def test_every_error_of_the_operations_is_known(service: str, operation: str) -> None:
    shapes = Session().get_service_model(service).operation_model(operation).error_shapes
    translated = {shape.name: translate(error(shape.name), MODEL) for shape in shapes}

    unknown = [name for name, e in translated.items() if type(e) is ModelError and not e.retryable]
    assert set(unknown) <= {"ModelErrorException"}, "these are translated like an error nobody has heard of"


def test_an_unknown_code_of_a_failing_server_may_pass() -> None:
    assert translate(error("502", "<html>", status=502), MODEL).retryable is True


def test_a_denied_call_names_role_action_and_resource() -> None:
    message = (
        "User: arn:aws:sts::000000000000:assumed-role/Arbiter-dev-Router/router is not authorized to perform: "
        "bedrock:InvokeModel on resource: arn:aws:bedrock:us-east-1::foundation-model/nova because no "
        "identity-based policy allows the bedrock:InvokeModel action"
    )

    assert str(translate(error("AccessDeniedException", message), MODEL)) == (
        "The role Arbiter-dev-Router is not allowed bedrock:InvokeModel on "
        "arn:aws:bedrock:us-east-1::foundation-model/nova (no identity-based policy allows the bedrock:InvokeModel "
        "action): add it to the role's policy."
    )


@pytest.mark.parametrize(
    ("message", "sentence"),
    [
        (
            "User: arn:aws:iam::1:user/me is not authorized to perform: ssm:Get on resource: r with an explicit deny",
            "arn:aws:iam::1:user/me is not allowed ssm:Get on r (explicit deny)",
        ),
        (
            "User: arn:aws:sts::1:assumed-role/R/s is not authorized to perform: bedrock:Retrieve",
            "The role R is not allowed bedrock:Retrieve on the model nova",
        ),
        ("Not for you.", "AWS denies access to the model nova: an administrator looks at what the account may use"),
        (
            "You don't have access to the model with the specified model ID.",
            "the model nova is not open to this account: an administrator with aws-marketplace:Subscribe",
        ),
    ],
)
def test_every_way_aws_says_no_is_understood(message: str, sentence: str) -> None:
    assert str(translate(error("AccessDeniedException", message), MODEL)).startswith(sentence)


@pytest.mark.parametrize(
    "message",
    [
        "Input Tokens Exceeded: Number of input tokens exceeds maximum length. Please update the input to try again.",
        "Input is too long for requested model.",
        "The decoder prompt (length 9000) is longer than the maximum model length of 4096.",
        "Input validation error: `inputs` tokens + `max_new_tokens` must be <= 4096. Given: 9000 `inputs` tokens",
        "The model returned the following errors: prompt is too long: 209353 tokens > 200000 maximum",
        "input length and `max_tokens` exceed context limit: 199999 + 4096 > 200000, decrease input length",
        "This model's maximum context length is 131072 tokens. Please reduce the length of the prompt",
        "request (5000 tokens) exceeds the available context size (4096 tokens), try increasing it",
        "Malformed input request: #/texts/0: expected maxLength: 2048, actual: 294210, please reformat your input",
    ],
)
def test_a_conversation_that_is_too_long_is_told_from_other_mistakes(message: str) -> None:
    translated = translate(error("ValidationException", message), MODEL)

    assert isinstance(translated, TooLarge)
    assert "ask for fewer passages (retrieval.results)" in str(translated)


def test_a_limit_of_the_output_is_no_conversation_that_is_too_long() -> None:
    message = "The maximum tokens you requested exceeds the model limit of 5120. Try again with a lower value."

    assert type(translate(error("ValidationException", message), MODEL)) is InvalidRequest


DENIED = "User: arn:aws:sts::123456789012:assumed-role/Arbiter-dev-Router/router is not authorized to perform: x:Y"
OWN = "arn:aws:bedrock:us-east-1:123456789012:custom-model-deployment/abcdefghijkl"


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("AccessDeniedException", DENIED),
        *(
            (code, f"Account 123456789012 may not call {OWN}.")
            for code in (
                "AccessDeniedException",
                "ValidationException",
                "ThrottlingException",
                "ResourceNotFoundException",
                "ExpiredTokenException",
                "ModelErrorException",
                "Unheard",
            )
        ),
    ],
)
def test_callers_are_told_no_arn_account_or_role(code: str, message: str) -> None:
    translated = translate(error(code, message), MODEL._replace(name=f"the model {OWN}"))

    assert not re.search("arn:|123456789012|Arbiter-dev", json.dumps(translated.to_object("r-1")))


@pytest.mark.parametrize("failed", [EndpointConnectionError, ConnectTimeoutError, ConnectionClosedError])
def test_callers_are_told_no_arn_of_an_address_either(failed: type[Exception]) -> None:
    address = f"https://bedrock-runtime.us-east-1.amazonaws.com/model/{quote(OWN, safe='')}/converse"
    translated = translate(failed(endpoint_url=address, error="x"), MODEL)

    assert not re.search("arn(:|%3A)|123456789012|abcdefghijkl", translated.to_object("r-1")["error"]["message"])


def test_what_aws_refuses_names_the_part_of_the_request() -> None:
    callee = Callee(
        "the knowledge base KB",
        KnowledgeBaseUnavailable,
        KnowledgeBaseUnavailable,
        KnowledgeBaseUnavailable,
        field="retrieval",
    )
    refused = translate(error("ValidationException", "HYBRID is not supported"), callee)

    assert isinstance(refused, InvalidRequest)
    assert refused.problems[0].path == "retrieval"
    assert "HYBRID is not supported" in refused.problems[0].problem


@pytest.mark.parametrize(
    ("failure", "expected", "retryable"),
    [
        (ReadTimeoutError(endpoint_url=URL, error="x"), DeadlineExceeded, True),
        (ConnectTimeoutError(endpoint_url=URL, error="x"), ModelError, True),
        (EndpointConnectionError(endpoint_url=URL, error="x"), ModelError, True),
        (ConnectionClosedError(endpoint_url=URL, error="x"), ModelError, True),
        (NoCredentialsError(), AccessDenied, False),
        (ParamValidationError(report="x"), ModelError, False),
    ],
)
def test_what_goes_wrong_on_the_way_has_a_meaning_too(
    failure: Exception, expected: type[ArbiterError], retryable: bool
) -> None:
    translated = translate(failure, MODEL)

    assert type(translated) is expected
    assert translated.retryable is retryable


def test_what_is_not_botocores_is_a_defect() -> None:
    with pytest.raises(ZeroDivisionError):
        translate(ZeroDivisionError(), MODEL)
