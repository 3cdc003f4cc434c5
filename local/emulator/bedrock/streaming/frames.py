"""AWS's event stream encoding: a prelude of two lengths and a checksum, headers, a payload, and a checksum of all.

Source: Smithy 2.0 specification, *application/vnd.amazon.eventstream*.
"""

import json
import struct
from binascii import crc32
from typing import Any

CONTENT_TYPE = "application/vnd.amazon.eventstream"
_STRING = 7
"""The type of a header whose value is text."""


def event(name: str, content: dict[str, Any]) -> bytes:
    """An event of a stream."""
    return _message({":event-type": name, ":content-type": "application/json", ":message-type": "event"}, content)


def exception(name: str, message: str) -> bytes:
    """An error in the middle of a stream; its name begins in lower case."""
    headers = {":exception-type": name, ":content-type": "application/json", ":message-type": "exception"}
    return _message(headers, {"message": message})


def _message(headers: dict[str, str], content: dict[str, Any]) -> bytes:
    head = b"".join(_header(name, value) for name, value in headers.items())
    payload = json.dumps(content).encode()
    lengths = struct.pack(">II", 16 + len(head) + len(payload), len(head))
    framed = lengths + struct.pack(">I", crc32(lengths)) + head + payload
    return framed + struct.pack(">I", crc32(framed))


def _header(name: str, value: str) -> bytes:
    return struct.pack("B", len(name)) + name.encode() + struct.pack(">BH", _STRING, len(value)) + value.encode()
