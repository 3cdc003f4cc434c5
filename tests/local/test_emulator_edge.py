"""Gateways and firewalls on the local AWS: made under roles that suffice, refused by name, deleted in order."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local import assembly
from tests.local.account import Account, allow, new_name
from tests.local.functions import make_function

pytestmark = pytest.mark.local

PRINCIPAL = "bedrock-agentcore.amazonaws.com"
ECHO = """
def handler(event, context):
    return {"event": event, "told": context.client_context and context.client_context.custom}
"""
TOOL = {"name": "ask", "description": "Asks.", "inputSchema": {"type": "object", "properties": {}}}


def gateway(account: Account, *statements: dict[str, Any], trusts: str = PRINCIPAL, **more: Any) -> dict[str, Any]:
    """Make a gateway with a role of its own."""
    role = account.role(*statements, trusts=trusts)
    asked = {"name": new_name("gateway"), "roleArn": role, "authorizerType": "AWS_IAM", "protocolType": "MCP", **more}
    made: dict[str, Any] = account.client("bedrock-agentcore-control").create_gateway(**asked)
    return made


def target(account: Account, made: dict[str, Any], function: str) -> dict[str, Any]:
    """Make a target of a function."""
    schema = {"inlinePayload": [TOOL]}
    added: dict[str, Any] = account.client("bedrock-agentcore-control").create_gateway_target(
        gatewayIdentifier=made["gatewayId"],
        name="mine",
        targetConfiguration={"mcp": {"lambda": {"lambdaArn": function, "toolSchema": schema}}},
        credentialProviderConfigurations=[{"credentialProviderType": "GATEWAY_IAM_ROLE"}],
    )
    return added


def test_a_gateway_needs_a_role_that_trusts_it_and_may_call_its_target(account: Account) -> None:
    role = account.role(trusts="lambda.amazonaws.com")
    name = make_function(account, role, ECHO)
    function = f"arn:aws:lambda:us-east-1:{account.aws.account}:function:{name}"
    with pytest.raises(ClientError, match=r"not authorized to perform: sts:AssumeRole"):
        gateway(account, trusts="lambda.amazonaws.com")
    with pytest.raises(ClientError, match=r"not authorized to perform: lambda:InvokeFunction on resource: " + function):
        target(account, gateway(account), function)
    made = gateway(account, allow("lambda:InvokeFunction", resource=function))
    added, control = target(account, made, function), account.client("bedrock-agentcore-control")

    own = {"gatewayIdentifier": made["gatewayId"]}
    assert control.get_gateway(**own)["status"] == added["status"] == "READY"
    with pytest.raises(ClientError, match="has targets associated with it"):
        control.delete_gateway(**own)
    control.delete_gateway_target(**own, targetId=added["targetId"])
    control.delete_gateway(**own)
    with pytest.raises(ClientError, match="does not exist"):
        control.get_gateway(**own)


@pytest.mark.parametrize(
    "more", [{"authorizerType": "NONE"}, {"policyEngineConfiguration": {"arn": "arn", "mode": "ENFORCE"}}]
)
def test_gateways_of_another_kind_are_refused_by_name(account: Account, more: dict[str, Any]) -> None:
    with pytest.raises(ClientError, match="The local AWS serves gateways"):
        gateway(account, **more)


def test_a_function_is_given_the_client_context_of_its_call_alone(account: Account) -> None:
    name = make_function(account, account.role(trusts="lambda.amazonaws.com"), ECHO)

    def told(**context: str) -> Any:
        answered = account.client("lambda").invoke(FunctionName=name, Payload=b"{}", **context)
        return json.loads(answered["Payload"].read())["told"]

    assert told(ClientContext="eyJjdXN0b20iOiB7ImEiOiAiYiJ9fQ==") == {"a": "b"}
    assert told() is None
    with pytest.raises(ClientError, match="Client context must be a valid"):
        told(ClientContext="e30")


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ({"Statement": {"ManagedRuleGroupStatement": {"VendorName": "AWS", "Name": "X"}}}, "ManagedRuleGroupStatement"),
        ({"Statement": {"RateBasedStatement": {"AggregateKeyType": "FORWARDED_IP", "Limit": 10}}}, "rates by IP"),
    ],
)
def test_rules_that_nothing_evaluates_are_refused_by_name(account: Account, rule: dict[str, Any], words: str) -> None:
    counted = {"CloudWatchMetricsEnabled": False, "MetricName": "m", "SampledRequestsEnabled": False}
    properties = {
        "Scope": "REGIONAL",
        "DefaultAction": {"Allow": {}},
        "VisibilityConfig": counted,
        "Rules": [{"Name": "mine", "Priority": 0, "Action": {"Block": {}}, "VisibilityConfig": counted, **rule}],
    }
    template = {"Resources": {"Acl": {"Type": "AWS::WAFv2::WebACL", "Properties": properties}}}
    with pytest.raises(assembly.DeploymentError, match=words):
        assembly._create(new_name("stack"), json.dumps(template), account.aws)
