"""What answers: the router function behind its alias and URL. Redeployed often; holds no data."""

from aws_cdk import CfnOutput, Duration
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_

from arbiter.settings.answering import RouterSettings
from stacks.constructs import models
from stacks.constructs.function import Function
from stacks.constructs.knowledge_base import KnowledgeBase
from stacks.constructs.pointer import TunedModelPointer
from stacks.prices import PriceBook
from stacks.stack import ArbiterStack, Target


class Inference(ArbiterStack):
    """The router: one answering path, two switches."""

    def __init__(
        self, target: Target, *, prices: PriceBook, pointer: TunedModelPointer, knowledge_base: KnowledgeBase
    ) -> None:
        super().__init__(target, "Inference", description="the router")
        settings = target.settings
        self._knowledge_base = knowledge_base
        self.router_settings = self._router_settings(prices, pointer, knowledge_base)
        self.router = Function(
            self,
            "Router",
            module="router",
            description=f"Answers in four modes, over knowledge base edition {knowledge_base.edition}",
            settings=self.router_settings,
            timeout=Duration.seconds(settings.router.timeout_seconds),
            memory_mb=settings.router.memory_mb,
            log_retention_days=settings.router.log_retention_days,
        )
        self.grant_answer(self.router.role)
        if not settings.fine_tuning.tuned_model:
            pointer.grant_read_in_service(self.router.role)
        self.alias = lambda_.Alias(self, "Live", alias_name="live", version=self.router.function.current_version)
        url = self.alias.add_function_url(auth_type=lambda_.FunctionUrlAuthType.AWS_IAM)
        CfnOutput(self, "RouterAliasArn", value=self.alias.function_arn)
        CfnOutput(self, "RouterFunctionName", value=self.router.function.function_name)
        CfnOutput(self, "RouterLogGroup", value=self.router.logs.name)
        CfnOutput(self, "RouterUrl", value=url.url)

    def grant_answer(self, role: iam.Role) -> None:
        """Let `role` answer as the router does: search the documents, and call the base model and the tuned one."""
        settings = self.settings
        self._knowledge_base.grant_retrieve(role)
        models.grant_invoke(role, settings.models.base)
        if settings.fine_tuning.tuned_model:
            models.grant_invoke_made_elsewhere(role, settings.fine_tuning.tuned_model)
        elif settings.fine_tuning.enabled:
            # Whatever the setting: what answers may have been hosted by the hour before it changed.
            models.grant_invoke_tuned(role, environment=self.target.environment)
        if settings.models.rerank:
            models.grant_rerank(role, settings.models.rerank)

    def _router_settings(
        self, prices: PriceBook, pointer: TunedModelPointer, knowledge_base: KnowledgeBase
    ) -> RouterSettings:
        settings = self.settings
        rerank = settings.models.rerank
        return RouterSettings(
            environment=self.target.environment,
            base_model=settings.models.base,
            knowledge_base_id=knowledge_base.id,
            tuned_model_parameter=pointer.in_service.parameter_name,
            tuned_model=settings.fine_tuning.tuned_model,
            tuned_model_ttl_seconds=settings.router.tuned_model_cache_seconds,
            results=settings.retrieval.results,
            minimum_score=settings.retrieval.minimum_score,
            rerank_model=models.foundation_model_arn(self, rerank) if rerank else None,
            prices=prices.per_token(
                [settings.models.base, f"custom:{settings.fine_tuning.base_model}"], region=settings.region
            ),
            log_text=settings.router.log_text,
        )
