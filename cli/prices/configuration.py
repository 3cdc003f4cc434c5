"""The price of one environment's configuration: left alone, used, synchronised, trained, evaluated, hosted."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from arbiter.answering.request import Retrieval
from arbiter.answering.retrieval import Query
from arbiter.costs import use
from arbiter.costs.amount import Amount, Charge, total
from arbiter.costs.idle import Priced, Resident, idle
from arbiter.costs.tokens import BYTES_PER_TOKEN, Usage
from arbiter.modes import Mode
from cli.prices.basis import (
    ALARM_METRICS,
    API_ALARM_METRICS,
    CHECK_ALARM_METRICS,
    HOSTING_ALARM_METRICS,
    KEYS,
    LETTING_IN_ALARM_METRICS,
    MODE_METRICS,
    QUESTION_TOKENS,
    ROUTER_SECONDS,
    Basis,
)
from stacks.settings.environment import Settings
from stacks.settings.prices import PriceBook

MORE = Amount(0.0, lower_bound=True)
"""What nobody knows the amount of beforehand."""


@dataclass(frozen=True)
class Pricing:
    """One environment's settings, prices and counts."""

    settings: Settings
    book: PriceBook
    basis: Basis

    @property
    def priced(self) -> Priced:
        """The price of any figure in the environment's region."""
        region = self.settings.region

        def amount(figure: str, model: str | None = None) -> Amount:
            return self.book.amount(figure, model, region=region)

        return amount

    @property
    def corpus(self) -> use.Corpus:
        chunking = self.settings.chunking
        return use.Corpus(
            documents=self.basis.documents,
            bytes=self.basis.document_bytes,
            chunk_tokens=chunking.embedded_tokens,
            overlap=chunking.overlap,
            dimensions=self.settings.models.embedding_dimensions,
        )

    @property
    def tuned(self) -> str:
        """The name under which the prices of what is tuned stand."""
        return f"custom:{self.settings.fine_tuning.base_model}"

    @property
    def modes(self) -> tuple[Mode, ...]:
        return tuple(mode for mode in Mode if self.settings.fine_tuning.enabled or not mode.specialised)

    def idle(self) -> list[Charge]:
        """A line for each resource that bills while nobody uses it."""
        tuning, edge = self.settings.fine_tuning, self.settings.edge
        hosted = tuning.enabled and tuning.hosting == "provisioned"
        resident = Resident(
            alarm_metrics=ALARM_METRICS
            + (HOSTING_ALARM_METRICS if hosted else 0)
            + (CHECK_ALARM_METRICS if self.settings.documents.check_schedule else 0)
            + (API_ALARM_METRICS if edge.deployed else 0)
            + (LETTING_IN_ALARM_METRICS if edge.deployed and edge.auth != "iam" else 0),
            keys=KEYS if self.settings.encryption == "customer_managed" else 0,
            checks_hosting=tuning.enabled,
            firewalls=int(edge.deployed and edge.waf),
            document_bytes=self.basis.document_bytes,
            **self._indexed,
        )
        return idle(resident, self.priced)

    @property
    def _indexed(self) -> dict[str, float]:
        """Bytes of the passages and their vectors, under the store that bills them; none where it is others'."""
        knowledge = self.settings.knowledge_base
        size = 0 if knowledge.existing else self.corpus.vector_bytes
        return {"vector_bytes": 0, "managed_bytes": size} if knowledge.managed else {"vector_bytes": size}

    def request(self, mode: Mode, *, rerank: bool = False) -> list[Charge]:
        """The parts of one request's price in a mode; with `rerank`, of one that asks for reranking."""
        edge, called = self.settings.edge, list[Charge]()
        if edge.deployed:  # A request comes through one of them.
            called += use.through_api(self.priced, keyed=edge.counted, guarded=edge.waf)
        elif edge.agents:
            called += use.through_gateway(self.priced)
        return [*self._answered(mode, rerank=rerank), *called]

    def answered_again(self) -> list[Charge]:
        """The parts of the price of a request that `router.shadow` has answered again: it passes no API."""
        written = self.priced("s3_writes_per_1k").times(2 / 1_000)
        return [
            *self._answered(Mode(self.settings.router.shadow.mode), rerank=False),
            Charge("router: budget of the day", written, use.REQUEST),
        ]

    def feedback(self) -> Charge | None:
        """The texts of one rated answer, kept beside the log; `None` where none are."""
        if self.settings.feedback.keep_text_days is None:
            return None
        written = self.priced("s3_writes_per_1k").times(1 / 1_000)
        return Charge("texts of a rated answer", written, "rating")

    def _answered(self, mode: Mode, *, rerank: bool) -> list[Charge]:
        model = self.tuned if mode.specialised else self.settings.models.base
        search = self.search(self.settings.models.rerank if rerank else None) if mode.grounded else None
        answered = use.request(model, self.basis.usage[mode], self.priced, search=search, corpus=self.corpus)
        function = use.Function(memory_gb=self.settings.router.memory_mb / 1024, seconds=ROUTER_SECONDS)
        return [*answered, *self._screening(mode), *use.running(function, self.priced)]

    def _screening(self, mode: Mode) -> Iterator[Charge]:
        """The guardrail's part of a request; in each mode the question is what one in the mode `base` reads."""
        if self.settings.guardrail is None:
            return iter(())
        usage, asked = self.basis.usage[mode], self.basis.usage[Mode.BASE].input_tokens
        passages = max(usage.input_tokens - asked, 0) if mode.grounded else 0
        screened = Usage(asked, usage.output_tokens)
        return use.screening(self.settings.guardrail.policies, screened, passages, self.priced)

    def search(self, rerank: str | None = None) -> use.Search:
        """The search of a request as the deployment is set."""
        settings = self.settings
        query = Query("", settings.retrieval.results, Retrieval(rerank=rerank is not None))
        return use.Search(
            embedding=settings.models.embedding,
            question_tokens=QUESTION_TOKENS,
            read=query.read,
            passage_tokens=settings.chunking.passage_tokens,
            rerank=rerank,
            hybrid=settings.retrieval.search == "hybrid",
            managed=settings.knowledge_base.managed,
        )

    def metrics(self) -> Charge:
        """The metrics of one mode, for a month in every hour of which it is asked."""
        return Charge(
            "metrics of a mode that is asked every hour", self.priced("metric_month").times(MODE_METRICS), use.MONTH
        )

    def sync(self) -> list[Charge]:
        """The parts of one sync that reads, cuts and embeds every document anew."""
        embedding = None if self.settings.knowledge_base.managed else self.settings.models.embedding
        return [*use.sync(self.corpus, embedding, self.priced), *self._parsing()]

    def _parsing(self) -> Iterator[Charge]:
        """Parsing by a model reads pages as pictures: at least the tokens of their text, in and out."""
        parsing = self.settings.parsing
        if parsing.model:
            both = self.priced("input_per_1k", parsing.model) + self.priced("output_per_1k", parsing.model)
            tokens = self.basis.document_bytes / BYTES_PER_TOKEN
            yield Charge("parsing by a model", both.times(tokens / 1_000) + MORE, use.SYNC)
        elif parsing.strategy == "data_automation":
            yield Charge("parsing", Amount.of_unknown("a page in Bedrock Data Automation"), use.SYNC)

    def training(self) -> Charge | None:
        """One training, a teacher's answers left out; `None` where nothing is tuned."""
        if not self.settings.fine_tuning.enabled:
            return None
        made = use.training(self.tuned, self.basis.training_tokens, self.priced)
        if self.settings.fine_tuning.teacher_model is None:
            return made
        return replace(made, name=f"{made.name}, without its teacher's answers", amount=made.amount + MORE)

    def storage(self) -> Charge | None:
        """A month of a tuned model's storage; `None` where nothing is tuned."""
        return use.storage(self.tuned, self.priced) if self.settings.fine_tuning.enabled else None

    def hosting(self) -> tuple[Charge, int] | None:
        """An hour of hosting, and the hours after which it ends; `None` where tokens are paid for."""
        tuning = self.settings.fine_tuning
        if not tuning.enabled or tuning.hosting != "provisioned" or tuning.provisioned is None:
            return None
        return use.hosting(self.tuned, tuning.provisioned.model_units, self.priced), tuning.provisioned.ttl_hours


def summed(charges: list[Charge]) -> Amount:
    """The sum of lines."""
    return total(charge.amount for charge in charges)
