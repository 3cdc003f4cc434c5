"""The edge: an API for clients that exist, over the same answering path. Holds keys, no other data."""

import json
from dataclasses import fields
from typing import Any

from aws_cdk import CfnOutput, Duration
from aws_cdk import aws_kms as kms

from arbiter.settings.answering import EdgeSettings
from stacks.constructs.base.function import Function
from stacks.constructs.base.pointer import TunedModelPointer
from stacks.constructs.edge import streaming
from stacks.constructs.edge.api import Api, api_name
from stacks.constructs.edge.firewall import Firewall
from stacks.constructs.edge.keys import KeyTable
from stacks.constructs.edge.streaming import StreamingFunction
from stacks.constructs.edge.watching import count_refusals
from stacks.inference import Inference
from stacks.settings.environment import Settings
from stacks.stack import ArbiterStack, Target

LONGEST_SECONDS = 29
"""API Gateway waits no longer for a function."""


class Edge(ArbiterStack):
    """One function behind a REST API, with a role of its own, and another one where answers are streamed."""

    def __init__(
        self, target: Target, *, inference: Inference, pointer: TunedModelPointer, key: kms.IKey | None
    ) -> None:
        settings = target.settings
        super().__init__(target, "Edge", description="the API", protected=not settings.disposable)
        keys = KeyTable(self, "Keys", key=key)
        self._inference, self._pointer, self._keys = inference, pointer, keys
        self.front = Function(
            self,
            "Front",
            module="edge",
            description="Answers calls of the API",
            timeout=Duration.seconds(min(settings.router.timeout_seconds, LONGEST_SECONDS)),
            **self._options(settings),
        )
        inference.answering.grant_feedback(self.front)
        self.streaming = self._streaming(settings) if settings.edge.stream else None
        if self.streaming is None:
            self._grant_answering(self.front, settings)
        else:
            keys.grant_check(self.front, asks=False)
        retention = settings.router.log_retention_days
        api = Api(
            self, "Rest", name=api_name(target.environment), function=self.front, streaming=self.streaming,
            settings=settings.edge, log_retention_days=retention,
        )  # fmt: skip
        for function in (self.front, *([self.streaming.function] if self.streaming else [])):
            count_refusals(function)
        if settings.edge.waf:
            Firewall(self, "Firewall", stage=api.api.deployment_stage, requests=settings.edge.requests_per_address)
        if settings.edge.counted:
            CfnOutput(self, "KeyTableName", value=keys.table.table_name)
        if settings.edge.counted and settings.edge.auth == "jwt" and settings.edge.jwt:
            counted = settings.edge.jwt.model_dump(include={"issuer", "budget_usd", "budget_tokens"})
            CfnOutput(self, "TokenBudget", value=json.dumps(counted))
        CfnOutput(self, "ApiUrl", value=api.url)
        CfnOutput(self, "ApiAuth", value=settings.edge.auth)
        CfnOutput(self, "ApiId", value=api.api.rest_api_id)
        CfnOutput(self, "FrontLogGroup", value=self.front.logs.name)

    def _streaming(self, settings: Settings) -> StreamingFunction:
        """The function of the routes that ask, which answers what is asked for in one piece, too."""
        longest = min(settings.router.timeout_seconds, streaming.LONGEST_SECONDS)
        made = StreamingFunction(
            self, "Streaming", timeout=Duration.seconds(longest), **self._options(settings, streams=True)
        )
        self._grant_answering(made.function, settings, hears=True)
        CfnOutput(self, "StreamLogGroup", value=made.function.logs.name)
        return made

    def _options(self, settings: Settings, *, streams: bool = False) -> dict[str, Any]:
        router, edge = self._inference.serving_settings, settings.edge
        return {
            "settings": EdgeSettings(
                **{f.name: getattr(router, f.name) for f in fields(router)},
                auth=edge.auth,
                table=self._keys.table.table_name,
                tokens=edge.jwt.for_function if edge.jwt and edge.auth == "jwt" else {},
                streams=streams or None,
            ),
            "memory_mb": settings.router.memory_mb,
            "log_retention_days": settings.router.log_retention_days,
        }

    def _grant_answering(self, function: Function, settings: Settings, *, hears: bool = False) -> None:
        """Let a function answer: the one to which all questions go."""
        self._inference.answering.grant(function, hears=hears)
        self._inference.grant_shadowing(function)
        if not settings.fine_tuning.tuned_model:
            self._pointer.grant_read_in_service(function.role)
        self._keys.grant_check(function, asks=True)
