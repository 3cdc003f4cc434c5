"""Writing and verifying the pairs of one document, from wherever an earlier attempt ended."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from arbiter import log
from arbiter.answering.prompts import Passage, Prompt
from arbiter.answering.request import Request, Retrieval
from arbiter.answering.retrieval import Query, Retriever, find_passages
from arbiter.answering.retry import Attempts, Backoff, Clock, Deadline
from arbiter.answering.writer import Completion, Generation
from arbiter.batch_inference.desk import Desk
from arbiter.batch_inference.models import DeferringModel, RepliedModel
from arbiter.costs.prices import Prices
from arbiter.errors import DeadlineExceeded, KnowledgeBaseUnavailable, ModelError, ModelNotReady, Throttled
from arbiter.generation.deferral import foresee
from arbiter.generation.drafting import Drafting, Purpose
from arbiter.generation.estimate import Share
from arbiter.generation.order import drafts_key, run_prefix
from arbiter.generation.pairs import Drafts
from arbiter.generation.sources.documents import UnreadableDocument, text_of
from arbiter.generation.sources.passages import Excerpt, cut
from arbiter.generation.spending import Spending
from arbiter.settings.generating import GeneratePairsSettings
from arbiter.store import ObjectMissingError, Store, exists
from arbiter.training_data.split import held_out

PASSING = (Throttled, ModelNotReady, ModelError, KnowledgeBaseUnavailable, DeadlineExceeded)
"""Errors that the state machine tries again, after the attempts made here."""
CALL_ATTEMPTS = 5
CALL_SECONDS = 90.0
NO_TIME_LEFT = 150.0
"""Seconds below which no further passage is begun: the longest call, its pauses, and the record."""


class Unfinished(Exception):  # noqa: N818 - the name is what the pipeline retries
    """The function's time is over before the document's; what was made is kept, and the next attempt goes on."""


@dataclass(frozen=True)
class Generator:
    """Goes on with a document's drafts, or begins them."""

    settings: GeneratePairsSettings
    documents: Store
    results: Store
    model: RepliedModel
    knowledge_base: Retriever
    backoff: Backoff
    clock: Clock

    def generate(self, event: Mapping[str, Any], seconds_left: Callable[[], float]) -> dict[str, Any]:
        """Write the drafts of one document, unless they are complete.

        Raises:
            Unfinished: the time is over; another attempt goes on.
            ArbiterError: a model or the knowledge base cannot be used.
        """
        share, key = Share(**event["share"]), drafts_key(event["run"], event["share"]["id"])
        drafts = self._known(key) or Drafts(share.document, share.pairs)
        if event.get("defer"):
            self._defer(event, share, drafts, seconds_left)
        elif not drafts.done:
            self._load_replies(event["run"], share.id)
            self._go_on(event, share, drafts, key, seconds_left)
        return {"document": share.document, "pairs": len(drafts.pairs)}

    def _known(self, key: str) -> Drafts | None:
        return Drafts.parse(json.loads(self.results.read(key))) if exists(self.results, key) else None

    def _load_replies(self, run: str, item: str) -> None:
        if self.settings.batch_inference:
            desk, models = Desk(self.results, run_prefix(run)), (self.settings.generator, self.settings.verifier)
            self.model.load(reply for name in models for reply in desk.replies(name, item))

    def _defer(self, event: Mapping[str, Any], share: Share, drafts: Drafts, seconds_left: Callable[[], float]) -> None:
        """Write down what one of the models will be asked, as far as that is certain."""
        generator, asked = self.settings.generator, getattr(self.settings, event["defer"])
        # What made no job of the generator's is asked on demand now: it makes the verifier's questions.
        deferring = DeferringModel(asked, {} if asked == generator else {generator: self.model})
        desk = Desk(self.results, run_prefix(event["run"]))
        trial = replace(self, model=RepliedModel(deferring))
        trial._load_replies(event["run"], share.id)

        def in_time() -> None:
            if seconds_left() < NO_TIME_LEFT:
                raise Unfinished(f"{share.document}: not all that is to be asked is known yet")

        if not drafts.done:
            try:
                drafting, passages = trial._drafting(event, share, seconds_left), self._passages(share)
                foresee(drafting, share, passages, drafts, Prices(self.settings.prices), in_time)
            except (UnreadableDocument, ObjectMissingError):
                # The map over the documents says so in the document's record.
                deferring.asked.clear()
            finally:
                desk.keep(generator, share.id, deferring.replies)
        desk.ask(asked, share.id, list(deferring.asked.values()))

    def _passages(self, share: Share) -> Sequence[Excerpt]:
        return cut(text_of(share.document, self.documents.read(share.document)), self.settings.passage_tokens)

    def _may_show(self, share: Share, passage: Passage) -> bool:
        document = passage.uri.removeprefix(self.documents.uri(""))
        return held_out(document, self.settings.held_out_percentage) == (document == share.swapped)

    def _go_on(
        self, event: Mapping[str, Any], share: Share, drafts: Drafts, key: str, seconds_left: Callable[[], float]
    ) -> None:
        spending = Spending(share.tokens, share.usd, Prices(self.settings.prices))
        spending.load(drafts.used)
        kept = drafts.dump()

        def save() -> None:
            nonlocal kept
            drafts.used, drafts.cost_usd = spending.dump(), spending.cost_of(spending.used)
            kept = drafts.dump()
            self.results.write(key, json.dumps(kept).encode(), content_type="application/json")

        def saved() -> None:
            save()
            if seconds_left() < NO_TIME_LEFT:
                raise Unfinished(f"{share.document}: {len(drafts.pairs)} of {share.pairs} pairs are written")

        try:
            self._drafting(event, share, seconds_left).write(share, self._passages(share), drafts, spending, saved)
        except (UnreadableDocument, ObjectMissingError) as error:
            drafts.unreadable, drafts.done = str(error), True
        except PASSING:
            # The passage is begun anew by the next attempt; what it has taken so far is paid for all the same.
            spent = {"used": spending.dump(), "cost_usd": spending.cost_of(spending.used)}
            self.results.write(key, json.dumps({**kept, **spent}).encode(), content_type="application/json")
            raise
        save()
        log.write("document used", run=event["run"], pairs=len(drafts.pairs), dropped=dict(drafts.dropped))

    def _drafting(self, event: Mapping[str, Any], share: Share, seconds_left: Callable[[], float]) -> Drafting:
        def attempts() -> Attempts:
            return Attempts(Deadline(seconds_left(), self.clock), self.backoff, self.clock, CALL_ATTEMPTS)

        def ask(model: str, prompt: Prompt, most_output: int, purpose: Purpose) -> Completion:
            asked = Generation(model, prompt, most_output, None, purpose)
            return attempts().run(lambda timeout: self.model.generate(asked, min(timeout, CALL_SECONDS)))

        def retrieve(query: Query) -> Sequence[Passage]:
            return attempts().run(lambda timeout: self.knowledge_base.retrieve(query, min(timeout, CALL_SECONDS)))

        def search(question: str) -> Sequence[Passage]:
            # Twice as many as a request gets: some hold the answer, and are no distractors.
            return find_passages(
                Request(question, retrieval=Retrieval(minimum_score=self.settings.minimum_score)),
                results=2 * self.settings.results,
                search=retrieve,
            )

        return Drafting(
            ask=ask,
            search=search,
            generator=self.settings.generator,
            verifier=self.settings.verifier,
            kinds=event["kinds"],
            augmented=event["target"] == "combined",
            may_show=lambda passage: self._may_show(share, passage),
        )
