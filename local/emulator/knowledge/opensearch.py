"""Knowledge bases over OpenSearch Serverless: a stand-in keeps their index, for the local AWS has no collections.

The knowledge base, its role's permissions and the form of its searches are as AWS has them. Of the collection nothing
exists but its ARN: neither its policies nor the mapping of its index are checked.
"""

import re
from typing import Any

from local.emulator.base.http import ServiceError
from local.emulator.base.identity import RoleSession, require

STORE = "OPENSEARCH_SERVERLESS"
ACTION = "aoss:APIAccessAll"
"""Bedrock user guide, *kb-permissions*: the role's permission on the collection, beside the collection's own policy."""
_COLLECTION = re.compile(r"arn:aws(-[a-z]+)*:aoss:[a-z0-9-]+:\d{12}:collection/[a-z0-9-]{3,40}")  # botocore
_FIELDS = ("vectorField", "textField", "metadataField")


def collection(storage: dict[str, Any]) -> str:
    """ARN of the collection in a knowledge base's storage configuration.

    Raises:
        ServiceError: a part of the configuration is missing.
    """
    configured = storage.get("opensearchServerlessConfiguration") or {}
    arn, mapped = str(configured.get("collectionArn")), configured.get("fieldMapping") or {}
    if not _COLLECTION.fullmatch(arn):
        raise ServiceError("ValidationException", f"collectionArn {arn} must match {_COLLECTION.pattern}")
    if not configured.get("vectorIndexName") or any(not mapped.get(name) for name in _FIELDS):
        needed = f"vectorIndexName and fieldMapping with {', '.join(_FIELDS)}"
        raise ServiceError("ValidationException", f"opensearchServerlessConfiguration needs {needed}")
    return arn


def check_access(role: RoleSession, storage: dict[str, Any]) -> None:
    """Refuse a role that may not use the collection.

    Raises:
        ServiceError: with AWS's code.
    """
    require(role, ACTION, collection(storage))
