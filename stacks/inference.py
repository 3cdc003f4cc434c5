"""The router function behind its alias and URL. Redeployed often; holds no data."""

from aws_cdk import CfnOutput, Duration
from aws_cdk import aws_lambda as lambda_

from stacks.constructs.answering import AnsweringPath
from stacks.constructs.base.bucket import Bucket
from stacks.constructs.base.function import Function
from stacks.constructs.base.pointer import TunedModelPointer
from stacks.constructs.knowledge.knowledge_base import KnowledgeBase
from stacks.settings.prices import PriceBook
from stacks.stack import ArbiterStack, Target


class Inference(ArbiterStack):
    """The router: one answering path, two switches."""

    def __init__(
        self,
        target: Target,
        *,
        prices: PriceBook,
        pointer: TunedModelPointer,
        knowledge_base: KnowledgeBase,
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
        self.router = Function(
            self,
            "Router",
            module="router",
            description=f"Answers in four modes, over knowledge base edition {knowledge_base.edition}",
            settings=self.answering.router_settings,
            timeout=Duration.seconds(settings.router.timeout_seconds),
            memory_mb=settings.router.memory_mb,
            log_retention_days=settings.router.log_retention_days,
        )
        self.answering.grant(self.router)
        if not settings.fine_tuning.tuned_model:
            pointer.grant_read_in_service(self.router.role)
        self.alias = lambda_.Alias(self, "Live", alias_name="live", version=self.router.function.current_version)
        url = self.alias.add_function_url(auth_type=lambda_.FunctionUrlAuthType.AWS_IAM)
        CfnOutput(self, "RouterAliasArn", value=self.alias.function_arn)
        CfnOutput(self, "RouterFunctionName", value=self.router.function.function_name)
        CfnOutput(self, "RouterLogGroup", value=self.router.logs.name)
        CfnOutput(self, "RouterUrl", value=url.url)
