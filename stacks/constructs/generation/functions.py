"""Generation: three functions, the pipeline over them, and what each may do."""

from collections.abc import Sequence

from aws_cdk import Duration
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from arbiter.settings.generating import CollectPairsSettings, GeneratePairsSettings, PlanGenerationSettings
from stacks.constructs.base import models
from stacks.constructs.base.bucket import Bucket
from stacks.constructs.base.function import Function
from stacks.constructs.base.packages import DetectorPackages
from stacks.constructs.base.state_machine import StateMachine, allow_invoke, allow_map_runs, pipeline_role
from stacks.constructs.batch.stages import BatchStages
from stacks.constructs.generation.pipeline import FUNCTION_SECONDS, GenerationPipeline, Stages
from stacks.constructs.knowledge.searched import Searched
from stacks.settings.environment import Settings
from stacks.settings.prices import PriceBook

RUNS = "generation/"
SHORTEST_PASSAGE, LONGEST_PASSAGE = 100, 1_000
"""Tokens: less says too little to ask about, more hides what a question is about."""


class PairGeneration(Construct):
    """Makes pairs from the documents; reads them, and writes nothing but runs."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        environment: str,
        settings: Settings,
        prices: PriceBook,
        documents: Bucket,
        results: Bucket,
        knowledge_base: Searched,
    ) -> None:
        super().__init__(scope, construct_id)
        self._settings = settings
        self._documents, self._results, self._knowledge_base = documents, results, knowledge_base
        used = [settings.generation.generator, settings.generation.verifier]
        self._prices = prices.per_token(used, region=settings.region)
        self._batches = self._batch_inference(used, environment)
        if self._batches:
            self._prices |= prices.per_token_in_batch(used, region=settings.region)
        self.plan, self.generate, self.collect = self._plan(), self._generate(), self._collect()
        role = pipeline_role(self, "PipelineRole")
        for function in (self.plan, self.generate, self.collect):
            allow_invoke(role, function.function.function_arn)
        results.grant_read(role, prefix=RUNS)
        if self._batches:
            self._batches.grant(role)
        pipeline = GenerationPipeline(
            plan_function=self.plan.function.function_arn,
            generate_function=self.generate.function.function_arn,
            collect_function=self.collect.function.function_arn,
            results_bucket=results.name,
            concurrency=settings.generation.concurrency,
            batch_inference=self._stages(self._batches) if self._batches else None,
        )
        self.pipeline = StateMachine(
            self,
            "Pipeline",
            role=role,
            definition=pipeline.definition(),
            log_retention_days=settings.router.log_retention_days,
        )
        allow_map_runs(self, role, self.pipeline)
        if self._batches:
            self._batches.stop_with(self.pipeline.arn)

    def _batch_inference(self, used: Sequence[str], environment: str) -> BatchStages | None:
        minimum = self._settings.generation.batch_minimum
        if minimum is None:
            return None
        tags = {"arbiter:environment": environment}
        return BatchStages(
            self, "BatchInference", settings=self._settings, models=used, results=self._results, prefix=RUNS,
            minimum=minimum, tags=tags,
        )  # fmt: skip

    def _stages(self, batches: BatchStages) -> Stages:
        models = {"generator": self._settings.generation.generator, "verifier": self._settings.generation.verifier}
        return lambda asked, then, failed: batches.states(asked, models[asked], then=then, on_failure=failed)

    def _plan(self) -> Function:
        generation = self._settings.generation
        plan = self._function(
            "Plan",
            "plan_generation",
            "Plans a generation run and says what it may cost",
            PlanGenerationSettings(
                documents_bucket=self._documents.name,
                results_bucket=self._results.name,
                knowledge_base_id=self._knowledge_base.id,
                managed_search=self._knowledge_base.managed or None,
                generator=generation.generator,
                verifier=generation.verifier,
                passage_tokens=self._passage_tokens,
                results=self._settings.retrieval.results,
                held_out_percentage=generation.held_out_percentage,
                ceiling={"tokens": generation.max_tokens, "usd": generation.max_cost_usd},
                prices=self._prices,
            ),
            memory_mb=512,
        )
        self._documents.grant_list(plan.role)
        self._results.grant_list(plan.role, prefix=RUNS)
        self._results.grant_read(plan.role, prefix=RUNS)
        self._results.grant_write(plan.role, prefix=RUNS)
        self._knowledge_base.grant_retrieve(plan.role)
        for model in dict.fromkeys([generation.generator, generation.verifier]):
            models.grant_invoke(plan.role, model)
        return plan

    def _generate(self) -> Function:
        generation, retrieval = self._settings.generation, self._settings.retrieval
        generate = self._function(
            "Generate",
            "generate_pairs",
            f"Writes and verifies the pairs of a document, over knowledge base edition {self._knowledge_base.edition}",
            GeneratePairsSettings(
                documents_bucket=self._documents.name,
                results_bucket=self._results.name,
                knowledge_base_id=self._knowledge_base.id,
                managed_search=self._knowledge_base.managed or None,
                generator=generation.generator,
                verifier=generation.verifier,
                passage_tokens=self._passage_tokens,
                results=retrieval.results,
                minimum_score=retrieval.minimum_score,
                held_out_percentage=generation.held_out_percentage,
                batch_inference=self._batches is not None or None,
                prices=self._prices,
            ),
            memory_mb=512,
        )
        self._documents.grant_read(generate.role)
        self._results.grant_list(generate.role, prefix=RUNS)
        self._results.grant_read(generate.role, prefix=RUNS)
        self._results.grant_write(generate.role, prefix=RUNS)
        models.grant_invoke(generate.role, generation.generator)
        models.grant_invoke(generate.role, generation.verifier)
        self._knowledge_base.grant_retrieve(generate.role)
        return generate

    def _collect(self) -> Function:
        collect = self._function(
            "Collect",
            "collect_pairs",
            "Brings the pairs of a generation run together",
            CollectPairsSettings(
                documents_bucket=self._documents.name,
                results_bucket=self._results.name,
                results=self._settings.retrieval.results,
                prices=self._prices,
            ),
            memory_mb=2048,
            layers=[DetectorPackages(self, "CollectPackages").layer],
        )
        self._results.grant_list(collect.role, prefix=RUNS)
        self._results.grant_read(collect.role, prefix=RUNS)
        self._results.grant_write(collect.role, prefix=RUNS)
        return collect

    @property
    def _passage_tokens(self) -> int:
        """As long as what is retrieved at inference, within reason."""
        return min(max(self._settings.chunking.passage_tokens, SHORTEST_PASSAGE), LONGEST_PASSAGE)

    def _function(
        self,
        name: str,
        module: str,
        description: str,
        settings: PlanGenerationSettings | GeneratePairsSettings | CollectPairsSettings,
        *,
        memory_mb: int,
        layers: Sequence[lambda_.ILayerVersion] = (),
    ) -> Function:
        return Function(
            self,
            name,
            module=module,
            description=description,
            settings=settings,
            timeout=Duration.seconds(FUNCTION_SECONDS),
            memory_mb=memory_mb,
            layers=layers,
            log_retention_days=self._settings.router.log_retention_days,
        )
