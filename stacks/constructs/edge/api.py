"""The API: a regional REST API over one function, which checks shape, rate and caller before any function runs."""

from collections.abc import Mapping
from typing import Any

from aws_cdk import RemovalPolicy
from aws_cdk import aws_apigateway as apigateway
from aws_cdk import aws_iam as iam
from constructs import Construct

from arbiter.edge.openapi import outline
from arbiter.edge.routes import ROUTES
from stacks.constructs.base.function import Function
from stacks.constructs.base.log_group import LogGroup
from stacks.constructs.edge.refusals import shape_refusals
from stacks.constructs.edge.streaming import StreamingFunction
from stacks.settings.edge import Edge

STAGE = "live"
JSON = "application/json"
_AUTHORIZATION = "method.request.header.Authorization"
_LOGGED = {
    "requestId": "$context.requestId",
    "time": "$context.requestTime",
    "ip": "$context.identity.sourceIp",
    "method": "$context.httpMethod",
    "path": "$context.resourcePath",
    "status": "$context.status",
    "error": "$context.error.responseType",
    "latency": "$context.responseLatency",
    "bytes": "$context.responseLength",
}
"""Nothing that was asked or answered, and nothing of a key."""


def api_name(environment: str) -> str:
    """The API's name, under which CloudWatch counts its calls: another one for each environment."""
    return f"arbiter-{environment}"


class Api(Construct):
    """Every route of the edge, by the same table that the function serves."""

    def __init__(
        self, scope: Construct, construct_id: str, *, name: str, function: Function,
        streaming: StreamingFunction | None, settings: Edge, log_retention_days: int,
    ) -> None:  # fmt: skip
        """`streaming`: who answers on the routes that may stream, whether or not a call asks for that."""
        super().__init__(scope, construct_id)
        self._signed = settings.auth == "iam"
        self.logs = LogGroup(self, "AccessLog", retention_days=log_retention_days)
        self.api = apigateway.RestApi(
            self,
            "Api",
            rest_api_name=name,
            description="Arbiter's answering path, for clients that exist",
            endpoint_types=[apigateway.EndpointType.REGIONAL],
            cloud_watch_role=False,
            deploy_options=self._stage(settings),
        )
        if settings.logging_role == "own":
            self.api.deployment_stage.node.add_dependency(self._logging())
        shape_refusals(self.api, settings.auth)
        self._checked = self.api.add_request_validator(
            "Checked", validate_request_body=True, validate_request_parameters=True
        )
        integration = apigateway.LambdaIntegration(function.function, allow_test_invoke=False)
        streams = streaming.integration() if streaming else integration
        for (verb, path), route in ROUTES.items():
            self._add(verb, path, route.body, streams if route.streams else integration)

    @property
    def url(self) -> str:
        return self.api.url

    def _stage(self, settings: Edge) -> apigateway.StageOptions:
        return apigateway.StageOptions(
            stage_name=STAGE,
            throttling_rate_limit=settings.requests_per_second,
            throttling_burst_limit=settings.burst,
            access_log_destination=apigateway.LogGroupLogDestination(self.logs.log_group),
            access_log_format=apigateway.AccessLogFormat.custom(_json(_LOGGED)),
            # Errors of the gate itself; bodies are never traced.
            logging_level=apigateway.MethodLoggingLevel.ERROR,
            data_trace_enabled=False,
            tracing_enabled=True,
        )

    def _add(self, verb: str, path: str, body: Mapping[str, Any] | None, by: apigateway.LambdaIntegration) -> None:
        resource = self.api.root.resource_for_path(path)
        models = {JSON: self._model(path, outline(dict(body)))} if body is not None else None
        kinds = apigateway.AuthorizationType
        resource.add_method(
            verb,
            by,
            authorization_type=kinds.IAM if self._signed else kinds.NONE,
            request_parameters=None if self._signed else {_AUTHORIZATION: True},
            request_validator=self._checked,
            request_models=models,
        )

    def _model(self, path: str, schema: dict[str, Any]) -> apigateway.IModel:
        name = "".join(part.title() for part in path.strip("/").split("/"))
        made = apigateway.CfnModel(
            self, name, rest_api_id=self.api.rest_api_id, content_type=JSON, name=f"{name}Body", schema=schema
        )
        deployment = self.api.latest_deployment
        if deployment is not None:
            deployment.node.add_dependency(made)
            deployment.add_to_logical_id(schema)
        return apigateway.Model.from_model_name(self, f"{name}Model", made.ref)

    def _logging(self) -> apigateway.CfnAccount:
        """The role by which API Gateway logs for the whole account and region, which has room for one."""
        # API Gateway developer guide, *set-up-logging*: a trust without conditions, as the guide shows it, and
        # the actions of the managed policy AmazonAPIGatewayPushToCloudWatchLogs.
        role = iam.Role(self, "LoggingRole", assumed_by=iam.ServicePrincipal("apigateway.amazonaws.com"))
        calls = ("CreateLogGroup", "CreateLogStream", "DescribeLogGroups", "DescribeLogStreams", "PutLogEvents",
                 "GetLogEvents", "FilterLogEvents")  # fmt: skip
        actions = [f"logs:{call}" for call in calls]
        policy = iam.Policy(self, "Logging", roles=[role])
        policy.add_statements(iam.PolicyStatement(actions=actions, resources=["*"]))
        account = apigateway.CfnAccount(self, "Account", cloud_watch_role_arn=role.role_arn)
        account.apply_removal_policy(RemovalPolicy.DESTROY)
        account.node.add_dependency(policy)
        return account


def _json(fields: Mapping[str, str]) -> str:
    return "{" + ",".join(f'"{name}":"{variable}"' for name, variable in fields.items()) + "}"
