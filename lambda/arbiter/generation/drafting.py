"""Pairs of one document: asked of the generator passage by passage, each checked by the verifier before it is kept."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol, TypeVar

from arbiter.answering.prompts import Passage, Prompt
from arbiter.answering.writer import Completion
from arbiter.costs.prices import in_batch
from arbiter.errors import BadModelOutput, TooLarge
from arbiter.generation import prompts
from arbiter.generation.acceptance import trainable
from arbiter.generation.augmentation import distractors
from arbiter.generation.estimate import Share
from arbiter.generation.pairs import Drafts, Pair
from arbiter.generation.plan import OUTPUT_A_PAIR, PAIRS_A_CALL
from arbiter.generation.replies import Draft, ReplyError, Verdict, read_drafts, read_verdict
from arbiter.generation.sources.allotment import kinds_of
from arbiter.generation.sources.passages import BYTES_PER_TOKEN, Excerpt, spread
from arbiter.generation.spending import ShareSpent, Spending

T = TypeVar("T")

MOST_OUTPUT_A_PAIR = 3 * OUTPUT_A_PAIR
MOST_OUTPUT_A_VERDICT = 300
FAILED = (BadModelOutput, TooLarge)
"""Failures of one passage or pair alone: another one may do."""


class Purpose(StrEnum):
    """The purpose of a call, as the account's invocation log names it."""

    GENERATE = "generate"
    VERIFY = "verify"


class Ask(Protocol):
    """A model that is asked within the time of the function, again after a passing failure."""

    def __call__(self, model: str, prompt: Prompt, most_output: int, purpose: Purpose) -> Completion:
        """The reply of one model to a prompt."""


Search = Callable[[str], Sequence[Passage]]
"""The knowledge base: passages for a question, as the router finds them."""


@dataclass(frozen=True, kw_only=True)
class Drafting:
    """Writes the pairs of one document."""

    ask: Ask
    search: Search
    generator: str
    verifier: str
    kinds: Sequence[str]
    augmented: bool
    """Whether pairs need distractors."""
    may_show: Callable[[Passage], bool]
    """Whether a passage may stand in training data: those of documents held out for evaluation may not."""

    def write(
        self, share: Share, passages: Sequence[Excerpt], drafts: Drafts, spending: Spending, saved: Callable[[], None]
    ) -> None:
        """Add pairs to `drafts` until there are as many as asked for, or no passage, or nothing of the share, is left.

        `saved` is called after every passage, and may stop the work by raising.
        """
        order = spread(-(-share.pairs // PAIRS_A_CALL), len(passages))
        try:
            for index in order[drafts.passages_read :]:
                if len(drafts.pairs) >= share.pairs:
                    break
                self._write_of(share, passages[index], drafts, spending)
                drafts.passages_read += 1
                saved()
        except ShareSpent:
            drafts.share_spent = True
        drafts.done = True

    def _write_of(self, share: Share, passage: Excerpt, drafts: Drafts, spending: Spending) -> None:
        count = min(PAIRS_A_CALL, share.pairs - len(drafts.pairs))
        begun = len(drafts.pairs) + sum(drafts.dropped.values())
        kinds = kinds_of(self.kinds, share.document, begun + count)[begun:]
        prompt = prompts.generator_prompt(share.document, passage.text, kinds)
        written = self._read(
            spending, self.generator, prompt, count * MOST_OUTPUT_A_PAIR, Purpose.GENERATE,
            lambda reply: read_drafts(reply, kinds),
        )  # fmt: skip
        if written is None:
            drafts.dropped["unreadable_reply"] += count
            return
        if missing := count - len(written):
            drafts.dropped["not_written"] += missing
        for draft in written:
            self._keep(draft, share.document, passage, drafts, spending)

    def _keep(self, draft: Draft, document: str, passage: Excerpt, drafts: Drafts, spending: Spending) -> None:
        if reason := _flaw(draft):
            drafts.dropped[reason] += 1
            return
        absent = draft.kind == "out_of_scope"
        retrieved = self.search(draft.question) if absent or self.augmented else ()
        verdict = self._verdict(draft, passage, retrieved, spending)
        if verdict is None:
            drafts.dropped["unverified"] += 1
        elif not verdict.keeps:
            drafts.dropped[verdict.verdict] += 1
        else:
            shown = [other for other in retrieved if self.may_show(other)] if self.augmented else []
            others = distractors(shown, passage.text, draft.answer)
            drafts.pairs.append(Pair.of(draft, document, passage, verdict, others))

    def _verdict(
        self, draft: Draft, passage: Excerpt, retrieved: Sequence[Passage], spending: Spending
    ) -> Verdict | None:
        """Ask the verifier; whether anything answers a question is judged over every passage retrieved for it."""
        prompt, verdicts = (
            prompts.support_prompt([passage.text], draft.question, draft.answer),
            prompts.SUPPORT_VERDICTS,
        )
        if draft.kind == "out_of_scope":
            texts = [passage.text, *(other.text for other in retrieved)]
            prompt, verdicts = prompts.absence_prompt(texts, draft.question), prompts.ABSENCE_VERDICTS
        return self._read(
            spending, self.verifier, prompt, MOST_OUTPUT_A_VERDICT, Purpose.VERIFY,
            lambda reply: read_verdict(reply, verdicts),
        )  # fmt: skip

    def _read(
        self,
        spending: Spending,
        model: str,
        prompt: Prompt,
        most_output: int,
        purpose: Purpose,
        read: Callable[[str], T],
    ) -> T | None:
        """Read a model's reply, after one repair turn if it must be; `None` when that does not help."""
        for _ in range(2):
            tokens = sum(len(text.encode()) for text in prompt.texts()) // BYTES_PER_TOKEN
            spending.require(model, tokens, most_output)
            try:
                completion = self.ask(model, prompt, most_output, purpose)
            except FAILED:
                return None
            spending.add(in_batch(model) if completion.batch else model, completion.usage)
            try:
                return read(completion.text)
            except ReplyError as error:
                prompt = prompts.repair_prompt(prompt, completion.text, str(error))
        return None


def _flaw(draft: Draft) -> str | None:
    """Why a pair is not worth verifying."""
    if draft.points_at_passage:
        return "points_at_passage"
    return None if trainable(draft.question, draft.answer) else "refused_by_check"
