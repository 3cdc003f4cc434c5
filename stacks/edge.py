"""The edge: an API for clients that exist, over the same answering path. Holds keys, no other data."""

from dataclasses import fields

from aws_cdk import CfnOutput, Duration
from aws_cdk import aws_kms as kms

from arbiter.settings.answering import EdgeSettings
from stacks.constructs.base.function import Function
from stacks.constructs.base.pointer import TunedModelPointer
from stacks.constructs.edge.api import Api
from stacks.constructs.edge.firewall import Firewall
from stacks.constructs.edge.keys import KeyTable
from stacks.inference import Inference
from stacks.stack import ArbiterStack, Target

LONGEST_SECONDS = 29
"""API Gateway waits no longer for a function."""


class Edge(ArbiterStack):
    """One function behind a REST API, with a role of its own."""

    def __init__(
        self, target: Target, *, inference: Inference, pointer: TunedModelPointer, key: kms.IKey | None
    ) -> None:
        settings = target.settings
        super().__init__(target, "Edge", description="the API", protected=not settings.disposable)
        keys = KeyTable(self, "Keys", key=key) if settings.edge.counted else None
        router = inference.serving_settings
        self.front = Function(
            self,
            "Front",
            module="edge",
            description="Answers calls of the API",
            settings=EdgeSettings(
                **{f.name: getattr(router, f.name) for f in fields(router)},
                auth=settings.edge.auth,
                table=keys.table.table_name if keys else None,
                tokens=settings.edge.jwt.told if settings.edge.jwt and settings.edge.auth == "jwt" else {},
            ),
            timeout=Duration.seconds(min(settings.router.timeout_seconds, LONGEST_SECONDS)),
            memory_mb=settings.router.memory_mb,
            log_retention_days=settings.router.log_retention_days,
        )
        inference.answering.grant(self.front)
        inference.answering.grant_feedback(self.front)
        inference.grant_shadowing(self.front)
        if not settings.fine_tuning.tuned_model:
            pointer.grant_read_in_service(self.front.role)
        retention = settings.router.log_retention_days
        api = Api(self, "Rest", function=self.front, settings=settings.edge, log_retention_days=retention)
        if settings.edge.waf:
            Firewall(self, "Firewall", stage=api.api.deployment_stage, requests=settings.edge.requests_per_address)
        if keys:
            keys.grant_check(self.front)
            CfnOutput(self, "KeyTableName", value=keys.table.table_name)
        CfnOutput(self, "ApiUrl", value=api.url)
        CfnOutput(self, "ApiId", value=api.api.rest_api_id)
        CfnOutput(self, "FrontLogGroup", value=self.front.logs.name)
