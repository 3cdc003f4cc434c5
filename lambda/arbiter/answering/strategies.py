"""Searching in several steps: for the parts of a question at once, or on until what was found is enough."""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from math import ceil
from typing import NamedTuple

from arbiter.answering.asked.replies import SUFFICIENT, missing_in, parts_in, spoken
from arbiter.answering.passages import fitted, joined
from arbiter.answering.prompts import Passage, Prompt, build_judging, build_splitting
from arbiter.answering.request import LONGEST_QUESTION
from arbiter.answering.retrieval import BOUNDS, MOST_SEARCHES, Query, good, merged
from arbiter.answering.retry import Deadline
from arbiter.answering.work import Reply, StepTaken, Work
from arbiter.answering.writer import Step
from arbiter.errors import (
    ArbiterError,
    BadModelOutput,
    CostLimitExceeded,
    DeadlineExceeded,
    KnowledgeBaseUnavailable,
    ModelError,
    Throttled,
    TooLarge,
)

MOST_PARTS = MOST_SEARCHES - 1
"""Parts of a question that are searched for beside the question itself."""
MOST_ROUNDS = BOUNDS["adaptive"].replies
"""Judgements of what was found, each with one more search at most."""
ROUND_SECONDS = 0.5
"""Seconds below which what was found is not judged any more."""

_NO_REPLY = (BadModelOutput, CostLimitExceeded, DeadlineExceeded, ModelError, Throttled, TooLarge)
_NO_SEARCH = (CostLimitExceeded, DeadlineExceeded, KnowledgeBaseUnavailable, Throttled)


class Begun(NamedTuple):
    """A search that goes on in another thread."""

    question: str
    found: "Future[tuple[Sequence[Passage], float]]"
    """Its passages, and the seconds that it took."""
    cost_usd: float | None


Search = Callable[[Sequence[Query], Executor], list[Begun]]
"""Begins a search for each query, or raises CostLimitExceeded."""
Ask = Callable[[Prompt, Step], Reply]


class Steps:
    """The steps of one request's search: each within its limits, and each in its trace."""

    def __init__(
        self, work: Work, *, results: int, minimum_score: float, room: int | None, search: Search, ask: Ask
    ) -> None:
        self.work, self._search, self._ask = work, search, ask
        self.wanted = work.request.retrieval.results or results
        """Passages that the answer is given at most."""
        self._minimum_score, self._room = minimum_score, room

    def begin(self, questions: Sequence[str], pool: Executor) -> list[Begun]:
        """Begin to search for questions, side by side.

        Raises:
            CostLimitExceeded: they may cost more than the request allows.
        """
        options = self.work.request.retrieval
        return self._search([Query(text[:LONGEST_QUESTION], self.wanted, options) for text in questions], pool)

    def begin_more(self, questions: Sequence[str], pool: Executor) -> list[Begun]:
        """The same beside searches that were begun before; none where the request may do without."""
        try:
            return self.begin(questions, pool)
        except CostLimitExceeded as error:
            self.work.do_without(error, f"did not search for {len(questions)} more questions")
            return []

    def finish(self, begun: Sequence[Begun], before: int = 0) -> list[list[Passage]]:
        """The passages of each search that ended well, after so many that did.

        Raises:
            ArbiterError: none did, or the request does not allow less.
        """
        searches, lost = [], None
        for question, search, cost in begun:
            try:
                passages, seconds = search.result()
            except _NO_SEARCH as error:
                lost = lost or error
                self.work.trace.append(StepTaken("search", (question,), 0.0, cost, failed=error.code))
                continue
            searches.append(good(passages, self._minimum_score))
            taken = StepTaken("search", (question,), seconds * 1000, cost, passages=len(searches[-1]))
            self.work.trace.append(taken)
        if lost and not searches and not before:
            raise lost
        if lost:
            self.work.do_without(lost, f"answered from {before + len(searches)} of {before + len(begun)} searches")
        return searches

    def reply(self, prompt: Prompt, step: Step, read: Callable[[str], Sequence[str]], instead: str) -> Sequence[str]:
        """The questions that a model names in its reply; none where it fails and the request may do without."""
        started, reply = self.work.clock(), None
        try:
            reply = self._ask(prompt, step)
            questions = read(reply.text)
        except _NO_REPLY as error:
            self._record(step, (), started, reply, failed=error)
            self.work.do_without(error, instead)
            return ()
        self._record(step, questions, started, reply)
        return questions

    def judge(self, passages: Sequence[Passage]) -> Sequence[str]:
        """The question that a model names as missing in passages, as far as it reads them; none if they are enough."""
        prompt = build_judging(self.work.request, fitted(joined(passages), self._room), SUFFICIENT)
        return self.reply(prompt, Step.JUDGE, missing_in, "answered from what was found before")

    def _record(
        self, step: Step, questions: Sequence[str], started: float, reply: Reply | None,
        *, failed: ArbiterError | None = None,
    ) -> None:  # fmt: skip
        cost, usage = (reply.cost_usd, reply.usage) if reply else (0.0, None)
        judged = not questions if step is Step.JUDGE and not failed else None
        milliseconds = (self.work.clock() - started) * 1000
        self.work.trace.append(
            StepTaken(step.value, tuple(questions), milliseconds, cost, usage, sufficient=judged,
                      failed=failed.code if failed else None)
        )  # fmt: skip


def multi_step(steps: Steps, question: str, until: Deadline) -> list[Passage]:
    """Search for a question and, at the same time, for the parts that a model names: the union, the best of each first.

    One call of a model and four searches at most.
    """
    with ThreadPoolExecutor(MOST_SEARCHES) as pool:
        begun = steps.begin([question], pool)
        prompt = build_splitting(steps.work.request, MOST_PARTS)
        parts = steps.reply(
            prompt, Step.SPLIT, lambda reply: parts_in(reply, MOST_PARTS), "searched for the question as a whole"
        )
        further = [part for part in parts if spoken(part) != spoken(question)]
        if further:
            begun += steps.begin_more(further, pool)
        return merged(steps.finish(begun))[: steps.wanted]


def adaptive(steps: Steps, question: str, until: Deadline) -> list[Passage]:
    """Begin with half of the passages that are wanted, and go on until a model judges them to be enough.

    What is not enough is joined by the other half and by a search for what the model names as missing. Two calls of a
    model and three searches at most.
    """
    with ThreadPoolExecutor(1) as pool:
        searches = steps.finish(steps.begin([question], pool))
        given, asked = searches[0][: ceil(steps.wanted / 2)], [spoken(question)]
        for _ in range(MOST_ROUNDS):
            if not until.allows(ROUND_SECONDS):
                break
            missing = steps.judge(given)
            if not missing:
                break
            if spoken(missing[0]) not in asked:
                asked.append(spoken(missing[0]))
                searches += steps.finish(steps.begin_more(missing, pool), before=len(searches))
            given = merged(searches)[: steps.wanted]
        return given


Strategy = Callable[[Steps, str, Deadline], list[Passage]]
STRATEGIES: Mapping[str, Strategy] = {"multi_step": multi_step, "adaptive": adaptive}
