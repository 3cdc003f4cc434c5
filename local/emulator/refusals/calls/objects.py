"""Requests for objects that S3 refuses (S3 user guide, *object-keys*, *UsingMetadata*; API reference, *DeleteObjects*,
*CopyObject*, and *sigv4-query-string-auth*)."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote

from local.emulator.base.http import ServiceError

_KEY_BYTES, _METADATA_BYTES, _MOST_DELETED = 1_024, 2_048, 1_000
_LONGEST_SECONDS = 7 * 86_400
_METADATA = "x-amz-meta-"
_CHANGES = ("x-amz-metadata-directive", "x-amz-storage-class", "x-amz-website-redirect-location", "x-amz-server-side")


def check(method: str, path: str, headers: Mapping[str, str], raw: bytes, query: Mapping[str, Any]) -> None:
    """Refuse a request before it reaches its object.

    Raises:
        ServiceError: with S3's code and sentence.
    """
    _check_signature(query)
    key = unquote(path).lstrip("/").partition("/")[2]
    if len(key.encode()) > _KEY_BYTES:
        raise ServiceError("KeyTooLongError", "Your key is too long")
    metadata = {name.removeprefix(_METADATA): value for name, value in headers.items() if name.startswith(_METADATA)}
    if sum(len(name.encode()) + len(value.encode()) for name, value in metadata.items()) > _METADATA_BYTES:
        raise ServiceError("MetadataTooLarge", "Your metadata headers exceed the maximum allowed metadata size")
    source = unquote(headers.get("x-amz-copy-source", "")).lstrip("/")
    if source and source == unquote(path).lstrip("/") and not any(name.startswith(_CHANGES) for name in headers):
        text = "This copy request is illegal because it is trying to copy an object to itself without changing the"
        text += " object's metadata, storage class, website redirect location or encryption attributes."
        raise ServiceError("InvalidRequest", text)
    if method == "POST" and "delete" in query and len(re.findall(rb"<Object>", raw)) > _MOST_DELETED:
        text = "The XML you provided was not well-formed or did not validate against our published schema"
        raise ServiceError("MalformedXML", text)


def _check_signature(query: Mapping[str, Any]) -> None:
    """Refuse an address that was signed for longer than a week, or whose time is over."""
    signed, seconds, until = (_first(query.get(name)) for name in ("X-Amz-Date", "X-Amz-Expires", "Expires"))
    if signed and seconds:
        if not seconds.isdigit() or not 0 < int(seconds) <= _LONGEST_SECONDS:
            text = "X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must be less"
            raise ServiceError("AuthorizationQueryParametersError", f"{text} than {_LONGEST_SECONDS} seconds")
        begun = datetime.strptime(signed, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
        until = str(int(begun.timestamp()) + int(seconds))
    elif "Signature" not in query or not until.isdigit():
        return
    if datetime.now(UTC).timestamp() > int(until):
        raise ServiceError("AccessDenied", "Request has expired", 403)


def _first(value: Any) -> str:
    return str(value[0] if isinstance(value, list) else value or "")
