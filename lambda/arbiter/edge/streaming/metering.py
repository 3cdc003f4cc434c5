"""Metering of a model that streams: what came of a reply that broke off is counted, too."""

from arbiter.answering.writer import Completion, Generation
from arbiter.edge.errors import BrokenOff
from arbiter.edge.metering import MeteredModel
from arbiter.edge.streaming.model import OnPiece, StreamingModel
from arbiter.errors import CostLimitExceeded


class MeteredStream(MeteredModel):
    """A metered model for one request, which streams."""

    def __init__(self, model: StreamingModel, *, most: int | None = None, stop: tuple[str, ...] = ()) -> None:
        super().__init__(model, most=most, stop=stop)
        self._streaming = model
        self._cause: Exception | None = None
        """The reason for which the last reply broke off."""

    def stream(self, generation: Generation, timeout: float, on_piece: OnPiece) -> Completion:
        """Write and hand on each piece, within so many seconds.

        Raises:
            CostLimitExceeded: the call may take more tokens than are left of the request's.
            BrokenOff: the reply ended in the middle.
            Exception: the reason for which the reply before ended, where too little is left for another one.
        """
        try:
            return self._counted(generation, lambda stopping: self._streaming.stream(stopping, timeout, on_piece))
        except CostLimitExceeded as error:
            if self._cause is None:
                raise
            raise self._cause from error

    def _failed(self, error: BaseException, longest: int) -> None:
        if not isinstance(error, BrokenOff):
            super()._failed(error, longest)
            return
        self._cause = error.error
        self.broken.append(error.usage)
