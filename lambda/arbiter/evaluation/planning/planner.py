"""Planning an evaluation run: checking it, reckoning what it may cost, and laying out its cases."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from arbiter import log
from arbiter.answering.access import Access
from arbiter.answering.request import Features
from arbiter.evaluation.answers.overlap import trained_on, training_questions
from arbiter.evaluation.planning.answering import Sizes
from arbiter.evaluation.planning.facts import Facts
from arbiter.evaluation.planning.preparation import arms_of, plan
from arbiter.evaluation.planning.tuned_runs import TunedRuns
from arbiter.evaluation.run.arms import POINTERS, Arm
from arbiter.evaluation.run.batches import batches
from arbiter.evaluation.run.cases import Cases, named, read_cases
from arbiter.evaluation.run.keys import batches_key, cases_key, plan_key
from arbiter.evaluation.run.order import EvaluationRejected, Order, read_order
from arbiter.evaluation.run.plan import Plan
from arbiter.runs import prepared_key
from arbiter.settings.evaluating import PlanEvaluationSettings
from arbiter.store import ObjectMissingError, Store, exists
from arbiter.tuned_models.service.pointer import FixedTunedModel, Pointers, TunedModel


@dataclass(frozen=True, kw_only=True)
class Planner:
    """Makes the plan of a run and writes it where answers and verdicts will stand."""

    results: Store
    training: Store
    pointers: Pointers
    runs: TunedRuns
    access: Access
    settings: PlanEvaluationSettings
    now: Callable[[], datetime]
    new_start: Callable[[], str]

    def plan(self, event: Mapping[str, Any]) -> dict[str, Any]:
        """Check a run and write its plan.

        Raises:
            EvaluationRejected: naming every problem.
        """
        order = read_order(event)
        facts = self._facts(order)
        cases = self._cases(order)
        arms = arms_of(order, facts)
        tuned = self._tuned(arms)
        made = plan(order, self._with_overlap(cases, tuned), arms, facts, _dumped(tuned))
        self._require_access(made)
        if not order.estimate_only:
            self._write(made, cases.dump())
            log.write("evaluation planned", run=made.run, cases=made.cases, arms=len(made.arms))
        document = made.dump()
        kept = ("run", "cases_key", "cases", "judges", "repeat", "pairwise", "estimate", "doubts", "prices_as_of")
        batches_of = {"batches_key": batches_key(made.run), "batch_answers": bool(made.models_in_batch())}
        arm_names = [arm.name for arm in made.arms]
        return {**{name: document[name] for name in kept}, "arms": arm_names, **batches_of}

    def _require_access(self, made: Plan) -> None:
        """Refuse a run whose models cannot be called, before an answer or a verdict is bought."""
        answering = [arm.model or self.settings.base_model for arm in made.arms if not arm.specialised]
        if refusals := self.access([*answering, *self._searching(made.arms), *made.judges]):
            log.write("models refused", level="WARNING", run=made.run, refusals=refusals)
            raise EvaluationRejected("\n".join(refusals))

    def _searching(self, arms: Sequence[Arm]) -> list[str]:
        """The models that embed the questions and rerank the passages of the arms.

        Those that a knowledge base made elsewhere embeds by are its owner's, and not known here.
        """
        grounded = [arm for arm in arms if arm.grounded]
        own = any(arm.knowledge_base is None for arm in grounded)
        reranked = any((arm.retrieval or {}).get("rerank") for arm in grounded)
        asked = [(own, self.settings.embedding_model), (reranked, self.settings.rerank_model)]
        return [model for wanted, model in asked if wanted and model]

    def _facts(self, order: Order) -> Facts:
        settings = self.settings
        limits = dict(settings.limits)
        ceiling = limits.pop("max_cost_usd")
        sizes = Sizes(**limits)
        return Facts(
            base_model=settings.base_model,
            knowledge_base=settings.knowledge_base_id,
            models=settings.models["answering"],
            judges=settings.models["judges"],
            tuned_base_model=settings.tuned_base_model,
            features=Features(
                settings.hybrid_search,
                settings.rerank_model is not None,
                semantic_search=not settings.managed_search,
                examples=sizes.example_tokens > 0,
                house=sizes.house_tokens > 0,
                prompting=sizes.prompting,
                text_filters=bool(settings.text_filters),
            ),
            prices=settings.prices,
            prices_as_of=settings.prices_as_of,
            local=settings.local,
            native_jobs=bool(settings.native_jobs),
            batch_answers=bool(settings.batch_answers),
            knowledge_bases=settings.knowledge_bases,
            max_cost_usd=ceiling,
            sizes=sizes,
            started_at=self.now().isoformat(timespec="seconds"),
            start=self.new_start(),
            earlier=self._earlier(order.run),
        )

    def _earlier(self, run: str) -> Plan | None:
        key = plan_key(run)
        return Plan.parse(self.results.read(key)) if exists(self.results, key) else None

    def _cases(self, order: Order) -> Cases:
        try:
            return read_cases(self.results.stream(order.cases_key))
        except ObjectMissingError as error:
            raise EvaluationRejected(f"{error} Upload the questions first.") from error

    def _tuned(self, arms: Sequence[Arm]) -> dict[str, TunedModel | None]:
        """The model behind each pointer and training run that an arm uses, read once: the pointers may move meanwhile.

        Raises:
            EvaluationRejected: naming every training run whose model cannot be called.
        """
        models, refusals = dict[str, TunedModel | None](), list[str]()
        for name in dict.fromkeys(arm.tuned for arm in arms if arm.specialised):
            try:
                models[name] = self._named(name) if name in POINTERS else self.runs.model(name)
            except EvaluationRejected as error:
                refusals.append(str(error))
        if refusals:
            raise EvaluationRejected("; ".join(refusals))
        return models

    def _named(self, pointer: str) -> TunedModel | None:
        if pointer == "in_service" and self.settings.tuned_model:
            return FixedTunedModel(self.settings.tuned_model).current(0.0)
        names = {"in_service": self.settings.in_service_parameter, "candidate": self.settings.candidate_parameter}
        return TunedModel.parse(self.pointers.read(names[pointer]))

    def _with_overlap(self, cases: Cases, tuned: Mapping[str, TunedModel | None]) -> Cases:
        doubts, counts = [*cases.doubts], dict[str, int]()
        for run in sorted({model.run for model in tuned.values() if model}):
            key = prepared_key(run)
            known = training_questions(self.training.stream(key)) if exists(self.training, key) else frozenset()
            if repeated := trained_on(cases.cases, known):
                reason = f"the training set of run {run} asks the same, so its model may only remember the answers"
                doubts.append(f"{named(repeated)}: {reason}")
                counts[run] = len(repeated)
        return replace(cases, doubts=tuple(doubts), trained_on=counts)

    def _write(self, made: Plan, content: bytes) -> None:
        items = "".join(json.dumps(batch) + "\n" for batch in batches(content))
        self.results.write(cases_key(made.run), content, content_type="application/jsonl")
        self.results.write(batches_key(made.run), items.encode(), content_type="application/jsonl")
        plan_text = json.dumps(made.dump(), indent=2).encode()
        self.results.write(plan_key(made.run), plan_text, content_type="application/json")


def _dumped(tuned: Mapping[str, TunedModel | None]) -> dict[str, Any]:
    return {pointer: model._asdict() if model else None for pointer, model in tuned.items()}
