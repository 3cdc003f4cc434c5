"""S3 where the emulator differs from AWS: customer-managed keys, objects that are not there, keys of versions."""

import json
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import quote, unquote
from xml.sax.saxutils import unescape

from local.emulator.base.http import Reply, Request, ServiceError, ServiceHandler
from local.emulator.base.identity import require_caller
from local.emulator.base.internals import inside, replace
from local.emulator.refusals.calls import objects

_KEY = re.compile(r"arn:aws:kms:[^<\"\\]+")
_NOT_THE_OBJECT = ("acl", "tagging", "policy", "retention", "legal-hold", "uploads")
_NAMES = re.compile(rb"(?s)(<(Key|Prefix|Delimiter|KeyMarker|NextKeyMarker)>)(.*?)(</\2>)")
"""S3 API reference, *ListObjectVersions*: the elements that `encoding-type` encodes."""
_KEY_ACTIONS = {"GET": "kms:Decrypt", "PUT": "kms:GenerateDataKey"}


def install() -> None:
    """Check what S3 checks before and after the emulator answers."""
    handlers: dict[str, ServiceHandler] = inside("app", "SERVICE_HANDLERS")
    handlers["s3"] = _checked(handlers["s3"])
    replace("services.s3", "_list_object_versions", _encoding)


def _encoding(original: Callable[[str, Any], Reply]) -> Callable[[str, Any], Reply]:
    """Encode the keys of versions as they are asked for: no parser reads one that XML cannot write."""

    def listed(bucket: str, query: dict[str, Any]) -> Reply:
        status, headers, body = original(bucket, query)
        if "url" not in query.get("encoding-type", ()):
            return status, headers, body
        body = _NAMES.sub(lambda element: element[1] + _encoded(element[3]) + element[4], body)
        return status, headers, body.replace(b"<Name>", b"<EncodingType>url</EncodingType><Name>", 1)

    return listed


def _encoded(text: bytes) -> bytes:
    return quote(unescape(text.decode())).encode()


def _checked(base: ServiceHandler) -> ServiceHandler:
    async def handle(method: str, path: str, headers: dict[str, str], raw: bytes, query: dict[str, Any]) -> Reply:
        try:
            objects.check(method, path, headers, raw, query)
        except ServiceError as error:
            return _refusal(method, error)
        bucket, _, name = unquote(path).lstrip("/").partition("/")
        if not name or set(_NOT_THE_OBJECT) & set(query):
            return await base(method, path, headers, raw, query)
        request = Request(method, path, headers, raw=raw, query=query)
        try:
            key = _key_of(bucket) if method in _KEY_ACTIONS else None
            if key:
                require_caller(request, _KEY_ACTIONS[method], key)
            answer = await base(method, path, headers, raw, query)
            if answer[0] == 404 and method in ("GET", "HEAD") and inside("services.s3", "_buckets").get(bucket):
                # Who may not list a bucket does not learn what is missing from it.
                require_caller(request, "s3:ListBucket", f"arn:aws:s3:::{bucket}")
        except ServiceError as error:
            return _refusal(method, ServiceError("AccessDenied", error.message, 403))
        return answer

    return handle


def _refusal(method: str, error: ServiceError) -> Reply:
    body = f"<Error><Code>{error.code}</Code><Message>{error.message}</Message></Error>"
    return error.status, {"Content-Type": "application/xml"}, b"" if method == "HEAD" else body.encode()


def _key_of(bucket: str) -> str | None:
    configuration = inside("services.s3", "_bucket_encryption").get(bucket)
    if configuration is None:
        return None
    text = configuration if isinstance(configuration, str) else json.dumps(configuration, default=str)
    match = _KEY.search(text)
    return match.group() if match else None
