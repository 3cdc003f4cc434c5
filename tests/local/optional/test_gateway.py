"""The gateway of AI agents: the example agent lists its tools and calls one; who may not, gets nothing."""

import asyncio
import http.client
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from tests.local.account import Account, allow
from tests.local.asking import ROOT, acted, cited
from tests.local.deployed import Deployed

pytestmark = pytest.mark.local


def asked(deployed: Deployed, credentials: Credentials = ROOT, **given: Any) -> tuple[list[Any], Mapping[str, Any]]:
    """The tools that the example agent is told of, and what it is answered."""
    from examples import gateway_agent as agent  # Its SDK takes seconds to import.

    url, signed = deployed.deployment.output("GatewayUrl"), agent.Signed(credentials, deployed.aws.region)

    async def use() -> tuple[list[Any], Mapping[str, Any]]:
        async with agent.connected(url, signed) as client:
            tools = (await client.list_tools()).tools
        return tools, await agent.answer(url, signed, **given)

    return asyncio.run(use())


def test_an_agent_lists_the_tool_and_is_answered_as_everybody_is(guarded: Deployed) -> None:
    tools, response = asked(guarded, question="How is the sauna booked?", mode="rag", filter=None)

    assert [tool.name for tool in tools] == ["arbiter___ask"]
    assert tools[0].input_schema["required"] == ["question"]
    assert (response["mode"], cited(response)[0]) == ("rag", "sauna.md")
    assert acted(guarded, "AgentsRole") == {"sts:AssumeRole", "lambda:InvokeFunction"}


def test_what_is_wrong_comes_back_as_the_contracts_error(guarded: Deployed) -> None:
    told = asked(guarded, question="How heavy?", mode="guess", max_cost_usd=-1)[1]["error"]
    assert told["code"] == "invalid_request"
    assert {problem["path"] for problem in told["problems"]} == {"mode", "limits.max_cost_usd"}


def test_who_may_not_invoke_the_gateway_lists_nothing(guarded: Deployed) -> None:
    account, gateway = Account(guarded.aws), guarded.deployment.output("GatewayUrl").split("/")[-2]
    arn = f"arn:aws:bedrock-agentcore:us-east-1:{guarded.aws.account}:gateway/"
    may, may_not = (
        account.role(allow("bedrock-agentcore:InvokeGateway", resource=arn + one)) for one in (gateway, "another")
    )

    assert asked(guarded, held(account, may), question="Hello!", mode="base")[1]["mode"] == "base"
    status, told = listed(guarded, held(account, may_not))
    assert (status, account.decisions(may_not)) == (403, [("bedrock-agentcore:InvokeGateway", arn + gateway, "deny")])
    assert f"is not authorized to perform: bedrock-agentcore:InvokeGateway on resource: {arn}{gateway}" in told
    assert [listed(guarded, one)[0] for one in (Credentials("AKIANOBODY", "secret"), None)] == [403, 403]


def held(account: Account, role: str) -> Credentials:
    """A session of a role."""
    made = account.client("sts").assume_role(RoleArn=role, RoleSessionName="agent")["Credentials"]
    return Credentials(made["AccessKeyId"], made["SecretAccessKey"], made["SessionToken"])


def listed(deployed: Deployed, credentials: Credentials | None) -> tuple[int, str]:
    """Status and text that a request for the list of tools gets, without a client between."""
    url, body = (
        deployed.deployment.output("GatewayUrl"),
        json.dumps({"jsonrpc": "2.0", "id": 1, "method": "tools/list"}),
    )
    request = AWSRequest("POST", url, data=body, headers={"content-type": "application/json"})
    if credentials:
        SigV4Auth(credentials, "bedrock-agentcore", "us-east-1").add_auth(request)
    connection = http.client.HTTPConnection("127.0.0.1", deployed.aws.port, timeout=60)
    connection.request("POST", urlsplit(url).path, body, dict(request.headers.items()))
    answered = connection.getresponse()
    text = answered.read().decode()
    connection.close()
    return answered.status, text
