"""The API of a deployment that streams, asked with the person's own signature."""

import json
from collections.abc import Generator, Mapping
from contextlib import suppress
from typing import Any

from cli.core.deployment import FUNCTION_SECONDS, Deployment
from cli.core.errors import CliError

Parts = Generator[bytes, None, None]
EVENTS = "text/event-stream"
FORBIDDEN = 403


class SignedApi:
    """An API that takes signatures: questions to it are answered while the model writes."""

    def __init__(self, deployment: Deployment) -> None:
        self._deployment = deployment

    @classmethod
    def of(cls, deployment: Deployment) -> "SignedApi | None":
        """The API of a deployment; `None` where it has none, or one that does not stream, or takes no signatures."""
        signed = deployment.optional("ApiAuth") == "iam" and deployment.optional("StreamLogGroup")
        return cls(deployment) if signed else None

    def ask(self, request: Mapping[str, Any]) -> Parts | Mapping[str, Any] | None:
        """The events of an answer as they come, or its error; `None` where the person may not call the API."""
        from botocore.auth import SigV4Auth
        from botocore.awsrequest import AWSRequest
        from botocore.httpsession import URLLib3Session
        from botocore.utils import get_environ_proxies

        url, body = f"{self._deployment.api()}/ask", json.dumps({**request, "stream": True}).encode()
        asked = AWSRequest("POST", url, {"Content-Type": "application/json"}, body, stream_output=True)
        SigV4Auth(self._deployment.credentials, "execute-api", self._deployment.region).add_auth(asked)
        session = URLLib3Session(proxies=get_environ_proxies(url), timeout=FUNCTION_SECONDS)
        response = session.send(asked.prepare())
        if response.headers.get("content-type") == EVENTS:
            return _parts(response.raw)
        # The gate's own refusal, before anything ran; the function may still be invoked.
        if response.status_code == FORBIDDEN:
            return None
        return {"mode": str(request.get("mode", "auto")), "response": None, "error": _error_in(response)}


def _error_in(response: Any) -> Any:
    """The error that a reply holds.

    Raises:
        CliError: it holds none, as that of a proxy on the way.
    """
    try:
        return json.loads(response.content)["error"]
    except (LookupError, TypeError, ValueError):
        message = (
            f"The API's address answered with status {response.status_code} and no error, as a proxy on the way may."
        )
        raise CliError(f"{message} Ask again, or look at HTTPS_PROXY.", code="not_reached") from None


def _parts(raw: Any) -> Parts:
    from urllib3.exceptions import HTTPError

    try:
        with suppress(HTTPError):  # What broke off lacks its last event.
            yield from raw.stream()
    finally:
        raw.close()  # Whoever stops reading stops the model.
