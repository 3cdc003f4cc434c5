"""Limits of Lambda functions, SSM parameters and messages that AWS checks when one is made, changed or sent."""

import json
from collections.abc import Callable
from typing import Any

from local.emulator.base.http import Request, ServiceError, serve
from local.emulator.base.identity import assume
from local.emulator.base.internals import inside, replace, scope
from local.emulator.corrections.functions import SERVICE
from local.emulator.refusals import names, policies, ranges

_ENVIRONMENT_BYTES = 4_096  # docs, Lambda quotas
_PARAMETER_BYTES = {"Standard": 4_096, "Advanced": 8_192}  # docs, Parameter Store tiers
_DOCUMENTS = {
    "CreatePolicy": ("PolicyDocument", policies.check_identity),
    "CreatePolicyVersion": ("PolicyDocument", policies.check_identity),
    "CreateRole": ("AssumeRolePolicyDocument", policies.check_trust),
    "PutRolePolicy": ("PolicyDocument", policies.check_identity),
    "UpdateAssumeRolePolicy": ("PolicyDocument", policies.check_trust),
}
_PUT_PARAMETER, _SEND_MESSAGE = "AmazonSSM.PutParameter", "AmazonSQS.SendMessage"
_LONGEST_DELAY = 900
"""docs, SQS API, *SendMessage*: 15 minutes."""


def install() -> None:
    """Check what the APIs are asked for."""
    functions = r"^/2015-03-31/functions"
    serve("lambda", [("POST", functions + r"/?$", _created), ("PUT", functions + r"/([^/]+)/configuration$", _updated)])
    serve(
        "lambda", [("POST", r"^/2015-03-31/event-source-mappings/?$", lambda given: ranges.check_mapping(given.body))]
    )
    serve("ssm", [("POST", r"^/$", _put)])
    serve("sqs", [("POST", r"^/", _sent)])
    replace("services.iam", "_put_role_policy", ranges.limited)
    handlers = inside("services.iam", "_IAM_HANDLERS")
    handlers["PutRolePolicy"] = inside("services.iam", "_put_role_policy")
    handlers["AttachRolePolicy"] = ranges.attached(handlers["AttachRolePolicy"])
    for action, (member, check) in _DOCUMENTS.items():
        handlers[action] = _grammatical(handlers[action], action, member, check)


def checking_functions(base: dict[str, Any]) -> dict[str, Any]:
    """CloudFormation's handlers of a function, which check it first."""
    return checking(base, lambda properties, name: check_function(properties, properties.get("FunctionName", name)))


def checking_parameters(base: dict[str, Any]) -> dict[str, Any]:
    """CloudFormation's handlers of a parameter, which check it first."""
    return checking(base, lambda properties, _: check_parameter(properties))


def check_function(configuration: dict[str, Any], name: str) -> None:
    """Refuse an environment that is too large, a role that Lambda cannot assume, and time or memory that it has not.

    Raises:
        ServiceError: InvalidParameterValueException or ValidationException, with AWS's sentence.
    """
    ranges.check_numbers(configuration)
    variables = json.dumps((configuration.get("Environment") or {}).get("Variables") or {}, separators=(",", ":"))
    if len(variables.encode()) > _ENVIRONMENT_BYTES:
        text = "Lambda was unable to configure your environment variables because the environment variables you have"
        raise ServiceError(
            "InvalidParameterValueException", f"{text} provided exceeded the 4KB limit. String measured: {variables}"
        )
    account, region = scope()
    try:
        if "Role" in configuration:
            arn = f"arn:aws:lambda:{region}:{account}:function:{name}"
            assume(configuration["Role"], SERVICE, "creation", arn)
    except ServiceError as error:
        text = f"The role defined for the function cannot be assumed by Lambda. {error.message}"
        raise ServiceError("InvalidParameterValueException", text) from error


def check_parameter(parameter: dict[str, Any]) -> None:
    """Refuse a value that the parameter's tier does not hold.

    Raises:
        ServiceError: ValidationException, with AWS's sentence.
    """
    existing = inside("services.ssm", "_parameters").get(parameter.get("Name")) or {}
    tier = parameter.get("Tier") or existing.get("Tier", "Standard")
    most = _PARAMETER_BYTES.get(tier, max(_PARAMETER_BYTES.values()))
    if len(str(parameter.get("Value", "")).encode()) <= most:
        return
    text = f"{tier} tier parameters support a maximum parameter value of {most} characters."
    if tier == "Standard":
        text += " To create a larger parameter value, upgrade the parameter to use the advanced-parameter tier."
    raise ServiceError("ValidationException", text)


def _created(request: Request) -> None:
    check_function(request.body, str(request.body.get("FunctionName")))


def _updated(request: Request, name: str) -> None:
    check_function(request.body, name)


def _put(request: Request) -> None:
    if request.headers.get("x-amz-target") == _PUT_PARAMETER:
        names.check("AWS::SSM::Parameter", request.body)
        check_parameter(request.body)


def _sent(request: Request) -> None:
    if request.headers.get("x-amz-target") != _SEND_MESSAGE:
        return
    delay = int(request.body.get("DelaySeconds") or 0)
    if not 0 <= delay <= _LONGEST_DELAY:
        text = f"Value {delay} for parameter DelaySeconds is invalid. Reason: DelaySeconds must be >= 0 and <= 900."
        raise ServiceError("InvalidParameterValue", text)


def _grammatical(
    original: Callable[[dict[str, Any]], Any], action: str, member: str, check: Callable[[Any], None]
) -> Callable[[dict[str, Any]], Any]:
    def handle(parameters: dict[str, Any]) -> Any:
        try:
            document = inside("services.iam", "_p")(parameters, member)
            check(document)
            ranges.check_document(action, document)
        except ServiceError as error:
            return inside("services.iam", "_error")(error.status, error.code, error.message, ns="iam")
        return original(parameters)

    return handle


def checking(base: dict[str, Any], check: Callable[[dict[str, Any], str], None]) -> dict[str, Any]:
    """CloudFormation's handlers of a type, before which properties and the resource's name are checked."""

    def create(logical_id: str, properties: dict[str, Any], stack: str) -> Any:
        check(properties, f"{stack}-{logical_id}")
        return base["create"](logical_id, properties, stack)

    def update(physical_id: str, old: dict[str, Any], new: dict[str, Any], *rest: Any, **options: Any) -> Any:
        check(new, physical_id)
        return base["update"](physical_id, old, new, *rest, **options)

    return {**base, "create": create, "update": update}
