"""The answering path as it is deployed: settings of the router, and permission to answer as it does."""

from constructs import Construct

from arbiter.settings.answering import RouterSettings
from stacks.constructs.base import models
from stacks.constructs.base.bucket import Bucket
from stacks.constructs.base.function import Function
from stacks.constructs.base.guardrail import Guardrail
from stacks.constructs.base.pointer import TunedModelPointer
from stacks.constructs.knowledge.searched import Searched
from stacks.constructs.prompts import Prompts
from stacks.settings.environment import Settings
from stacks.settings.prices import PriceBook
from stacks.settings.search_prices import search_prices

FEEDBACK = "feedback/"
"""The keys below which the texts of rated answers are kept."""


class AnsweringPath:
    """Settings and permissions shared by the router and by the function that answers an evaluation's questions."""

    def __init__(
        self,
        scope: Construct,
        *,
        environment: str,
        settings: Settings,
        prices: PriceBook,
        pointer: TunedModelPointer,
        knowledge_base: Searched,
        results: Bucket,
    ) -> None:
        self._results = results
        self._scope, self._environment, self._settings = scope, environment, settings
        self._knowledge_base, self._prompts = knowledge_base, Prompts(scope, settings.prompting)
        asked = settings.guardrail
        self._guardrail = Guardrail(scope, environment=environment, settings=asked) if asked else None
        self.router_settings = self._router_settings(prices, pointer)

    def grant(self, function: Function, *, hears: bool = False) -> None:
        """Let a function answer as the router does: search the documents, and call the base model and the tuned one.

        Args:
            hears: it hears the answers while they are written.
        """
        actions = models.HEAR if hears else models.INVOKE
        settings, role = self._settings, function.role
        self._knowledge_base.grant_search(role)
        # Who may list is told that a policy or a profile is missing; who may not, that it is forbidden.
        self._results.grant_list(role, prefix="routing/")
        self._results.grant_read(role, prefix="routing/")
        self._prompts.grant_read(role)
        required = self._guardrail.required if self._guardrail else None
        if self._guardrail:
            self._guardrail.grant_apply(role)
        models.grant_invoke(role, settings.models.base, required, actions)
        if settings.fine_tuning.tuned_model:
            models.grant_invoke_made_elsewhere(role, settings.fine_tuning.tuned_model, required, actions)
        elif settings.fine_tuning.enabled:
            # Whatever the setting: what answers may have been hosted by the hour before it changed.
            models.grant_invoke_tuned(role, environment=self._environment, required=required, actions=actions)
        if settings.models.rerank:
            models.grant_rerank(function, settings.models.rerank)

    def grant_feedback(self, function: Function) -> None:
        """Let a function keep the texts of rated answers, where a setting says so."""
        if self.router_settings.feedback_bucket:
            self._results.grant_write(function.role, prefix=FEEDBACK)

    def _router_settings(self, prices: PriceBook, pointer: TunedModelPointer) -> RouterSettings:
        settings = self._settings
        rerank = settings.models.rerank
        return RouterSettings(
            environment=self._environment,
            base_model=settings.models.base,
            knowledge_base_id=self._knowledge_base.id,
            tuned_model_parameter=pointer.in_service.parameter_name,
            tuned_model=settings.fine_tuning.tuned_model,
            tuned_model_ttl_seconds=settings.router.tuned_model_cache_seconds,
            profiles_bucket=self._results.name,
            prompts_bucket=self._prompts.bucket,
            prompts_key=self._prompts.key,
            prompting=settings.prompting.technique,
            example_tokens=settings.prompting.example_tokens,
            thinking_tokens=settings.prompting.thinking_tokens,
            house_style=settings.fine_tuning.house_style,
            results=settings.retrieval.results,
            passage_tokens=settings.chunking.passage_tokens,
            minimum_score=settings.retrieval.minimum_score,
            search=settings.retrieval.search if settings.retrieval.search == "hybrid" else None,
            hybrid_search=settings.hybrid_search,
            vector_index=self._knowledge_base.vector_index,
            large_passages=settings.chunking.strategy == "hierarchical" or None,
            managed_search=self._knowledge_base.managed or None,
            rerank_model=models.foundation_model_arn(self._scope, rerank) if rerank else None,
            guardrail=self._guardrail.named if self._guardrail else None,
            prices={
                **prices.per_token(
                    [settings.models.base, f"custom:{settings.fine_tuning.base_model}"], region=settings.region
                ),
                **search_prices(prices, settings),
                **(
                    prices.per_screening(settings.guardrail.policies, region=settings.region)
                    if settings.guardrail
                    else {}
                ),
            },
            log_text=settings.router.log_text,
            feedback_bucket=self._results.name if settings.feedback.keep_text_days else None,
        )
