"""An answer, with everything that it came from and took."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from arbiter.answering.decision import Decision
from arbiter.answering.prompts import Passage
from arbiter.answering.work import Reply, StepTaken, Work
from arbiter.costs.tokens import Usage, estimated_tokens
from arbiter.modes import Mode

if TYPE_CHECKING:  # Only where a guardrail is deployed.
    from arbiter.guarding.assessment import Intervention


class Latency(NamedTuple):
    """Seconds by step."""

    route: float
    retrieve: float
    generate: float

    @property
    def total(self) -> float:
        """Seconds of all steps."""
        return self.route + self.retrieve + self.generate


class Answer(NamedTuple):
    """An answer, with its decision, passages, model, usage, cost and latency."""

    text: str
    mode: Mode
    decision: Decision | None
    passages: Sequence[Passage]
    model: str
    usage: Usage
    cost_usd: float | None
    """US dollars of everything that was paid for it; `None` when a price is unknown."""
    search_usd: float | None
    """The part of it for searching, the rewriting of its question included."""
    latency: Latency
    degraded: Sequence[str]
    stop_reason: str
    rewritten: Reply | None = None
    """The question that was searched for, where a model rewrote it; its tokens and cost are among the answer's."""
    trace: Sequence[StepTaken] = ()
    """The steps of a search in several steps; their tokens and cost are among the answer's."""
    prompting: Mapping[str, object] | None = None
    """The tokens that its prompting took, where that has any of its own."""
    batch: bool = False
    """True when a batch inference job wrote it, or what was mended then: nobody waited for the whole of it."""
    interventions: Sequence["Intervention"] = ()
    """What a guardrail stopped or changed on the way to it, and why."""
    unsettled: int = 0
    """Calls of a model on the way to it that failed without telling their tokens: they are in no cost."""


def prompting_of(work: Work, written: str, text: str) -> Mapping[str, object] | None:
    """The tokens of the owner's examples in a prompt, or of the reasoning in a text that a model has written."""
    if work.request.prompting == "chain_of_thought":
        reasoning = max(0, estimated_tokens(written) - estimated_tokens(text))
        return {"technique": work.request.prompting, "reasoning_tokens": reasoning}
    return work.part.to_object() if work.part else None
