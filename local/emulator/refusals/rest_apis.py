"""REST APIs and their parts, as API Gateway takes them (its API reference and its guide, *limits*)."""

import json
import re
from typing import Any

from local.emulator.base.http import ServiceError
from local.emulator.base.internals import inside

Properties = dict[str, Any]
_API = "services.apigateway_v1"
_PARAMETER = re.compile(r"method\.request\.(querystring|path|header|multivalueheader|multivaluequerystring)\.[^.\s]+")
_LEAST_MS, _ANSWERED_MS, _STREAMED_MS = 50, 29_000, 900_000


def check_name(properties: Properties) -> None:
    """Refuse an API without a name (API Gateway API, *CreateRestApi*).

    Raises:
        ServiceError: BadRequestException.
    """
    if not properties.get("Name") and not {"Body", "BodyS3Location", "CloneFrom"} & properties.keys():
        raise ServiceError("BadRequestException", "Name must be specified for a REST API")


def check_api(properties: Properties) -> None:
    """Refuse a part of an API that is not there (API Gateway API).

    Raises:
        ServiceError: NotFoundException, with AWS's sentence.
    """
    if properties.get("RestApiId") not in inside(_API, "_rest_apis"):
        raise ServiceError("NotFoundException", "Invalid API identifier specified", 404)


def check_deployment(properties: Properties) -> None:
    """Refuse to deploy an API without methods (API Gateway API, *CreateDeployment*).

    Raises:
        ServiceError: BadRequestException, with AWS's sentence.
    """
    resources = inside(_API, "_resources").get(properties.get("RestApiId"), {})
    if not any(resource.get("resourceMethods") for resource in resources.values()):
        raise ServiceError("BadRequestException", "The REST API doesn't contain any methods")


def check_stage(properties: Properties) -> None:
    """Refuse a stage of a deployment that its API has not (API Gateway API, *CreateStage*).

    Raises:
        ServiceError: BadRequestException, with AWS's sentence.
    """
    if properties.get("DeploymentId") not in inside(_API, "_deployments_v1").get(properties.get("RestApiId"), {}):
        raise ServiceError("BadRequestException", "Invalid Deployment identifier specified")


def check_model(properties: Properties) -> None:
    """Refuse a schema whose type is none of JSON Schema's (API Gateway guide, *models*).

    Raises:
        ServiceError: BadRequestException, with AWS's sentence.
    """
    schema = properties.get("Schema") or {}
    schema = json.loads(schema) if isinstance(schema, str) else schema
    if schema.get("type", "object") not in ("array", "boolean", "integer", "null", "number", "object", "string"):
        text = f"Invalid model specified: Validation Result: Unknown type {schema['type']}"
        raise ServiceError("BadRequestException", text)


def check_method(properties: Properties) -> None:
    """Refuse an authorization that is none, and a time that an integration may not take (API Gateway guide).

    Raises:
        ServiceError: BadRequestException, with AWS's sentences.
    """
    authorization = properties.get("AuthorizationType", "NONE")
    if authorization not in ("NONE", "AWS_IAM", "CUSTOM", "COGNITO_USER_POOLS"):
        raise ServiceError("BadRequestException", f"Invalid authorization type specified: {authorization}")
    for name in properties.get("RequestParameters") or ():
        if not _PARAMETER.fullmatch(name):
            raise ServiceError("BadRequestException", f"Invalid mapping expression specified: {name}")
    integration = properties.get("Integration") or {}
    most = _STREAMED_MS if integration.get("ResponseTransferMode") == "STREAM" else _ANSWERED_MS
    if not _LEAST_MS <= int(integration.get("TimeoutInMillis", most)) <= most:
        raise ServiceError("BadRequestException", f"Timeout should be between {_LEAST_MS} ms and {most} ms")


def check_named(properties: Properties) -> None:
    """Refuse a method of a model or validator that its API has not (API Gateway API, *PutMethod*).

    Raises:
        ServiceError: BadRequestException, with AWS's sentences.
    """
    api = properties.get("RestApiId")
    known = {model.get("name") for model in inside(_API, "_models").get(api, {}).values()} | {"Empty", "Error"}
    for model in (properties.get("RequestModels") or {}).values():
        if model not in known:
            raise ServiceError("BadRequestException", f"Invalid model identifier specified: {model}")
    validator = properties.get("RequestValidatorId")
    if validator and validator not in inside(_API, "_request_validators").get(api, {}):
        raise ServiceError("BadRequestException", "Invalid Request Validator identifier specified")
