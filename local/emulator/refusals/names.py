"""Names that the models of the APIs leave open, and the services do not (the API reference of each)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from local.emulator.base.http import ServiceError


@dataclass(frozen=True)
class Name:
    """A property that is a name: its pattern, and the code and the sentence of a refusal."""

    named_by: str
    pattern: str
    code: str
    refusal: str


_PATH = r"[a-zA-Z0-9._\-:]+"
_LABEL = "[a-z0-9][a-z0-9{}-]{{1,61}}[a-z0-9]"
_BAD, _INVALID = "BadRequestException", "ValidationException"
NAMES: dict[str, Name] = {
    "AWS::ApiGateway::Method": Name(
        "HttpMethod",
        "ANY|DELETE|GET|HEAD|OPTIONS|PATCH|POST|PUT",
        _BAD,
        "Invalid HttpMethod specified. Valid options are GET,PUT,POST,DELETE,PATCH,OPTIONS,HEAD,ANY",
    ),
    "AWS::ApiGateway::Model": Name("Name", "[a-zA-Z0-9]+", _BAD, "Model name must be alphanumeric"),
    "AWS::ApiGateway::Resource": Name(
        "PathPart",
        rf"{_PATH}|\{{{_PATH}\+?\}}",
        _BAD,
        "Resource's path part only allow a-zA-Z0-9._-: or a valid greedy path variable and curly braces at the"
        " beginning and the end.",
    ),
    "AWS::ApiGateway::Stage": Name("StageName", "[a-zA-Z0-9_-]{1,128}", _BAD, "Stage name only allows a-zA-Z0-9_-"),
    "AWS::DynamoDB::Table": Name(
        "TableName",
        "[a-zA-Z0-9_.-]{3,255}",
        _INVALID,
        "TableName must be at least 3 characters long and at most 255 characters long, of a-z, A-Z, 0-9, '_', '-', '.'",
    ),
    "AWS::S3::Bucket": Name(
        "BucketName", _LABEL.format("."), "InvalidBucketName", "The specified bucket is not valid."
    ),
    "AWS::S3Vectors::Index": Name("IndexName", _LABEL.format("."), _INVALID, "Invalid index name"),
    "AWS::S3Vectors::VectorBucket": Name("VectorBucketName", _LABEL.format(""), _INVALID, "Invalid vector bucket name"),
    "AWS::SNS::Topic": Name(
        "TopicName",
        r"[A-Za-z0-9_-]{1,256}|[A-Za-z0-9_-]{1,251}\.fifo",
        "InvalidParameter",
        "Invalid parameter: Topic Name",
    ),
    "AWS::SQS::Queue": Name(
        "QueueName",
        r"[A-Za-z0-9_-]{1,80}|[A-Za-z0-9_-]{1,75}\.fifo",
        "InvalidParameterValue",
        "Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length",
    ),
    "AWS::SSM::Parameter": Name(
        "Name",
        r"(?!(?i:/?(aws|ssm)))/?[a-zA-Z0-9_.-]+(/[a-zA-Z0-9_.-]+){0,14}",
        _INVALID,
        'Parameter name: can\'t be prefixed with "aws" or "ssm" (case-insensitive). It has at most 15 levels of'
        " letters, digits and the symbols .-_",
    ),
    "AWS::StepFunctions::StateMachine": Name(
        "StateMachineName", r"[^\s<>{}\[\]?*\"#%\\^|~`$&,;:/\x00-\x1f]{1,80}", "InvalidName", "Invalid Name"
    ),
}


def check(kind: str, properties: Mapping[str, Any]) -> None:
    """Refuse a name that the service does not take.

    Raises:
        ServiceError: with the service's code.
    """
    name = NAMES.get(kind)
    given = properties.get(name.named_by) if name else None
    if name and given is not None and not re.fullmatch(name.pattern, str(given)):
        raise ServiceError(name.code, f"{name.refusal}: '{given}'")
