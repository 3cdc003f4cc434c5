"""Gateways and firewalls on the local AWS: made under roles that suffice, refused by name, deleted in order."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local import assembly
from local.launcher import LocalAws
from tests.local.account import Account, allow, new_name
from tests.local.functions import make_function

pytestmark = pytest.mark.local

PRINCIPAL = "bedrock-agentcore.amazonaws.com"
ECHO = """
def handler(event, context):
    return {"event": event, "told": context.client_context and context.client_context.custom}
"""
FUNCTION = f"arn:aws:lambda:us-east-1:{LocalAws.account}:function:none"
STAGE = "arn:aws:apigateway:us-east-1::/restapis/stacked/stages/live"
SIGNED = {"AuthorizerType": "AWS_IAM", "ProtocolType": "MCP"}
COUNTED = {"CloudWatchMetricsEnabled": False, "MetricName": "m", "SampledRequestsEnabled": False}
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


def template(role: str, description: str) -> str:
    """A gateway with a target, and a firewall before a stage."""
    aimed = {"LambdaArn": FUNCTION, "ToolSchema": {"InlinePayload": [{**TOOL, "Description": description}]}}
    properties = {
        "BedrockAgentCore::Gateway": {"Name": "stacked", "Description": description, "RoleArn": role, **SIGNED},
        "BedrockAgentCore::GatewayTarget": {
            "Name": "mine",
            "GatewayIdentifier": {"Fn::GetAtt": ["Gateway", "GatewayIdentifier"]},
            "TargetConfiguration": {"Mcp": {"Lambda": aimed}},
            "CredentialProviderConfigurations": [{"CredentialProviderType": "GATEWAY_IAM_ROLE"}],
        },
        "WAFv2::WebACL": {"Scope": "REGIONAL", "DefaultAction": {"Allow": {}}, "VisibilityConfig": COUNTED},
        "WAFv2::WebACLAssociation": {"ResourceArn": STAGE, "WebACLArn": {"Fn::GetAtt": ["WebACL", "Arn"]}},
    }
    resources = {kind.partition("::")[2]: {"Type": f"AWS::{kind}", "Properties": p} for kind, p in properties.items()}
    outputs = {"Id": {"Value": {"Fn::GetAtt": ["Gateway", "GatewayIdentifier"]}}}
    return json.dumps({"Resources": resources, "Outputs": outputs})


def test_a_stack_makes_changes_and_deletes_them(account: Account) -> None:
    role = account.role(allow("lambda:InvokeFunction", resource=FUNCTION), trusts=PRINCIPAL)
    control, waf = account.client("bedrock-agentcore-control"), account.client("wafv2")
    cloudformation, name = account.client("cloudformation"), new_name("stack")

    def settled(done: str) -> None:
        cloudformation.get_waiter(f"stack_{done}_complete").wait(StackName=name, WaiterConfig={"Delay": 1})

    cloudformation.create_stack(StackName=name, TemplateBody=template(role, "first"))
    settled("create")
    made = cloudformation.describe_stacks(StackName=name)["Stacks"][0]["Outputs"][0]["OutputValue"]
    cloudformation.update_stack(StackName=name, TemplateBody=template(role, "second"))
    settled("update")
    assert control.get_gateway(gatewayIdentifier=made)["description"] == "second"
    assert waf.get_web_acl_for_resource(ResourceArn=STAGE)["WebACL"]["Rules"] == []
    cloudformation.delete_stack(StackName=name)
    settled("delete")
    with pytest.raises(ClientError, match="does not exist"):
        control.get_gateway(gatewayIdentifier=made)
    with pytest.raises(ClientError, match="No WebACL associated"):
        waf.get_web_acl_for_resource(ResourceArn=STAGE)


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
    properties = {
        "Scope": "REGIONAL",
        "DefaultAction": {"Allow": {}},
        "VisibilityConfig": COUNTED,
        "Rules": [{"Name": "mine", "Priority": 0, "Action": {"Block": {}}, "VisibilityConfig": COUNTED, **rule}],
    }
    template = {"Resources": {"Acl": {"Type": "AWS::WAFv2::WebACL", "Properties": properties}}}
    with pytest.raises(assembly.DeploymentError, match=words):
        assembly._create(new_name("stack"), json.dumps(template), account.aws)
