"""A model that plans searches as it is told, and a knowledge base that fails for some questions."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from arbiter.answering.prompts import Passage
from arbiter.answering.request import Retrieval
from arbiter.answering.retrieval import Query
from arbiter.answering.writer import Completion, Generation
from arbiter.errors import ArbiterError
from arbiter.modes import Mode
from tests.unit.arbiter.answering.router_fakes import FakeModel, FakeRetriever, World

QUESTION = "Compare the warranty of the tent with that of the stove."
TENT, STOVE = "How long is the warranty of the tent?", "How long is the warranty of the stove?"
OF_TENT, OF_STOVE = Passage("Tent: three years.", "s3://d/tent.md", 0.7), Passage("Stove: one.", "s3://d/s.md", 0.6)
KNOWN = {TENT: (OF_TENT,), STOVE: (OF_STOVE,)}


@dataclass
class PlanningModel(FakeModel):
    """Replies to each step with what is planned for it, an error or a text; answers otherwise."""

    steps: dict[str, list[str | ArbiterError]] = field(default_factory=dict)

    def generate(self, generation: Generation, timeout: float) -> Completion:
        completion = super().generate(generation, timeout)
        if planned := self.steps.get(generation.mode.value):
            reply = planned.pop(0)
            if isinstance(reply, ArbiterError):
                raise reply
            return completion._replace(text=reply)
        return completion


@dataclass
class FailingRetriever(FakeRetriever):
    """Fails with the error of a question."""

    by_question: dict[str, ArbiterError] = field(default_factory=dict)

    def retrieve(self, query: Query, timeout: float) -> Sequence[Passage]:
        if query.text in self.by_question:
            raise self.by_question[query.text]
        return super().retrieve(query, timeout)


def world(lost: dict[str, ArbiterError] | None = None, **steps: str | ArbiterError | list[str | ArbiterError]) -> World:
    planned = {name: replies if isinstance(replies, list) else [replies] for name, replies in steps.items()}
    return World(model=PlanningModel(steps=planned), retriever=FailingRetriever(by_text=KNOWN, by_question=lost or {}))


def ask(world: World, strategy: Any = "multi_step", **request: Any) -> Any:
    options = {"question": QUESTION, "mode": Mode.RAG, "retrieval": Retrieval(strategy=strategy)}
    return world.answer(**{**options, **request})


def searched(world: World) -> list[str]:
    return sorted(query.text for query in world.retriever.queries)
