"""JSON documents that an issuer of tokens publishes, by https and within bounds."""

import json
from typing import Any

import urllib3

from arbiter.aws.calls.bounded import within
from arbiter.edge.errors import IssuerUnavailable

SECONDS = 2.0
LARGEST = 256 * 1024
"""Bytes: key sets of large issuers have about ten thousand."""
_connections = urllib3.PoolManager(maxsize=1, retries=False)


def published(address: str) -> Any:
    """The JSON at an address; a redirect is not followed, for only the address that was named is trusted.

    Raises:
        IssuerUnavailable: there is none, or it is too long or too slow.
    """
    try:
        content = within(SECONDS, lambda: _read(address))
        return json.loads(content)
    except (urllib3.exceptions.HTTPError, OSError) as error:
        raise IssuerUnavailable(f"{address} cannot be fetched: {type(error).__name__}.") from error
    except (ValueError, RecursionError) as error:
        raise IssuerUnavailable(f"{address} holds no JSON of at most {LARGEST:,} bytes.") from error


def _read(address: str) -> bytes:
    response = _connections.request(
        "GET", address, headers={"accept": "application/json"}, redirect=False, timeout=SECONDS, preload_content=False
    )
    try:
        if response.status != 200:
            raise OSError(f"status {response.status}")
        content = response.read(LARGEST + 1, decode_content=False)
    finally:
        response.close()
    if len(content) > LARGEST:
        raise ValueError("too long")
    return content
