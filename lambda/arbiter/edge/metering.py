"""Metering: the tokens of every call of a model that a request makes, and none above what was reserved for it."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from arbiter.answering.asked.malformed import MalformedAnswer
from arbiter.answering.work import NOT_BILLED
from arbiter.answering.writer import Completion, Generation, Model
from arbiter.costs.tokens import Usage, most_tokens, schema_tokens
from arbiter.errors import ArbiterError, CostLimitExceeded, DeadlineExceeded
from arbiter.model_parameters import reasoning_tokens
from arbiter.modes import Mode

if TYPE_CHECKING:  # Only where a guardrail is deployed.
    from arbiter.guarding.assessment import Assessed


class MeteredModel:
    """A model for one request, which counts and ends at a limit.

    Args:
        most: tokens of all calls together; `None` for no limit.
        stop: texts at which the model stops writing.
    """

    def __init__(self, model: Model, *, most: int | None = None, stop: tuple[str, ...] = ()) -> None:
        self._model, self._most, self._stop = model, most, stop
        self.used = Usage(0, 0)
        """Tokens of the calls that said what they took."""
        self.assessed: list[Assessed] = []
        """A guardrail's part of what they cost."""
        self.broken: list[Usage] = []
        """Bounds of the replies that broke off, which are in no answer's cost."""
        self.unsettled = False
        """True once a call ended without saying it: it may have been billed."""
        self.unscreened = False
        """True once a call that failed said it, but not what a guardrail took of the reply, which is told nowhere."""
        self._held = 0

    @property
    def tokens(self) -> int:
        """Tokens so far."""
        return sum(map(sum, [self.used, *self.broken]))

    def generate(self, generation: Generation, timeout: float) -> Completion:
        """Write, within so many seconds.

        Raises:
            CostLimitExceeded: the call may take more tokens than are left of the request's.
        """
        return self._counted(generation, lambda stopping: self._model.generate(stopping, timeout))

    def _counted(self, generation: Generation, call: Callable[[Generation], Completion]) -> Completion:
        longest = self._longest(generation)
        if self._most is not None and longest > (left := self._most - self.tokens - self._held):
            raise CostLimitExceeded(
                f"A call of the model may take {longest:,} tokens, and {left:,} are left of those reserved for this "
                "request. Shorten the question or ask for fewer passages."
            )
        try:
            completion = call(self._stopping(generation))
        except MalformedAnswer as malformed:
            self.used = self.used.plus(malformed.usage)
            raise
        except BaseException as error:
            self._failed(error, longest)
            raise
        self.used = self.used.plus(completion.usage)
        if completion.assessed is not None:
            self.assessed.append(completion.assessed)
        return completion

    def _failed(self, error: BaseException, longest: int) -> None:
        if isinstance(error, ArbiterError) and error.usage:
            self.used = self.used.plus(Usage(*error.usage))
            self.unscreened = True
            return
        if isinstance(error, NOT_BILLED):
            return
        self.unsettled = True
        if isinstance(error, DeadlineExceeded):
            self._held += longest

    def _stopping(self, generation: Generation) -> Generation:
        """The call with the stop texts, where it writes the answer: JSON cut short would be none."""
        if not isinstance(generation.mode, Mode) or generation.schema is not None:
            return generation
        # Some models refuse blanks; the answer is cut at those afterwards.
        return generation._replace(stop=tuple(stop for stop in self._stop if stop.strip()))

    @staticmethod
    def _longest(generation: Generation) -> int:
        written = generation.max_output_tokens + reasoning_tokens(generation.model)
        return most_tokens(generation.prompt.texts()) + schema_tokens(generation.schema) + written
