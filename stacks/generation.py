"""Generation of questions with answers from the documents, to train on and to evaluate with."""

from aws_cdk import CfnOutput

from stacks.constructs.base.bucket import Bucket
from stacks.constructs.generation.functions import PairGeneration
from stacks.constructs.knowledge.searched import Searched
from stacks.settings.prices import PriceBook
from stacks.stack import ArbiterStack, Target


class Generation(ArbiterStack):
    """The generation pipeline."""

    def __init__(
        self, target: Target, *, prices: PriceBook, documents: Bucket, results: Bucket, knowledge_base: Searched
    ) -> None:
        super().__init__(target, "Generation", description="questions and answers made from the documents")
        self.generation = PairGeneration(
            self,
            "Pairs",
            environment=target.environment,
            settings=target.settings,
            prices=prices,
            documents=documents,
            results=results,
            knowledge_base=knowledge_base,
        )
        CfnOutput(self, "GenerationStateMachineArn", value=self.generation.pipeline.arn)
        CfnOutput(self, "PlanGenerationFunctionArn", value=self.generation.plan.function.function_arn)
