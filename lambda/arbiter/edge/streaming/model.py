"""A model whose answer is streamed, through the port by which every answer is made."""

from collections.abc import Callable
from typing import Protocol

from arbiter.answering.retry import Deadline
from arbiter.answering.writer import Completion, Generation, Model
from arbiter.costs.tokens import Usage, most_tokens
from arbiter.edge.errors import BrokenOff
from arbiter.edge.streaming.pieces import Pieces
from arbiter.model_parameters import reasoning_tokens
from arbiter.modes import Mode

OnPiece = Callable[[str], float | None]
"""Takes a piece of text as soon as it is written, and may give other seconds for the rest; may raise, which ends the
call of the model."""


class StreamingModel(Model, Protocol):
    """A language model that streams."""

    def stream(self, generation: Generation, timeout: float, on_piece: OnPiece) -> Completion:
        """Write within so many seconds, and hand on each piece.

        Raises:
            BrokenOff: the reply ended in the middle, whatever the reason.
            DeadlineExceeded: nothing came in time, which tells nothing of what was written.
            ArbiterError: it did not begin.
        """


def bound(generation: Generation, written: int, *, hidden: bool) -> Usage:
    """The most tokens of a reply of which so many bytes came: no token is shorter than a byte.

    A model that reasons may have done so in silence.

    Args:
        hidden: whether more was written than came as text, nobody knows how much: the longest reply is taken then.
    """
    reasoning = reasoning_tokens(generation.model)
    longest = generation.max_output_tokens + reasoning
    return Usage(most_tokens(generation.prompt.texts()), longest if hidden else min(written + reasoning, longest))


class StreamedModel:
    """A model for one request, whose answer is streamed from its first piece on.

    Replies on the way to the answer are not streamed, nor is JSON, which is checked and may be repaired before anybody
    reads it.

    Args:
        begin: takes the mode of the answer, before its first piece.
        tell: takes each piece.
        stop: texts at which the answer ends.
        deadline: of the request. From the first piece on the answer may take all of it: nothing else would use what is
            kept for a fallback.
    """

    def __init__(
        self, model: StreamingModel, *, begin: Callable[[Mode], None], tell: Callable[[str], None],
        stop: tuple[str, ...], deadline: Deadline,
    ) -> None:  # fmt: skip
        self._model, self._begin, self._tell, self._stop = model, begin, tell, stop
        self._deadline, self._sent = deadline, False

    def generate(self, generation: Generation, timeout: float) -> Completion:
        """Write, within so many seconds.

        Raises:
            BrokenOff: after a part of the answer was sent.
            ArbiterError: before that, so that the answering path may try again or do with less.
        """
        mode = generation.mode
        if not isinstance(mode, Mode) or generation.schema is not None:
            return self._model.generate(generation, timeout)
        pieces = Pieces(self._stop)

        def on_piece(text: str) -> float | None:
            if piece := pieces.add(text):
                if not self._sent:
                    self._sent = True
                    self._begin(mode)
                self._tell(piece)
            return self._deadline.remaining() if self._sent else None

        try:
            return self._model.stream(generation, timeout, on_piece)
        except BrokenOff as broken:
            if self._sent:
                raise
            raise broken.error from broken
