"""Requests held to the model of their API before the emulator sees them.

What is asked by a form (IAM, SNS, CloudWatch) is not: templates are held to the same models (`shapes.py`).
"""

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any
from urllib.parse import unquote

from botocore.model import OperationNotFoundError

from local import sessions
from local.emulator.base.http import Reply, ServiceError, ServiceHandler, error_reply
from local.emulator.base.internals import inside
from local.emulator.refusals import members, rules

_SERVICES = {
    "apigateway": "apigateway",
    "bedrock": "bedrock",
    "bedrock-agent": "bedrock-agent",
    "bedrock-agent-runtime": "bedrock-agent-runtime",
    "bedrock-runtime": "bedrock-runtime",
    "budgets": "budgets",
    "dynamodb": "dynamodb",
    "events": "events",
    "kms": "kms",
    "lambda": "lambda",
    "logs": "logs",
    "s3vectors": "s3vectors",
    "scheduler": "scheduler",
    "ssm": "ssm",
    "states": "stepfunctions",
    "wafv2": "wafv2",
}
"""botocore's name of each of the emulator's services whose requests are JSON."""
_KINDS = {
    "CreateAlias": "AWS::Lambda::Alias",
    "CreateFunction": "AWS::Lambda::Function",
    "CreateGuardrail": "AWS::Bedrock::Guardrail",
    "CreateIndex": "AWS::S3Vectors::Index",
    "CreateSchedule": "AWS::Scheduler::Schedule",
    "CreateTable": "AWS::DynamoDB::Table",
    "CreateVectorBucket": "AWS::S3Vectors::VectorBucket",
    "CreateDataSource": "AWS::Bedrock::DataSource",
    "CreateKnowledgeBase": "AWS::Bedrock::KnowledgeBase",
    "CreateEventSourceMapping": "AWS::Lambda::EventSourceMapping",
    "PutMetricFilter": "AWS::Logs::MetricFilter",
    "PutRule": "AWS::Events::Rule",
    "UpdateAlias": "AWS::Lambda::Alias",
    "UpdateDataSource": "AWS::Bedrock::DataSource",
    "UpdateGuardrail": "AWS::Bedrock::Guardrail",
    "UpdateSchedule": "AWS::Scheduler::Schedule",
}
"""Operations whose parameters are named as the properties of a type are."""
_OPTIONAL = {"QueryVectors": {"queryVector"}}
"""Members that newer models of an API do not require (botocore 1.44.5)."""


def install() -> None:
    """Put the check in front of each service; last, so that nothing answers before it."""
    handlers: dict[str, ServiceHandler] = inside("app", "SERVICE_HANDLERS")
    for own, name in _SERVICES.items():
        handlers[own] = _held(handlers[own], name)


def _held(base: ServiceHandler, service: str) -> ServiceHandler:
    async def handle(method: str, path: str, headers: dict[str, str], raw: bytes, query: dict[str, Any]) -> Reply:
        operation, named = operation_of(service, method, path, headers.get("x-amz-target", ""))
        if operation:
            try:
                beside = dict(_beside(_shape(service, operation), query, headers))
                body = json.loads(raw or b"{}")
                if isinstance(body, dict):
                    check(service, operation, body, named | beside)
            except ServiceError as error:
                return error_reply(error)
            except (OperationNotFoundError, ValueError):
                pass  # The service says what it thinks of a body that is no JSON, and of what it cannot do.
        return await base(method, path, headers, raw, query)

    return handle


def check(service: str, operation: str, body: dict[str, Any], named: dict[str, Any] | None = None) -> None:
    """Refuse parameters that AWS refuses.

    Args:
        service: botocore's name.
        operation: of its model.
        body: parameters of the body.
        named: those of the address. Whether one that is an identifier is there is the service's to say.

    Raises:
        ServiceError: with AWS's code and sentence.
    """
    shape, named = _shape(service, operation), named or {}
    if shape is None:
        return
    if shape.serialization.get("payload"):
        body = {}  # The caller's own data, not members of the request.
    parameters = body | {name: value for name, value in named.items() if not name.endswith(("Id", "Identifier"))}
    required = set(shape.required_members) - {*named, *_OPTIONAL.get(operation, ())}
    members.check(parameters, shape, required=required)
    if kind := _KINDS.get(operation):
        rules.check_rules(kind, _capitalised(body | named))


def _shape(service: str, operation: str) -> Any:
    return sessions.core().get_service_model(service).operation_model(operation).input_shape


def _beside(shape: Any, query: Mapping[str, Any], headers: Mapping[str, str]) -> Iterator[tuple[str, Any]]:
    """The parameters that stand in the query and in the headers."""
    for name, member in (shape.members if shape else {}).items():
        place, sent = member.serialization.get("location"), member.serialization.get("name", name)
        given = query.get(sent) if place == "querystring" else headers.get(sent.lower()) if place == "header" else None
        if isinstance(given, list) and member.type_name != "list":
            (given, *_) = given or [None]
        if given is not None:
            yield name, given


def operation_of(service: str, method: str, path: str, target: str) -> tuple[str | None, dict[str, str]]:
    """The operation that a request asks for, and the parameters that its address names."""
    if target:
        return target.rpartition(".")[2], {}
    for expected, pattern, names, operation in _routes(service):
        match = pattern.fullmatch(path) if method == expected else None
        if match:
            return operation, {name: unquote(value) for name, value in zip(names, match.groups(), strict=True)}
    return None, {}


@cache
def _routes(service: str) -> list[tuple[str, re.Pattern[str], list[str], str]]:
    model = sessions.core().get_service_model(service)
    routes = []
    for operation in model.operation_names:
        if "?" in model.operation_model(operation).http["requestUri"]:
            continue  # Another operation has the same path; which one is asked for stands in the query.
        http = model.operation_model(operation).http
        address = http["requestUri"].rstrip("/")
        parts = re.split(r"\{([^}]+)\}", address)
        pattern = "([^/]+)".join(map(re.escape, parts[::2]))
        places = [name.rstrip("+") for name in parts[1::2]]
        routes.append((http["method"], re.compile(f"{pattern}/?"), _members(model, operation, places), operation))
    return routes


def _members(model: Any, operation: str, places: list[str]) -> list[str]:
    """The parameters that the places of an address stand for."""
    shape = model.operation_model(operation).input_shape
    at = {
        member.serialization.get("name", name): name
        for name, member in (shape.members.items() if shape else ())
        if member.serialization.get("location") == "uri"
    }
    return [at.get(place, place) for place in places]


def _capitalised(value: Any) -> Any:
    if isinstance(value, dict):
        return {f"{name[:1].upper()}{name[1:]}": _capitalised(item) for name, item in value.items()}
    return [_capitalised(item) for item in value] if isinstance(value, list) else value
