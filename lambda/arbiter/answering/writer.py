"""Having a model write: which one, how often, for how much, and what when it cannot."""

from collections.abc import Mapping
from enum import StrEnum
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from arbiter.answering.asked.format import ANY_OBJECT
from arbiter.answering.asked.malformed import MalformedAnswer, check_form
from arbiter.answering.prompts import Prompt, build_repair, output_tokens
from arbiter.answering.retry import Attempts, Deadline
from arbiter.answering.work import Reply, Work
from arbiter.costs.prices import Price, Prices, affordable_tokens, in_batch
from arbiter.costs.tokens import Usage, schema_tokens
from arbiter.errors import (
    BadModelOutput,
    CostLimitExceeded,
    DeadlineExceeded,
    ModelError,
    ModelNotFound,
    ModelNotReady,
    Throttled,
    TunedModelUnavailable,
)
from arbiter.model_parameters import reasoning_tokens
from arbiter.modes import Mode
from arbiter.settings.answering import RouterSettings
from arbiter.tuned_models.service.pointer import TunedModel, TunedModels

if TYPE_CHECKING:  # Only where a guardrail is deployed.
    from arbiter.guarding.assessment import Assessed


class Generation(NamedTuple):
    """A call of a model: which model, with which prompt, for how long an answer in which form."""

    model: str
    prompt: Prompt
    max_output_tokens: int
    schema: Mapping[str, Any] | None
    """JSON schema of the answer; `None` for text."""
    mode: StrEnum
    """The purpose of the call, as the account's invocation log records it."""
    draw: int = 0
    """The number of this reply among several to the same prompt."""
    stop: tuple[str, ...] = ()
    """Texts at which the model stops writing."""


class Step(StrEnum):
    """A call on the way to an answer, as the account's invocation log records it."""

    REWRITE = "rewrite"
    SPLIT = "split"
    JUDGE = "judge"


class Completion(NamedTuple):
    """The text of a model's reply, and its usage."""

    text: str
    stop_reason: str
    usage: Usage
    batch: bool = False
    """True when a batch inference job wrote it, which has prices of its own."""
    assessed: "Assessed | None" = None
    """What a guardrail did, where one is deployed."""

    @property
    def stopped(self) -> bool:
        """True when a guardrail stopped or changed it."""
        return self.stop_reason == "guardrail_intervened"


class Generated(NamedTuple):
    """A completion, by which model and in which mode it came about."""

    completion: Completion
    model: str
    mode: Mode


class Model(Protocol):
    """Any language model."""

    def generate(self, generation: Generation, timeout: float) -> Completion:
        """Write, within so many seconds."""


STEP_TOKENS = 120
"""Output tokens of a reply on the way to the answer: of a question or a few."""
TUNED_SHARE = 0.5
"""Part of the time left that the tuned model may take, where an answer of the base model is allowed."""
LOSABLE = (TunedModelUnavailable, ModelNotReady, ModelError, Throttled, BadModelOutput, DeadlineExceeded)
"""Failures of the tuned model that the base model may make up for; a lacking permission is none of them."""


class Writer:
    """Generates with the tuned model or the base model.

    A request costs at most two calls of the model it asked for, and one of the base model when it falls back; one more
    where an answer in JSON is to be repaired.
    """

    def __init__(self, settings: RouterSettings, model: Model, tuned_models: TunedModels) -> None:
        self._model, self._tuned_models = model, tuned_models
        self._base_model, self._settings = settings.base_model, settings
        self._prices = Prices(settings.prices)

    def write(self, work: Work, mode: Mode, prompt: Prompt, tuned: TunedModel | None) -> Generated:
        """Write the answer to a prompt, with the tuned model when there is one."""
        attempts = work.attempts()
        if tuned is not None:
            until = work.share(TUNED_SHARE)
            try:
                return self._write_tuned(work, mode, prompt, tuned, until)
            except LOSABLE as error:
                work.do_without(error, "answered by the base model")
                attempts = work.attempts(allowed=1)
                mode = Mode.of(grounded=mode.grounded, specialised=False)
        return self._call(work, mode, prompt, self._base_model, self._prices.of(self._base_model), attempts)

    def ask(self, work: Work, prompt: Prompt, step: Step, until: Deadline) -> Reply:
        """The base model's reply to a question on the way to the answer, in one call."""
        price = self._prices.of(self._base_model)
        asked = Generation(self._base_model, prompt, STEP_TOKENS, None, step)
        attempts = work.attempts(1, until=until)
        completion = self._asked(work, _affordable(asked, work.affordable, price), price, attempts)
        work.usage = work.usage.plus(completion.usage)
        if completion.stopped:
            raise BadModelOutput(f"The guardrail intervened in a step before the answer ({step.value}).")
        return Reply(completion.text.strip(), completion.usage, price.cost(completion.usage) if price else None)

    def _write_tuned(self, work: Work, mode: Mode, prompt: Prompt, tuned: TunedModel, until: Deadline) -> Generated:
        """Call the tuned model; when its deployment is gone, look once for another one published since."""
        attempts = work.attempts(until=until)
        try:
            return self._call(work, mode, prompt, tuned.model, self._prices.of_tuned(tuned.base_model), attempts)
        except ModelNotFound as error:
            current = self._tuned_models.current(until.remaining(), fresh=True)
            if current is None or current.model == tuned.model or attempts.exhausted:
                raise TunedModelUnavailable(tuned.gone) from error
        try:
            return self._call(work, mode, prompt, current.model, self._prices.of_tuned(current.base_model), attempts)
        except ModelNotFound as error:
            raise TunedModelUnavailable(current.gone) from error

    def _call(
        self, work: Work, mode: Mode, prompt: Prompt, model: str, price: Price | None, attempts: Attempts
    ) -> Generated:
        longest = output_tokens(work.request, self._settings)
        asked = Generation(model, prompt, longest, work.request.format.asked_schema, mode)
        try:
            completion = self._asked(work, _affordable(asked, work.affordable, price), price, attempts)
        except MalformedAnswer as malformed:
            completion = self._repaired(work, asked, malformed, price, attempts)
        return Generated(completion, model, mode)

    def _repaired(
        self, work: Work, asked: Generation, malformed: MalformedAnswer, price: Price | None, attempts: Attempts
    ) -> Completion:
        """The reply to the one call that names the flaw; its usage is that of both.

        Raises:
            MalformedAnswer: the limit leaves too little for a call, or the reply is malformed too.
        """
        again = asked._replace(prompt=build_repair(asked.prompt, malformed.text, malformed.flaw))
        try:
            again = _affordable(again, work.affordable, price)
        except CostLimitExceeded:
            raise malformed from None
        try:
            completion = self._asked(work, again, price, attempts)
        except MalformedAnswer as second:
            raise second.after(malformed) from None
        return completion._replace(usage=malformed.usage.plus(completion.usage))

    def _asked(self, work: Work, generation: Generation, price: Price | None, attempts: Attempts) -> Completion:
        """One reply, paid for even when it is malformed; that of a batch inference job at the price of such."""
        call = self._model.generate
        completion = attempts.run(lambda timeout: work.billed(price, lambda: call(generation, timeout)))
        paid = self._prices.of(in_batch(generation.model)) if completion.batch else price
        work.pay(paid.cost(completion.usage) if paid else None)
        work.batch = work.batch or completion.batch
        if completion.assessed is not None:
            work.screen(completion.assessed, self._prices.guardrail)
        if generation.schema is not None and generation.schema is not ANY_OBJECT and not completion.stopped:
            check_form(completion.text, generation.schema, completion.usage, completion.stop_reason)
        return completion


def _affordable(generation: Generation, limit: float | None, price: Price | None) -> Generation:
    if limit is None:
        return generation
    texts, reasoning = generation.prompt.texts(), reasoning_tokens(generation.model)
    priced = price.when_caching if price and generation.prompt.stable else price
    wanted, further = generation.max_output_tokens, schema_tokens(generation.schema)
    tokens = affordable_tokens(limit, priced, texts, wanted, reserved=reasoning, further=further)
    return generation._replace(max_output_tokens=tokens)
