"""A gateway through which AI agents use the answering path as a tool, by the Model Context Protocol."""

from collections.abc import Mapping
from typing import Any

from aws_cdk import aws_bedrockagentcore as agentcore
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from arbiter.edge.gateway import TARGET, tool
from stacks.constructs.base import trust

_INSTRUCTIONS = "One tool answers questions. Each call is paid for: limit it by max_cost_usd."


class AgentGateway(Construct):
    """One gateway with one target: who signs with `bedrock-agentcore:InvokeGateway` may ask; it bills by the call."""

    def __init__(
        self, scope: Construct, construct_id: str, *, environment: str, function: lambda_.Alias, tuned: bool
    ) -> None:
        super().__init__(scope, construct_id)
        name = f"arbiter-{environment}"
        # The gateway's id, which nobody knows before it is made, is its name in small letters and ten characters.
        trusted = trust.service(self, "bedrock-agentcore", resources=f"gateway/{name.lower()}-{'?' * 10}")
        self.gateway = agentcore.Gateway(
            self,
            "Gateway",
            gateway_name=name,
            description="Arbiter's answering path as a tool",
            authorizer_configuration=agentcore.GatewayAuthorizer.using_aws_iam(),
            protocol_configuration=agentcore.McpProtocolConfiguration(
                instructions=_INSTRUCTIONS,
                supported_versions=[
                    agentcore.MCPProtocolVersion.MCP_2025_03_26,
                    agentcore.MCPProtocolVersion.MCP_2025_06_18,
                ],
            ),
            role=iam.Role(self, "Role", assumed_by=trusted),
        )
        defined = tool(tuned=tuned)
        target = self.gateway.add_lambda_target(
            "Target",
            gateway_target_name=TARGET,
            lambda_function=function,
            tool_schema=agentcore.ToolSchema.from_inline(
                [
                    agentcore.ToolDefinition(
                        name=defined["name"],
                        description=defined["description"],
                        input_schema=_schema(defined["inputSchema"]),
                    )
                ]
            ),
        )
        # Making a target tries the role.
        target.node.add_dependency(self.gateway.role)


def _schema(of: Mapping[str, Any]) -> agentcore.SchemaDefinition:
    return agentcore.SchemaDefinition(
        type=agentcore.SchemaDefinitionType.of(of["type"]),
        description=of.get("description"),
        properties={name: _schema(one) for name, one in of["properties"].items()} if "properties" in of else None,
        required=of.get("required"),
    )
