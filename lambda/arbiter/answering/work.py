"""One request being answered: its deadline, and what it has had to give up."""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from arbiter.answering.request import Request
from arbiter.answering.retry import ATTEMPTS, Attempts, Backoff, Clock, Deadline
from arbiter.costs.prices import Price
from arbiter.costs.tokens import Usage
from arbiter.errors import (
    AccessDenied,
    ArbiterError,
    CostLimitExceeded,
    InvalidRequest,
    ModelNotFound,
    ModelNotReady,
    Throttled,
    TooLarge,
)

if TYPE_CHECKING:  # Questions without the owner's part, and without a guardrail, start without it.
    from arbiter.answering.prompting.prompter import Part
    from arbiter.answering.prompts import Passage
    from arbiter.guarding.assessment import Assessed, Intervention

NOT_BILLED = (AccessDenied, InvalidRequest, ModelNotFound, ModelNotReady, Throttled, TooLarge)
"""Refusals, for which a model writes nothing and nothing is billed."""

T = TypeVar("T")


class Reply(NamedTuple):
    """A model's reply on the way to the answer, and what it took."""

    text: str
    usage: Usage
    cost_usd: float | None


class StepTaken(NamedTuple):
    """A step of a search in several steps: a model that was asked for questions, or a search for one."""

    step: str
    questions: tuple[str, ...]
    """The questions that a model named, or the one that was searched for."""
    milliseconds: float
    cost_usd: float | None
    usage: Usage | None = None
    """Tokens, where a model was asked."""
    passages: int | None = None
    """Passages, where a search found any number of them."""
    sufficient: bool | None = None
    """The judgement of what was found before it, where it was judged."""
    failed: str | None = None
    """The code of the error that it ended with."""

    def to_object(self) -> dict[str, Any]:
        """The step as the caller sees it; what does not apply is left out."""
        known = {name: value for name, value in self._asdict().items() if value is not None or name == "cost_usd"}
        usage = {"usage": self.usage._asdict()} if self.usage else {}
        return {**known, "questions": list(self.questions), "milliseconds": round(self.milliseconds, 3), **usage}


class Work:
    """A request on its way to an answer."""

    def __init__(self, request: Request, deadline: Deadline, *, clock: Clock, backoff: Backoff) -> None:
        self.request, self.deadline = request, deadline
        self.degraded: list[str] = []
        """Each part that was asked for and not delivered, with what was done instead."""
        self.rewritten: Reply | None = None
        """The question as the base model has rewritten it to be searched for."""
        self.trace: list[StepTaken] = []
        """The steps of a search in several steps."""
        self.usage = Usage(0, 0)
        """Tokens of the calls on the way to the answer."""
        self.part: Part | None = None
        """The owner's part of the prompt, which the request's system text holds."""
        self.found = False
        """Whether any passage was found, however low its score."""
        self.silent = False
        """Whether passages were found, and none that scores as much as was asked for."""
        self.interventions: list[Intervention] = []
        """What a guardrail stopped or changed, in the order of the calls."""
        self.paid: float | None = 0.0
        """US dollars so far; `None` once a part without a known price was used."""
        self.batch = False
        """Whether a batch inference job wrote a reply."""
        self.unsettled = 0
        """Calls of a model that ended without telling their tokens, and may have been billed."""
        self.before_writing: Callable[[Sequence[Passage]], object] = lambda passages: None
        """Is told the passages that the answer will stand on, each time before a model writes it."""
        self.clock, self._backoff = clock, backoff

    def screen(self, assessed: "Assessed", prices: Mapping[str, float | None]) -> None:
        """Take down what a guardrail did in a call, and pay for it."""
        self.interventions += [one for one in assessed.interventions if one not in self.interventions]
        self.pay(assessed.cost(prices))

    def pay(self, usd: float | None) -> None:
        """Add to what the request has cost, whatever becomes of its answer."""
        self.paid = None if usd is None or self.paid is None else self.paid + usd

    def billed(self, price: Price | None, call: Callable[[], T]) -> T:
        """The result of a call of a model; one that fails is paid for where it tells its tokens, else it is counted."""
        try:
            return call()
        except ArbiterError as error:
            if error.usage:
                self.pay(price.cost(Usage(*error.usage)) if price else None)
            elif not isinstance(error, NOT_BILLED):
                self.unsettled += 1
            raise

    @property
    def affordable(self) -> float | None:
        """US dollars that are left of the request's limit; `None` where it has none."""
        limit = self.request.limits.max_cost_usd
        return None if limit is None else limit - (self.paid or 0.0)

    def require(self, usd: float | None, what: str) -> None:
        """Make sure that a step fits into the request's cost limit before it is paid.

        Raises:
            CostLimitExceeded: it does not, or nobody knows its price.
        """
        if self.affordable is None:
            return
        if usd is None:
            raise CostLimitExceeded(
                f"limits.max_cost_usd cannot be kept: {what} has no known price. "
                "Add it to the deployment's settings (`arbiter cost --refresh`) or leave the limit out."
            )
        if usd > self.affordable:
            raise CostLimitExceeded(
                f"limits.max_cost_usd leaves {self.affordable:.8f} US dollars, and {what} may cost {usd:.8f}. "
                "Raise the limit, shorten the question or search for less."
            )

    def attempts(self, allowed: int = ATTEMPTS, *, until: Deadline | None = None) -> Attempts:
        """Attempts for one purpose, by the deadline of the request or an earlier one."""
        return Attempts(until or self.deadline, self._backoff, self.clock, allowed)

    def share(self, fraction: float) -> Deadline:
        """The deadline of a step that the request may do without: that part of the time left; all of it otherwise."""
        return self.deadline.share(fraction) if self.request.may_degrade else self.deadline

    def do_without(self, error: ArbiterError, instead: str) -> None:
        """Go on after a failure when the request allows less than it asked for.

        Raises:
            ArbiterError: the failure, when it does not.
        """
        if not self.request.may_degrade:
            raise error
        note = f"{error.code}: {instead}"
        if note not in self.degraded:  # Searches side by side may all lack the same.
            self.degraded.append(note)
