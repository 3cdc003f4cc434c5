"""An agent in AWS in a few lines: it signs with its own role, and asks through the gateway that `edge.agents` deploys.

    python examples/gateway_agent.py GATEWAY_URL "How heavy is the packed Skarn 3?"

The address is the output `GatewayUrl` of the Inference stack, in the region of your profile; who runs this needs
`bedrock-agentcore:InvokeGateway` on it, and what `make mcp` installs. An agent with a model gives the model the list of
tools, and calls what it chooses.
"""

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Generator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import boto3
import httpx2
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from mcp import Client
from mcp.client.streamable_http import streamable_http_client

TOOL = "arbiter___ask"
SECONDS = 60
"""An answer may take longer than a client waits by default."""


class Signed(httpx2.Auth):
    """The signature of AWS (version 4) on each request."""

    requires_request_body = True

    def __init__(self, credentials: Credentials, region: str) -> None:
        self._signer = SigV4Auth(credentials, "bedrock-agentcore", region)

    def auth_flow(self, request: httpx2.Request) -> Generator[httpx2.Request, httpx2.Response, None]:
        """Sign a request that is about to be sent."""
        signed = AWSRequest(request.method, str(request.url), data=request.content)
        self._signer.add_auth(signed)
        request.headers.update(dict(signed.headers.items()))
        yield request


@asynccontextmanager
async def connected(url: str, auth: httpx2.Auth | None) -> AsyncIterator[Client]:
    """A client of the gateway at an address."""
    async with (
        httpx2.AsyncClient(auth=auth, timeout=SECONDS) as http,
        Client(streamable_http_client(url, http_client=http)) as client,
    ):
        yield client


async def answer(url: str, auth: httpx2.Auth | None, **arguments: Any) -> Mapping[str, Any]:
    """The router's response, in its contract: an error stands in it under `error`."""
    async with connected(url, auth) as client:
        result = await client.call_tool(TOOL, arguments)
    text = " ".join(getattr(part, "text", "") for part in result.content)
    if result.is_error:
        sys.exit(text)
    response: Mapping[str, Any] = json.loads(text)
    return response


if __name__ == "__main__":
    session, (url, *words) = boto3.Session(), sys.argv[1:]
    signed = Signed(session.get_credentials(), session.region_name)
    response = asyncio.run(answer(url, signed, question=" ".join(words), max_cost_usd=0.01))
    print(response.get("answer") or response["error"]["message"])  # noqa: T201
