"""Gateways of AgentCore and their targets: made, looked at, changed and deleted through the control plane's API."""

import secrets
import string
from datetime import UTC, datetime
from typing import Any

from local.emulator.base.http import Reply, Request, ServiceError, reply, serve
from local.emulator.base.identity import assume, endpoint, require
from local.emulator.base.internals import scope
from local.emulator.corrections.resource_types import ResourceType

SERVICE = "bedrock-agentcore"
PRINCIPAL = "bedrock-agentcore.amazonaws.com"
PATH = "/_aws/bedrock-agentcore/"
"""Where this machine serves gateways: their own names resolve nowhere here."""
TYPES = (
    ResourceType(
        name="AWS::BedrockAgentCore::Gateway",
        service="bedrock-agentcore-control",
        create="CreateGateway",
        update="UpdateGateway",
        delete="DeleteGateway",
        attributes={"gatewayId": "GatewayIdentifier"},
        identify=lambda made: str(made["gatewayId"]),
        names=lambda identifier: {"gatewayIdentifier": identifier},
    ),
    ResourceType(
        name="AWS::BedrockAgentCore::GatewayTarget",
        service="bedrock-agentcore-control",
        create="CreateGatewayTarget",
        update="UpdateGatewayTarget",
        delete="DeleteGatewayTarget",
        identify=lambda made: f"{made['GatewayIdentifier']}|{made['targetId']}",
        names=lambda both: dict(zip(("gatewayIdentifier", "targetId"), both.split("|"), strict=True)),
    ),
)
_LETTERS = string.ascii_lowercase + string.digits
_ID_LENGTH = 10
_records: dict[str, dict[str, Any]] = {}
_targets: dict[str, dict[str, dict[str, Any]]] = {}


def install() -> None:
    """Serve the API of gateways and targets."""
    one, target = r"^/gateways/([^/]+)/?$", r"^/gateways/([^/]+)/targets/([^/]+)/?$"
    serve(
        SERVICE,
        [
            ("POST", r"^/gateways/?$", _create),
            ("GET", one, lambda _, identifier: reply(gateway(identifier))),
            ("PUT", one, _update),
            ("DELETE", one, _delete),
            ("POST", r"^/gateways/([^/]+)/targets/?$", _add_target),
            ("GET", target, lambda _, identifier, own: reply(_target(identifier, own))),
            ("PUT", target, _change_target),
            ("DELETE", target, _remove_target),
        ],
    )


def gateway(identifier: str) -> dict[str, Any]:
    """A gateway by its id.

    Raises:
        ServiceError: there is none.
    """
    if identifier not in _records:
        raise ServiceError("ResourceNotFoundException", f"Gateway {identifier} does not exist", 404)
    return _records[identifier]


def targets(identifier: str) -> list[dict[str, Any]]:
    """The targets of a gateway, oldest first."""
    return list(_targets[identifier].values())


def _create(request: Request) -> Reply:
    asked, (account, region) = request.body, scope()
    if any(known["name"] == asked["name"] for known in _records.values()):
        raise ServiceError("ConflictException", f"A gateway with name {asked['name']} already exists", 409)
    _check(asked)
    identifier = f"{asked['name'].lower()}-{_new_id()}"
    arn = f"arn:aws:bedrock-agentcore:{region}:{account}:gateway/{identifier}"
    assume(asked["roleArn"], PRINCIPAL, identifier[-_ID_LENGTH:], arn)
    made = {"gatewayId": identifier, "gatewayArn": arn, "gatewayUrl": f"{endpoint()}{PATH}{identifier}/mcp"}
    _records[identifier], _targets[identifier] = {**made, **_kept(asked)}, {}
    return reply(_records[identifier], 202)


def _update(request: Request, identifier: str) -> Reply:
    known, asked = gateway(identifier), request.body
    _check(asked)
    assume(asked["roleArn"], PRINCIPAL, identifier[-_ID_LENGTH:], known["gatewayArn"])
    made = {member: known[member] for member in ("gatewayId", "gatewayArn", "gatewayUrl", "createdAt")}
    _records[identifier] = {**_kept(asked), **made}
    return reply(_records[identifier], 202)


def _delete(_: Request, identifier: str) -> Reply:
    gateway(identifier)
    if _targets[identifier]:
        raise ServiceError("ConflictException", f"Gateway {identifier} has targets associated with it", 409)
    del _records[identifier], _targets[identifier]
    return reply({"gatewayId": identifier, "status": "DELETING"}, 202)


def _check(asked: dict[str, Any]) -> None:
    """Refuse what this machine does not serve, by its name."""
    if asked["authorizerType"] != "AWS_IAM" or asked.get("protocolType", "MCP") != "MCP":
        served = "gateways of the Model Context Protocol with the authorizer AWS_IAM"
        raise ServiceError("ValidationException", f"The local AWS serves {served}, not {asked['authorizerType']}")
    for member in ("interceptorConfigurations", "policyEngineConfiguration"):
        if asked.get(member):
            raise ServiceError("ValidationException", f"The local AWS serves gateways without {member}")


def _add_target(request: Request, identifier: str) -> Reply:
    record = {"targetId": _new_id(), **_checked_target(request.body, gateway(identifier))}
    _targets[identifier][record["targetId"]] = record
    return reply(record, 202)


def _change_target(request: Request, identifier: str, target: str) -> Reply:
    known = _target(identifier, target)
    changed = {**_checked_target(request.body, gateway(identifier)), "targetId": target}
    _targets[identifier][target] = {**changed, "createdAt": known["createdAt"]}
    return reply(_targets[identifier][target], 202)


def _remove_target(_: Request, identifier: str, target: str) -> Reply:
    known = _target(identifier, target)
    del _targets[identifier][target]
    return reply({"gatewayArn": known["gatewayArn"], "targetId": target, "status": "DELETING"}, 202)


def _target(identifier: str, target: str) -> dict[str, Any]:
    gateway(identifier)
    if target not in _targets[identifier]:
        raise ServiceError("ResourceNotFoundException", f"Target {target} of {identifier} does not exist", 404)
    return _targets[identifier][target]


def _checked_target(asked: dict[str, Any], owner: dict[str, Any]) -> dict[str, Any]:
    """A target as it is kept; making one tries the gateway's role (developer guide, *gateway-add-target-lambda*)."""
    function = (asked["targetConfiguration"].get("mcp") or {}).get("lambda")
    if function is None or "inlinePayload" not in function["toolSchema"]:
        raise ServiceError("ValidationException", "The local AWS serves targets of Lambda with an inline tool schema")
    providers = asked.get("credentialProviderConfigurations") or []
    if [one["credentialProviderType"] for one in providers] != ["GATEWAY_IAM_ROLE"]:
        raise ServiceError("ValidationException", "A target of Lambda takes the credential provider GATEWAY_IAM_ROLE")
    held = assume(owner["roleArn"], PRINCIPAL, owner["gatewayId"][-_ID_LENGTH:], owner["gatewayArn"])
    require(held, "lambda:InvokeFunction", function["lambdaArn"])
    return {"gatewayArn": owner["gatewayArn"], **_kept(asked)}


def _kept(asked: dict[str, Any]) -> dict[str, Any]:
    at = datetime.now(UTC).isoformat()
    left_out = ("clientToken", "tags")
    asked_for = {member: value for member, value in asked.items() if member not in left_out}
    return {**asked_for, "status": "READY", "createdAt": at, "updatedAt": at}


def _new_id() -> str:
    return "".join(secrets.choice(_LETTERS) for _ in range(_ID_LENGTH))
