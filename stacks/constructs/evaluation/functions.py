"""The functions of the evaluation pipeline: one plans, one answers, one has the answers judged."""

from dataclasses import fields
from typing import Any

from aws_cdk import Duration, Stack
from constructs import Construct

from arbiter.base_models import BASE_MODELS
from arbiter.settings import FunctionSettings
from arbiter.settings.answering import RouterSettings as Router
from arbiter.settings.evaluating import AnswerCaseSettings, JudgeCaseSettings, PlanEvaluationSettings
from stacks.constructs.answering import AnsweringPath
from stacks.constructs.base import models
from stacks.constructs.base.bucket import Bucket
from stacks.constructs.base.function import Function
from stacks.constructs.base.pointer import TunedModelPointer
from stacks.constructs.base.trust import unless_of_another
from stacks.constructs.batch.stages import FOLDER
from stacks.constructs.evaluation.map_states import BATCH_SECONDS
from stacks.constructs.knowledge.searched import ExistingKnowledgeBase
from stacks.constructs.training.retirement import own
from stacks.settings.environment import LOCAL, Settings
from stacks.settings.prices import PriceBook
from stacks.settings.prompting import house_tokens
from stacks.settings.search_prices import compared, search_prices

RUNS, DATASETS, TRAINING = "evaluations/", "datasets/", "training/"


class EvaluationFunctions(Construct):
    """Each with a role of its own: who answers cannot judge, who judges sees neither documents nor training data."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        settings: Settings,
        prices: PriceBook,
        results: Bucket,
        training: Bucket,
        pointer: TunedModelPointer,
        answering: AnsweringPath,
    ) -> None:
        super().__init__(scope, construct_id)
        self._settings, self._prices, self._results = settings, prices, results
        self.plan = self._plan(training, pointer, answering.router_settings)
        self.answer = self._answer(answering)
        self.judge = self._judge()

    def _plan(self, training: Bucket, pointer: TunedModelPointer, router: Router) -> Function:
        settings, evaluation = self._settings, self._settings.evaluation
        tuned = settings.fine_tuning.base_model if settings.fine_tuning.enabled else None
        plan = self._function(
            "Plan",
            "plan_evaluation",
            "Plans an evaluation run and says what it may cost",
            PlanEvaluationSettings(
                environment=router.environment,
                results_bucket=self._results.name,
                training_bucket=training.name,
                candidate_parameter=pointer.candidate.parameter_name,
                in_service_parameter=pointer.in_service.parameter_name,
                base_model=settings.models.base,
                knowledge_base_id=router.knowledge_base_id,
                tuned_base_model=tuned,
                tuned_model=settings.fine_tuning.tuned_model,
                rerank_model=settings.models.rerank,
                embedding_model=settings.embedding_model,
                hybrid_search=settings.hybrid_search,
                managed_search=settings.knowledge_base.managed or None,
                text_filters=(settings.knowledge_base.existing and not settings.knowledge_base.managed) or None,
                models={"answering": evaluation.models, "judges": evaluation.judges},
                prices=self._known_prices() | self._screening_prices(),
                prices_as_of=self._prices.oldest(self._priced()).isoformat(),
                local=router.environment == LOCAL,
                native_jobs=evaluation.native_jobs or None,
                batch_answers=evaluation.batch_answers or None,
                knowledge_bases=compared(self._prices, settings),
                limits={
                    "results": settings.retrieval.results,
                    "passage_tokens": settings.chunking.passage_tokens,
                    "answer_tokens": router.max_output_tokens,
                    "example_tokens": router.example_tokens if settings.prompting.examples else 0,
                    "thinking_tokens": router.thinking_tokens,
                    "house_tokens": house_tokens(settings.prompting),
                    "search": router.search,
                    "prompting": router.prompting,
                    "max_cost_usd": evaluation.max_cost_usd,
                },
            ),
            memory_mb=1024,
        )
        searching = [model for model in (settings.embedding_model, settings.models.rerank) if model]
        for model in dict.fromkeys([settings.models.base, *evaluation.models, *searching, *evaluation.judges]):
            models.grant_invoke(plan.role, model)
        pointer.grant_read(plan.role)
        training.grant_read(plan.role, prefix=DATASETS)
        training.grant_list(plan.role, prefix=DATASETS)
        self._results.grant_write(plan.role, prefix=RUNS)
        if settings.fine_tuning.enabled:
            self._allow_tuned_runs(plan, router.environment)
        return plan

    def _allow_tuned_runs(self, plan: Function, environment: str) -> None:
        """Let the plan see which models this environment's training runs left, and whether anything answers with them.

        What is deleted has no tags any more, and must be found missing, not forbidden.
        """
        self._results.grant_read(plan.role, prefix=TRAINING)
        self._results.grant_list(plan.role, prefix=TRAINING)
        own_ones = unless_of_another(environment)
        plan.allow(["bedrock:GetCustomModelDeployment"], [own(plan, "custom-model-deployment")], own_ones)
        throughput = ["bedrock:GetProvisionedModelThroughput", "bedrock:ListTagsForResource"]
        plan.allow(throughput, [own(plan, "provisioned-model")], own_ones)

    def _answer(self, answering: AnsweringPath) -> Function:
        router = {f.name: getattr(answering.router_settings, f.name) for f in fields(answering.router_settings)}
        seconds, in_batch = self._settings.router.timeout_seconds - 1, self._settings.answering_in_batch
        answer = self._function(
            "Answer",
            "answer_case",
            "Answers the cases of an evaluation as the router answers requests",
            AnswerCaseSettings(
                **{**router, "prices": self._known_prices() | self._screening_prices() | self._batch_prices(in_batch)},
                results_bucket=self._results.name,
                answer_seconds=float(seconds),
                knowledge_bases=compared(self._prices, self._settings),
            ),
            memory_mb=self._settings.router.memory_mb,
        )
        answering.grant(answer)
        # Of nobody else: a request from outside cannot name one.
        for other in self._settings.evaluation.knowledge_bases.values():
            ExistingKnowledgeBase(Stack.of(self), other.id, managed=other.managed).grant_retrieve(answer.role)
        for model in self._settings.evaluation.models:
            models.grant_invoke(answer.role, model)
        self._results.grant_write(answer.role, prefix=f"{RUNS}*/answers/")
        if in_batch:
            self._results.grant_write(answer.role, prefix=f"{RUNS}{FOLDER}")
        return answer

    def _judge(self) -> Function:
        in_batch = self._settings.evaluation.batch_minimum is not None
        judges = self._settings.evaluation.judges
        judge = self._function(
            "Judge",
            "judge_case",
            "Has the answers of an evaluation judged",
            JudgeCaseSettings(
                results_bucket=self._results.name,
                batch_inference=in_batch or None,
                prices=self._known_prices() | self._batch_prices(judges if in_batch else []),
            ),
            memory_mb=512,
        )
        for model in judges:
            models.grant_invoke(judge.role, model)
        self._results.grant_write(judge.role, prefix=f"{RUNS}*/verdicts/")
        self._results.grant_write(judge.role, prefix=f"{RUNS}*/pairs/")
        self._results.grant_write(judge.role, prefix=f"{RUNS}*/condensed/")
        if in_batch:
            self._results.grant_write(judge.role, prefix=f"{RUNS}{FOLDER}")
        return judge

    def _function(
        self, name: str, module: str, description: str, settings: FunctionSettings, *, memory_mb: int
    ) -> Function:
        function = Function(
            self,
            name,
            module=module,
            description=description,
            settings=settings,
            timeout=Duration.seconds(BATCH_SECONDS),
            memory_mb=memory_mb,
            log_retention_days=self._settings.router.log_retention_days,
        )
        self._results.grant_read(function.role, prefix=RUNS)
        self._results.grant_list(function.role, prefix=RUNS)
        return function

    def _batch_prices(self, named: list[str]) -> dict[str, dict[str, float]]:
        return self._prices.per_token_in_batch(named, region=self._settings.region)

    def _known_prices(self) -> dict[str, dict[str, float]]:
        priced = self._prices.per_token(self._priced(), region=self._settings.region)
        return {**priced, **search_prices(self._prices, self._settings)}

    def _screening_prices(self) -> dict[str, Any]:
        guardrail = self._settings.guardrail
        return self._prices.per_screening(guardrail.policies, region=self._settings.region) if guardrail else {}

    def _priced(self) -> list[str]:
        settings, evaluation = self._settings, self._settings.evaluation
        bases = [settings.fine_tuning.base_model, *(model.customization_id for model in BASE_MODELS)]
        tuned = [f"custom:{base}" for base in dict.fromkeys(bases)]
        return [settings.models.base, *evaluation.models, *evaluation.judges, *tuned]
