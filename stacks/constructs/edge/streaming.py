"""The function whose answers go out while they are written: a web application behind AWS's Lambda Web Adapter."""

from typing import Any

from aws_cdk import Duration, Stack
from aws_cdk import aws_apigateway as apigateway
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from stacks.constructs.base.function import Function

ADAPTER = "753240598075:layer:LambdaAdapterLayerArm64:30"
"""Version 1.1.0 of the adapter, in the account that AWS publishes it from (its guide, *Zip Packages*)."""
SCRIPT = "stream.sh"
"""Starts the application; lies beside the functions' code."""
ADAPTED = {
    "AWS_LAMBDA_EXEC_WRAPPER": "/opt/bootstrap",
    "AWS_LWA_INVOKE_MODE": "response_stream",
    "AWS_LWA_PORT": "8080",
}
LONGEST_SECONDS = 900
"""API Gateway streams a response no longer, nor does a function run longer."""


class StreamingFunction(Construct):
    """The function, and the way on which the API calls it."""

    def __init__(self, scope: Construct, construct_id: str, *, timeout: Duration, **options: Any) -> None:
        super().__init__(scope, construct_id)
        stack, self._timeout = Stack.of(self), timeout
        adapter = f"arn:{stack.partition}:lambda:{stack.region}:{ADAPTER}"
        self.function = Function(
            self,
            "Stream",
            module="stream",
            handler=SCRIPT,
            description="Answers calls of the API while the model writes",
            layers=[lambda_.LayerVersion.from_layer_version_arn(self, "Adapter", adapter)],
            timeout=timeout,
            **options,
        )
        for name, value in ADAPTED.items():
            self.function.function.add_environment(name, value)

    def integration(self) -> apigateway.LambdaIntegration:
        """The integration that forwards each part of a response as it comes."""
        return apigateway.LambdaIntegration(
            self.function.function,
            allow_test_invoke=False,
            response_transfer_mode=apigateway.ResponseTransferMode.STREAM,
            timeout=self._timeout,
        )
