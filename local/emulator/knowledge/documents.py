"""The metadata of a document, held to the limits of Bedrock and the store."""

import json
import math
from typing import Any

from local.emulator.knowledge.reading.parsed import DocumentError

MAX_BYTES = 50 * 1024 * 1024  # docs: knowledge base quotas, file size
MAX_METADATA_BYTES = 10 * 1024  # docs: S3 data source connector
MAX_METADATA_KEYS = 35  # docs: S3 Vectors through a knowledge base
MAX_CUSTOM_METADATA_BYTES = 1024
METADATA_SUFFIX = ".metadata.json"


def metadata_of(content: bytes) -> dict[str, Any]:
    """The attributes in a `.metadata.json` file.

    Raises:
        DocumentError: when it breaks a limit or cannot be read.
    """
    if len(content) > MAX_METADATA_BYTES:
        raise DocumentError(f"the metadata file has {len(content)} bytes; at most {MAX_METADATA_BYTES} are allowed")
    try:
        attributes = json.loads(content)["metadataAttributes"]
        parsed = {name: _value(attribute) for name, attribute in attributes.items()}
        size = len(json.dumps(parsed, separators=(",", ":"), ensure_ascii=False).encode())
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise DocumentError(f'the metadata file is not {{"metadataAttributes": {{…}}}}: {error!r}') from error
    reserved = sorted(name for name in parsed if name.lower().startswith("x-amz-bedrock"))
    if reserved:
        raise DocumentError(f"metadata keys starting with x-amz-bedrock are reserved: {', '.join(reserved)}")
    if len(parsed) > MAX_METADATA_KEYS:
        raise DocumentError(f"the metadata has {len(parsed)} keys; at most {MAX_METADATA_KEYS} with S3 Vectors")
    for name, value in parsed.items():
        if not _is_storable(value):
            kinds = "a text, a finite number, true, false or a list of texts"
            raise DocumentError(f"Invalid metadata value for key {name}: {value!r} is not {kinds}")
    if size > MAX_CUSTOM_METADATA_BYTES:
        raise DocumentError(f"the metadata has {size} bytes; at most {MAX_CUSTOM_METADATA_BYTES} with S3 Vectors")
    return parsed


def _value(attribute: Any) -> Any:
    """`{"value": {"type": …, "stringValue": …}}` or the value itself."""
    if not isinstance(attribute, dict):
        return attribute
    typed = attribute["value"]
    field = {
        "STRING": "stringValue",
        "NUMBER": "numberValue",
        "BOOLEAN": "booleanValue",
        "STRING_LIST": "stringListValue",
    }
    return typed[field[typed["type"]]]


def _is_storable(value: Any) -> bool:
    """docs, S3 Vectors metadata: texts, numbers, booleans and lists of texts; no null, nothing empty or nested."""
    if isinstance(value, list):
        return bool(value) and all(isinstance(item, str) for item in value)
    return isinstance(value, str | int) or (isinstance(value, float) and math.isfinite(value))
