"""Calls that AWS refuses by name, size, access or quota are refused; access and quotas as a test orders them."""

import time
from typing import Any

import pytest
from botocore.exceptions import ClientError

from stacks.constructs.evaluation.map_states import THROTTLED_ATTEMPTS
from stacks.constructs.evaluation.pipeline import EvaluationPipeline
from tests.local.account import Account, allow, new_name
from tests.local.faults import Faults
from tests.local.functions import make_function
from tests.local.machines import machine, run
from tests.local.test_emulator_models import converse, deploy_model, followed, line, said, submit, training_role

pytestmark = pytest.mark.local

CLAUDE = "us.anthropic.claude-haiku-4-5-20251001-v1:0"
NOVA = "amazon.nova-micro-v1:0"
BUSY = THROTTLED_ATTEMPTS
"""Calls that find no room for the function."""


def code_of(raised: pytest.ExceptionInfo[ClientError]) -> str:
    return str(raised.value.response["Error"]["Code"])


@pytest.mark.parametrize(
    ("model", "code", "message"),
    [
        ("amazon.nova-mirco-v1:0", "ValidationException", "model identifier is invalid"),
        ("anthropic.claude-haiku-4-5-20251001-v1:0", "ValidationException", "Retry your request with the ID or ARN"),
        ("us.anthropic.claude-3-7-sonnet-20250219-v1:0", "ResourceNotFoundException", "reached the end of its life"),
        ("eu.anthropic.claude-haiku-4-5-20251001-v1:0", "ValidationException", "model identifier is invalid"),
    ],
)
def test_a_model_that_is_not_served_is_refused(model: str, code: str, message: str, account: Account) -> None:
    with pytest.raises(ClientError, match=message) as raised:
        converse(account, "Hello?", model)

    assert code_of(raised) == code


def test_parameters_and_input_beyond_the_model_are_refused(account: Account) -> None:
    runtime = account.client("bedrock-runtime")

    def ask(model: str, text: str = "Hello?", **settings: float) -> None:
        messages = [{"role": "user", "content": [{"text": text}]}]
        runtime.converse(modelId=model, messages=messages, inferenceConfig=settings)

    with pytest.raises(ClientError, match="exceeds the model limit of 10000"):
        ask(NOVA, maxTokens=10_001)
    with pytest.raises(ClientError, match="`temperature` is deprecated for this model"):
        ask("us.anthropic.claude-opus-5", temperature=0.0)
    with pytest.raises(ClientError, match="InvalidInput: Input Tokens Exceeded"):
        ask(NOVA, "word " * 128_001)
    ask(NOVA, maxTokens=10_000, temperature=0.0)


@pytest.mark.parametrize(
    ("missing", "code", "message", "changed"),
    [
        ("form", "ResourceNotFoundException", "Model use case details have not been submitted", "authorizationStatus"),
        ("marketplace", "AccessDeniedException", "aws-marketplace:ViewSubscriptions", "entitlementAvailability"),
        ("legacy", "ResourceNotFoundException", "marked by provider as Legacy", "authorizationStatus"),
    ],
)
def test_access_is_withheld_from_the_models_that_are_named(
    missing: str, code: str, message: str, changed: str, account: Account, faults: Faults
) -> None:
    bedrock, granted = account.client("bedrock"), availability(account, CLAUDE)
    faults.withhold(missing, "anthropic")
    with pytest.raises(ClientError, match=message) as raised:
        converse(account, "Hello?", CLAUDE)

    assert code_of(raised) == code
    assert granted["authorizationStatus"] == "AUTHORIZED"
    assert granted["agreementAvailability"] == {"status": "AVAILABLE"}
    assert availability(account, CLAUDE)[changed] != granted[changed]
    assert availability(account, NOVA)[changed] == granted[changed]
    assert said(converse(account, "Hello?", NOVA))
    with pytest.raises(ClientError, match="model identifier is invalid"):
        bedrock.get_foundation_model_availability(modelId="amazon.nova-mirco-v1:0")


def availability(account: Account, model: str) -> dict[str, object]:
    foundation = model.removeprefix("us.")
    return dict(account.client("bedrock").get_foundation_model_availability(modelId=foundation))


def test_a_day_may_be_used_up(account: Account, faults: Faults) -> None:
    faults.exhaust_the_day("claude")
    with pytest.raises(ClientError, match="Too many tokens per day") as raised:
        converse(account, "Hello?", CLAUDE)

    assert code_of(raised) == "ThrottlingException"
    assert raised.value.response["ResponseMetadata"]["HTTPStatusCode"] == 429
    assert said(converse(account, "Hello?", NOVA))


def test_functions_are_throttled_for_a_time(account: Account, faults: Faults) -> None:
    role = account.role(allow("logs:*"), trusts="lambda.amazonaws.com")
    name = make_function(account, role, "def handler(event, context):\n    return 'done'\n")
    task = {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "Arguments": {"FunctionName": name}}
    arn = machine(account, {"A": {**task, "End": True}}, allow("lambda:InvokeFunction"))
    faults.throttle_functions(name, seconds=2)
    with pytest.raises(ClientError, match="Rate Exceeded") as raised:
        account.client("lambda").invoke(FunctionName=name)
    failed = run(account, arn)
    time.sleep(2)

    assert code_of(raised) == "TooManyRequestsException"
    assert failed["error"] == "Lambda.TooManyRequestsException"
    assert run(account, arn)["status"] == "SUCCEEDED"


def test_waits_for_a_free_function_use_up_none_of_a_batchs_attempts(account: Account, faults: Faults) -> None:
    source = "class Throttled(Exception): ...\n\n\ndef handler(event, context):\n"
    source += "    if not event.get('last'):\n        raise Throttled('by the model')\n    return {'done': True}\n"
    name = make_function(account, account.role(allow("logs:*"), trusts="lambda.amazonaws.com"), source)
    arn = machine(account, batch_states(name), allow("lambda:InvokeFunction"))
    faults.throttle_functions(name, times=BUSY)
    ended = run(account, arn, {"run": "r", "batch": {"offset": 0, "bytes": 1}, "retry_failed": True})

    assert ended["status"] == "SUCCEEDED"
    first_second_and_last = 3
    assert faults.counts() == [(BUSY + first_second_and_last, BUSY)]


def batch_states(function: str) -> dict[str, Any]:
    """What an evaluation does with one batch, its waits shortened and throttling borne once."""
    pipeline = EvaluationPipeline(
        plan_function="unused",
        answer_function=function,
        judge_function="unused",
        summarise_function="unused",
        results_bucket="unused",
        concurrency=1,
    )
    states: dict[str, Any] = pipeline.definition()["States"]["Answer"]["ItemProcessor"]["States"]
    for rule in (rule for state in states.values() for rule in state.get("Retry", ()) if rule["MaxAttempts"]):
        rule.update(IntervalSeconds=1, BackoffRate=1)
        if rule["ErrorEquals"] == ["Throttled"]:
            rule["MaxAttempts"] = 1
    return states


def test_a_role_takes_a_while_to_spread(account: Account, faults: Faults) -> None:
    faults.delay_roles(600)
    role = account.role(trusts="lambda.amazonaws.com")
    with pytest.raises(ClientError, match="cannot be assumed by Lambda"):
        make_function(account, role, "def handler(event, context): ...")
    faults.clear()
    faults.delay_roles(0.01)
    time.sleep(0.01)

    assert make_function(account, role, "def handler(event, context): ...")


def test_deployments_have_a_quota(account: Account, faults: Faults) -> None:
    job = followed(account, submit(account, training_role(account), [line(number) for number in range(8)]))
    faults.limit_deployments(1)
    deploy_model(account, job)
    with pytest.raises(ClientError) as raised:
        deploy_model(account, job)

    assert code_of(raised) == "ServiceQuotaExceededException"


def test_a_function_has_a_largest_environment_and_a_role_of_its_own(account: Account) -> None:
    role, other = account.role(trusts="lambda.amazonaws.com"), account.role(trusts="states.amazonaws.com")
    source = "def handler(event, context): ..."
    with pytest.raises(ClientError, match="exceeded the 4KB limit") as raised:
        make_function(account, role, source, Environment={"Variables": {"AB": "x" * 4_088}})
    with pytest.raises(ClientError, match="cannot be assumed by Lambda"):
        make_function(account, other, source)
    name = make_function(account, role, source, Environment={"Variables": {"AB": "x" * 4_087}})
    with pytest.raises(ClientError, match="exceeded the 4KB limit"):
        account.client("lambda").update_function_configuration(
            FunctionName=name, Environment={"Variables": {"AB": "x" * 5_000}}
        )

    assert code_of(raised) == "InvalidParameterValueException"


def test_a_parameter_has_a_largest_value(account: Account) -> None:
    ssm, name = account.client("ssm"), new_name("/parameter")
    with pytest.raises(ClientError, match="maximum parameter value of 4096 characters") as raised:
        ssm.put_parameter(Name=name, Type="String", Value="x" * 4_097)
    ssm.put_parameter(Name=name, Type="String", Value="x" * 4_096)
    ssm.put_parameter(Name=name, Type="String", Value="x" * 8_192, Tier="Advanced", Overwrite=True)

    assert code_of(raised) == "ValidationException"


@pytest.mark.parametrize("name", ["/aws/model", "a//b", "/one two", "/1/2/3/4/5/6/7/8/9/10/11/12/13/14/15/16"])
def test_a_parameter_has_a_name_of_its_own(name: str, account: Account) -> None:
    with pytest.raises(ClientError, match="Parameter name") as raised:
        account.client("ssm").put_parameter(Name=name, Type="String", Value="x")

    assert code_of(raised) == "ValidationException"
