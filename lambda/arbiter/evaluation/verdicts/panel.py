"""The judges of a run: the questions about a case that each is still to be asked, and its verdicts."""

from collections.abc import Callable, Iterable
from typing import cast

from arbiter.answering.writer import Completion, Generation, Model
from arbiter.costs.prices import Prices, in_batch
from arbiter.costs.tokens import Usage, total
from arbiter.errors import ArbiterError, BadModelOutput, DailyQuota, Internal, Throttled
from arbiter.evaluation.run.plan import Record
from arbiter.evaluation.run.throttling import OutOfTime, Pace, Tally
from arbiter.evaluation.verdicts.document import Verdict
from arbiter.evaluation.verdicts.judging import (
    Grades,
    UnusableReply,
)
from arbiter.evaluation.verdicts.pairwise import Preference
from arbiter.evaluation.verdicts.prompts import repair_prompt
from arbiter.evaluation.verdicts.subjects import Question

SECONDS = 60.0
"""Seconds that one reply may take."""
UNFORESEEN = "Arbiter failed in a way it did not expect. The log of the judging function says how."
SILENT = ("content_filtered", "guardrail_intervened")


class Judge:
    """One judge, asked for verdicts within the time of an invocation."""

    def __init__(
        self, name: str, model: Model, pace: Pace, prices: Prices, report: Callable[[Exception], None]
    ) -> None:
        self.name, self._model, self._pace, self._report = name, model, pace, report
        self._price, self._batch_price = prices.of(name), prices.of(in_batch(name))

    def verdict(self, question: Question, left: Callable[[], float], *, last: bool = False) -> Verdict:
        """The verdict, or the failure that stands in its place.

        Raises:
            Throttled: throttling outlasts every attempt, and somebody will try again; with `last` it is a failure.
            DailyQuota: it is used up.
            OutOfTime: the invocation is.
        """
        tally, replies = Tally(), list[Completion]()
        try:
            outcome = self._outcome(question, tally, replies, left)
        except DailyQuota:
            raise
        except Throttled as error:
            if not last:
                raise
            outcome = _failure("throttled", error, retryable=True)
        except UnusableReply as error:
            outcome = _failure(error.code, error, retryable=False)
        except BadModelOutput as error:
            outcome = _failure("unparseable", error, retryable=False)
        except ArbiterError as error:
            outcome = _failure("error", error, retryable=error.retryable)
        except OutOfTime:
            raise
        except Exception as error:  # One verdict that nobody expected must not end the others.
            self._report(error)
            outcome = _failure("internal", Internal(UNFORESEEN), retryable=True)
        used = total(reply.usage for reply in replies)
        spent = {"usage": used._asdict(), "cost_usd": self._cost(replies), "throttles": tally.throttles}
        return cast("Verdict", {**question.slot, **outcome, **spent})

    def _outcome(
        self, question: Question, tally: Tally, replies: list[Completion], left: Callable[[], float]
    ) -> Record:
        """The judge's verdict, at the second attempt if it must; every reply that was paid for is kept."""
        reply = self._ask(question.asked(), tally, replies, left)
        try:
            return {**_read(question, reply).dump(), "repaired": False}
        except Refused:
            raise
        except UnusableReply as problem:
            again = repair_prompt(question.prompt, reply.text, str(problem))
        reply = self._ask(question.asked()._replace(prompt=again), tally, replies, left)
        return {**_read(question, reply).dump(), "repaired": True}

    def _cost(self, replies: Iterable[Completion]) -> float | None:
        """US dollars; `None` when a price is unknown, for batch inference as for calls."""
        paid = [(self._batch_price if reply.batch else self._price, reply.usage) for reply in replies]
        paid = paid or [(self._price, Usage(0, 0))]
        costs = [price.cost(usage) for price, usage in paid if price]
        return sum(costs) if len(costs) == len(paid) else None

    def _ask(
        self, generation: Generation, tally: Tally, replies: list[Completion], left: Callable[[], float]
    ) -> Completion:
        """One reply, kept as what was paid for; so is one that answers nothing, and is billed."""

        def call() -> Completion:
            try:
                reply = self._model.generate(generation, SECONDS)
            except ArbiterError as error:
                if error.usage:
                    replies.append(Completion("", error.code, Usage(*error.usage)))
                raise
            replies.append(reply)
            return reply

        return self._pace.run(call, tally, seconds=SECONDS, left=left)


class Refused(UnusableReply):
    """A reply that the model or its guardrail withheld."""

    code = "refused"


def _read(question: Question, reply: Completion) -> Grades | Preference:
    if reply.stop_reason in SILENT:
        raise Refused(f"the judge withheld its reply ({reply.stop_reason})")
    return question.read(reply.text)


def _failure(code: str, error: Exception, *, retryable: bool) -> Record:
    return {"failure": {"code": code, "message": str(error), "retryable": retryable}}
