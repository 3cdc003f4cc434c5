"""The one answering path, with two switches: retrieve or not, the tuned model or not."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from arbiter.answering.answer import Answer, Latency, prompting_of
from arbiter.answering.decision import Decision, ProfileSource
from arbiter.answering.passages import cut, joined, readable
from arbiter.answering.prompts import Passage, build_prompt, final_answer, output_tokens, with_part
from arbiter.answering.request import Request
from arbiter.answering.retrieval import Retriever
from arbiter.answering.retry import Backoff, Clock, Deadline
from arbiter.answering.searcher import Searcher, with_defaults
from arbiter.answering.work import Work
from arbiter.answering.writer import Completion, Generated, Model, Writer
from arbiter.costs.tokens import Usage, estimated_tokens
from arbiter.errors import (
    ArbiterError,
    CostLimitExceeded,
    DeadlineExceeded,
    PromptsUnavailable,
    Throttled,
    TooLarge,
    TunedModelUnavailable,
)
from arbiter.modes import Mode
from arbiter.settings.answering import RouterSettings
from arbiter.tuned_models.service.pointer import TunedModel, TunedModels

if TYPE_CHECKING:  # Questions without the owner's part start without it.
    from arbiter.answering.prompting.prompter import Prompter

Grounds = Callable[[Decision | None, Sequence[Passage]], None]
"""Takes the decision and the passages that an answer will stand on, each time before a model writes it."""
OWN = {"few_shot": "examples", "house": "the house prompt"}
"""The prompting that needs prompts of the owner's, with what it needs."""
NOT_SAID, NO_MODEL = "The documents do not say.", "none"
"""The answer where passages were found and none scores enough, and what stands for the model that was not asked."""
PROMPTS_SHARE = 0.25
"""Part of the time left that reading the owner's prompts may take, where an answer without them is allowed."""
POINTER_SHARE = 0.25
"""Part of the time left that looking for the tuned model may take; a remembered one answers in its place."""


class Answerer:
    """Answers requests with a model, a knowledge base and a tuned model that may be missing.

    Profiles and prompts are given as functions: few requests need them, and none should wait for their modules.
    """

    def __init__(
        self,
        settings: RouterSettings,
        *,
        model: Model,
        retriever: Retriever,
        tuned_models: TunedModels,
        clock: Clock,
        backoff: Backoff,
        profiles: Callable[[], ProfileSource] | None = None,
        prompts: "Callable[[], Prompter] | None" = None,
    ) -> None:
        self._settings, self._profiles, self._prompts = settings, profiles, prompts
        self._tuned_models, self._writer = tuned_models, Writer(settings, model, tuned_models)
        self._searcher = Searcher(settings, retriever, self._writer)
        self._clock, self._backoff = clock, backoff

    def answer(self, request: Request, deadline: Deadline, grounds: Grounds | None = None) -> Answer:
        """Answer a request.

        Args:
            grounds: is told what the answer stands on, for who hears it while it is written.

        Raises:
            ArbiterError: when it cannot be answered as asked, and it does not allow less; it tells what was paid.
        """
        work = Work(with_defaults(request, self._settings), deadline, clock=self._clock, backoff=self._backoff)
        try:
            return self._answered(work, request, grounds)
        except ArbiterError as error:
            error.paid = work.paid, work.unsettled
            raise

    def _answered(self, work: Work, request: Request, grounds: Grounds | None) -> Answer:
        started = self._clock()
        if request.prompting in OWN:
            self._add_part(work)
        decision = self._decided(work) if request.mode is None else None
        asked = decision.mode if decision else Mode(request.requested_mode)
        tuned = self._tuned_model(work) if asked.specialised else None
        routed = self._clock()
        passages = self._searcher.search(work) if asked.grounded else []
        if decision is not None and decision.look is not None:
            decision, passages = self._searcher.look(work, decision)
        retrieved, searched = self._clock(), work.paid
        if grounds is not None:
            work.before_writing = partial(grounds, decision)
        passages, written = self._written(work, passages, tuned)
        text = final_answer(written.completion.text, request.prompting)
        return Answer(
            text=text,
            mode=written.mode,
            decision=decision,
            passages=passages,
            model=written.model,
            usage=written.completion.usage.plus(work.usage),
            cost_usd=work.paid,
            search_usd=searched,
            latency=Latency(routed - started, retrieved - routed, self._clock() - retrieved),
            degraded=work.degraded,
            stop_reason=written.completion.stop_reason,
            rewritten=work.rewritten,
            trace=work.trace,
            prompting=prompting_of(work, written.completion.text, text),
            batch=work.batch,
            interventions=work.interventions,
            unsettled=work.unsettled,
        )

    def _add_part(self, work: Work) -> None:
        asked, source = work.request, self._prompts
        try:
            if source is None:
                raise PromptsUnavailable("Nothing here keeps the owner's prompts. Ask with another prompting.")
            until = work.share(PROMPTS_SHARE)
            part = work.attempts(until=until).run(
                lambda timeout: source().part(asked.prompting, asked.question, timeout)
            )
            work.part, work.request = part, with_part(asked, part)
        except (DeadlineExceeded, PromptsUnavailable, Throttled) as error:
            work.do_without(
                error,
                "answered without the house prompt" if asked.prompting == "house" else "answered without examples",
            )

    def _decided(self, work: Work) -> Decision:
        from arbiter.answering.auto import Auto  # Explicit modes start without it.

        return Auto(self._settings, self._tuned_models, self._profiles() if self._profiles else None).decide(work)

    def _written(
        self, work: Work, passages: list[Passage], tuned: TunedModel | None
    ) -> tuple[list[Passage], Generated]:
        """The answer, and the passages that it stands on: fewer where all are too long for the model."""
        if work.silent:
            mode = Mode.of(grounded=True, specialised=tuned is not None)
            return [], Generated(Completion(NOT_SAID, "no_passages", Usage(0, 0)), NO_MODEL, mode)
        passages = joined(passages)
        models = [self._settings.base_model, *([tuned.base_model] if tuned else [])]
        fitting = readable(work.request, passages, models, output_tokens(work.request, self._settings))
        if fitting != passages:
            work.degraded.append(_from_fewer(fitting, passages))
        try:
            return self._affordable(work, fitting, tuned)
        except TooLarge:
            if not fitting:
                raise
            fewer = fitting[: len(fitting) // 2] or [cut(fitting[0], estimated_tokens(fitting[0].text) // 2)]
            work.degraded.append(_from_fewer(fewer, fitting))
        return self._affordable(work, fewer, tuned)

    def _affordable(
        self, work: Work, passages: list[Passage], tuned: TunedModel | None
    ) -> tuple[list[Passage], Generated]:
        """The answer within the cost limit: where less is allowed, from fewer passages, none, or by the base model."""
        given, exceeded = len(passages), None
        while True:
            mode = Mode.of(grounded=bool(passages), specialised=tuned is not None)
            try:
                work.before_writing(passages)
                written = self._writer.write(work, mode, build_prompt(work.request, passages), tuned)
                break
            except CostLimitExceeded as error:
                if not work.request.may_degrade or mode is Mode.BASE:
                    raise
                exceeded = error
                passages, tuned = passages[: len(passages) // 2], tuned if passages else None
        if exceeded is not None:
            fewer = f", from {len(passages)} of {given} passages" if passages else ""
            work.do_without(exceeded, f"answered as {mode.value}{fewer}")
        return passages, written

    def _tuned_model(self, work: Work) -> TunedModel | None:
        try:
            until = work.deadline.share(POINTER_SHARE)
            tuned = work.attempts(until=until).run(self._tuned_models.current)
            if tuned is None:
                raise TunedModelUnavailable(
                    "No tuned model is in service. Train one, ask for another mode, or allow degradation."
                )
        except (DeadlineExceeded, Throttled, TunedModelUnavailable) as error:
            work.do_without(error, "answered by the base model")
            return None
        return tuned


def _from_fewer(fewer: Sequence[Passage], passages: Sequence[Passage]) -> str:
    shortened = ", the first shortened" if fewer[0] != passages[0] else ""
    return f"{TooLarge.code}: answered from {len(fewer)} of {len(passages)} passages{shortened}"
