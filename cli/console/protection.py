"""Access to the console: for the page that it served itself, with the token of its address, and nobody else.

Another page of the same browser can send requests to 127.0.0.1, by its name or by one of its own that it points there.
It cannot read the token, which stands behind the # of the address and is sent as a header; its requests name it as
their origin; and a name of its own stands in their Host.
"""

import hmac
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

TOKEN = "X-Arbiter-Token"  # noqa: S105 - the name of a header
LARGEST_BODY = 1_000_000
"""Bytes; a question with its history has at most half of it."""
SAFE_SITES = (None, "same-origin", "none")


class RefusedError(Exception):
    """A request that the console does not serve, with its HTTP status and a sentence."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status


@dataclass(frozen=True)
class Protection:
    """The checks of one console.

    Args:
        port: where it listens.
        token: the secret of its address, another one each time.
    """

    port: int
    token: str

    @classmethod
    def new(cls, port: int) -> "Protection":
        """Protection with a token that nobody can guess."""
        return cls(port, secrets.token_urlsafe(32))

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def url(self) -> str:
        """The address with the token, which no server and no other page is ever sent."""
        return f"{self.origin}/#{self.token}"

    def require_own_page(self, headers: Mapping[str, str]) -> None:
        """Refuse what another page, or a name that points here, brought about.

        Raises:
            RefusedError: the Host, the Origin or the site of the request is another.
        """
        if headers.get("Host") != f"127.0.0.1:{self.port}":
            raise RefusedError(421, f"This is not the address of the console. Open {self.origin}.")
        if headers.get("Origin") not in (None, self.origin) or headers.get("Sec-Fetch-Site") not in SAFE_SITES:
            raise RefusedError(403, "Only the console's own page may use it.")

    def require_token(self, headers: Mapping[str, str]) -> None:
        """Refuse who does not know the token.

        Raises:
            RefusedError: the token is missing or wrong.
        """
        if not hmac.compare_digest(headers.get(TOKEN, "").encode("utf-8", "replace"), self.token.encode()):
            raise RefusedError(401, "Open the address that `arbiter console` printed, with all that stands behind #.")


def length_of(headers: Mapping[str, str]) -> int:
    """The bytes of the body that a request announces.

    Raises:
        RefusedError: it is no JSON, has no length, or is too long.
    """
    if headers.get("Content-Type", "").partition(";")[0].strip() != "application/json":
        raise RefusedError(415, "Send JSON.")
    length = headers.get("Content-Length", "")
    if not (length.isascii() and length.isdigit()):
        raise RefusedError(411, "Send the length of the body.")
    if len(length) > len(str(LARGEST_BODY)) or int(length) > LARGEST_BODY:
        raise RefusedError(413, f"The body has more than {LARGEST_BODY:,} bytes. Shorten the question.")
    return int(length)


def object_in(body: bytes) -> dict[str, Any]:
    """The JSON object of a body.

    Raises:
        RefusedError: it is none.
    """
    try:
        value = json.loads(body)
    except (RecursionError, ValueError):
        value = None
    if not isinstance(value, dict):
        raise RefusedError(400, "Send a JSON object.")
    return value
