"""Models between a pipeline and batch inference: one that writes requests down, one that knows their replies."""

from collections.abc import Iterable, Mapping

from arbiter.answering.writer import Completion, Generation, Model
from arbiter.batch_inference.records import Reply, record_id
from arbiter.errors import BadModelOutput


class Deferred(BadModelOutput):
    """No reply yet: the request waits for a batch inference job."""


class RepliedModel:
    """Answers from the replies of a job, and has another model answer what was not in it or failed there."""

    def __init__(self, otherwise: Model) -> None:
        self._otherwise = otherwise
        self._known: Mapping[str, Completion] = {}

    def load(self, replies: Iterable[Reply]) -> None:
        """The replies of one item of the map; those of the item before are forgotten."""
        self._known = {reply.record_id: reply.completion for reply in replies if reply.completion}

    def knows(self, generation: Generation) -> bool:
        return record_id(generation) in self._known

    def generate(self, generation: Generation, timeout: float) -> Completion:
        """The reply, or what the other model writes within so many seconds."""
        return self._known.get(record_id(generation)) or self._otherwise.generate(generation, timeout)


class DeferringModel:
    """Writes down what one model is asked; what is asked of the models before it is answered, and kept."""

    def __init__(self, model: str, before: Mapping[str, Model]) -> None:
        self._model, self._before = model, before
        self.asked: dict[str, Generation] = {}
        self.replies: list[Reply] = []
        """The replies of the models before it."""

    def generate(self, generation: Generation, timeout: float) -> Completion:
        """Remember a request, or what it is answered.

        Raises:
            Deferred: the request waits for a job.
        """
        model, known = generation.model, record_id(generation)
        if model not in self._before:
            if model == self._model:
                self.asked[known] = generation
            raise Deferred("the request waits for batch inference")
        completion = self._before[model].generate(generation, timeout)
        self.replies.append(Reply(known, completion, None))
        return completion
