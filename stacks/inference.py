"""The router function behind its alias and URL. Redeployed often; holds no data."""

from dataclasses import fields, replace

from aws_cdk import CfnOutput, Duration
from aws_cdk import aws_lambda as lambda_

from arbiter.settings.answering import RouterSettings, ShadowSettings
from stacks.constructs.answering import AnsweringPath
from stacks.constructs.base.bucket import Bucket
from stacks.constructs.base.function import Function
from stacks.constructs.base.pointer import TunedModelPointer
from stacks.constructs.knowledge.searched import Searched
from stacks.settings.environment import Settings
from stacks.settings.prices import PriceBook
from stacks.stack import ArbiterStack, Target

SPENT = "routing/shadow.json"
"""Object that counts what the answers given again have cost today."""


class Inference(ArbiterStack):
    """The router: one answering path, two switches."""

    def __init__(
        self,
        target: Target,
        *,
        prices: PriceBook,
        pointer: TunedModelPointer,
        knowledge_base: Searched,
        results: Bucket,
    ) -> None:
        settings = target.settings
        super().__init__(target, "Inference", description="the router", protected=not settings.disposable)
        self.answering = AnsweringPath(
            self,
            environment=target.environment,
            settings=settings,
            prices=prices,
            pointer=pointer,
            knowledge_base=knowledge_base,
            results=results,
        )
        self._shadow = self._shadow_of(settings, pointer, results) if settings.router.shadow.share else None
        self.serving_settings = self._serving(settings)
        self.router = Function(
            self,
            "Router",
            module="router",
            description=f"Answers in four modes, over knowledge base edition {knowledge_base.edition}",
            settings=self.serving_settings,
            timeout=Duration.seconds(settings.router.timeout_seconds),
            memory_mb=settings.router.memory_mb,
            log_retention_days=settings.router.log_retention_days,
        )
        self.answering.grant(self.router)
        self.answering.grant_feedback(self.router)
        if not settings.fine_tuning.tuned_model:
            pointer.grant_read_in_service(self.router.role)
        self.grant_shadowing(self.router)
        self.alias = lambda_.Alias(self, "Live", alias_name="live", version=self.router.function.current_version)
        if settings.edge.agents:
            self._offer(target.environment, settings)
        url = self.alias.add_function_url(auth_type=lambda_.FunctionUrlAuthType.AWS_IAM)
        CfnOutput(self, "RouterAliasArn", value=self.alias.function_arn)
        CfnOutput(self, "RouterFunctionName", value=self.router.function.function_name)
        CfnOutput(self, "RouterLogGroup", value=self.router.logs.name)
        CfnOutput(self, "RouterUrl", value=url.url)
        if existing := settings.knowledge_base.existing:
            CfnOutput(self, "ExistingKnowledgeBaseId", value=existing)
        if knowledge_base.managed:
            CfnOutput(self, "ManagedSearch", value="true")

    def _offer(self, environment: str, settings: Settings) -> None:
        """The router as a tool of AI agents."""
        from stacks.constructs.edge.agents import AgentGateway  # Loaded where there is one.

        tuned = settings.fine_tuning.enabled or settings.fine_tuning.tuned_model is not None
        offered = AgentGateway(self, "Agents", environment=environment, function=self.alias, tuned=tuned)
        CfnOutput(self, "GatewayId", value=offered.gateway.gateway_id)
        CfnOutput(self, "GatewayUrl", value=offered.gateway.gateway_url or "")

    def grant_shadowing(self, function: Function) -> None:
        """Let a function hand over requests to be answered again, where a setting has a share of them answered so."""
        if self._shadow:
            function.allow(["lambda:InvokeFunction"], [self._shadow.function.function_arn])

    def _serving(self, settings: Settings) -> RouterSettings:
        """The settings of the functions that callers reach."""
        answering = self.answering.router_settings
        if self._shadow is None:
            return answering
        function = self._shadow.function.function_arn
        return replace(answering, shadow_function=function, shadow_share=settings.router.shadow.share)

    def _shadow_of(self, settings: Settings, pointer: TunedModelPointer, results: Bucket) -> Function:
        """The function that answers a share of the requests of `auto` again; what it cannot answer is left out."""
        router = self.answering.router_settings
        shadow = Function(
            self,
            "Shadow",
            module="shadow",
            description="Answers a share of the requests of auto again, in another mode",
            settings=ShadowSettings(
                **{f.name: getattr(router, f.name) for f in fields(router)},
                shadow_mode=settings.router.shadow.mode,
                shadow_daily_usd=settings.router.shadow.daily_usd,
                results_bucket=results.name,
            ),
            timeout=Duration.seconds(settings.router.timeout_seconds),
            memory_mb=settings.router.memory_mb,
            log_retention_days=settings.router.log_retention_days,
        )
        self.answering.grant(shadow)
        if not settings.fine_tuning.tuned_model:
            pointer.grant_read_in_service(shadow.role)
        results.grant_write_objects(shadow.role, SPENT)
        shadow.function.configure_async_invoke(retry_attempts=0, max_event_age=Duration.hours(1))
        CfnOutput(self, "ShadowLogGroup", value=shadow.logs.name)
        return shadow
