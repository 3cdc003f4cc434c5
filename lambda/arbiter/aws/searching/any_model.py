"""Bedrock's models of every kind, for the one call that says whether the account may use them."""

import json
import re

from arbiter.answering.writer import Completion, Generation
from arbiter.aws.calls.opening import body_of
from arbiter.aws.clients import Client
from arbiter.aws.converse import ConverseModel
from arbiter.aws.errors import Callee
from arbiter.costs.tokens import Usage
from arbiter.errors import ModelError, ModelNotFound

_WRITES_NOTHING = re.compile(r"[.-]embed|\.rerank-")


class AnyModel:
    """Those that write are asked by Converse, those that embed or rerank by their smallest body."""

    def __init__(self, runtime: Client) -> None:
        self._runtime, self._writing = runtime, ConverseModel(runtime)

    def generate(self, generation: Generation, timeout: float) -> Completion:
        """Write as asked; what does not write embeds or reranks a word, and its answer is nobody's concern.

        An embedding costs next to nothing. Reranking is billed by the query of up to 100 passages ($0.001 to $0.002,
        Bedrock pricing): as much as one of the run's own questions, and told by nothing that is free. An
        estimate and the run that follows it buy one each.
        """
        model = generation.model
        if not _WRITES_NOTHING.search(model):
            return self._writing.generate(generation, timeout)
        # Without a field: a body that a model wants otherwise is a fault of ours, and no refusal of the account's.
        callee = Callee(
            f"the model {model}", missing=ModelNotFound, failed=ModelError, unreadable=ModelError, field=None,
            model=model,
        )  # fmt: skip
        if (body := body_of(model)) is not None:
            self._runtime.call("invoke_model", callee, timeout, modelId=model, body=json.dumps(body))
        return Completion("", "end_turn", Usage(1, 0, 0))
