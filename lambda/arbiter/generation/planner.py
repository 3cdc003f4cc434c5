"""Planning a generation run, and saying what it will take before anything is paid for."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from arbiter import log
from arbiter.answering.access import Access
from arbiter.answering.request import Retrieval
from arbiter.answering.retrieval import Query, Retriever
from arbiter.generation.collection import as_line, brief
from arbiter.generation.order import GenerationRejected, Order, estimate_key, plan_key
from arbiter.generation.plan import Planning
from arbiter.store import Store, exists

SEARCH_SECONDS = 20.0


@dataclass(frozen=True)
class Planner:
    """Plans a run once; the same run keeps its plan, so that it can be gone on with."""

    documents: Store
    results: Store
    knowledge_base: Retriever
    access: Access
    planning: Planning

    def plan(self, event: Mapping[str, Any]) -> dict[str, Any]:
        """Write the plan and its estimate.

        Raises:
            GenerationRejected: naming everything that is in the way.
        """
        order = Order.parse(event)
        planned = self._planned(order)
        if planned and event.get("begins") is True and (refusals := self._closed()):
            raise _refused(order, refusals)
        estimate = brief(planned or self._new(order), estimate_key(order.run))
        run = {name: value for name, value in order.dump().items() if name in ("run", "purpose", "target", "kinds")}
        return {**run, "pairs": order.pairs, "plan_key": plan_key(order.run), "estimate": estimate}

    def _planned(self, order: Order) -> dict[str, Any] | None:
        """The estimate of a run that is planned already."""
        key = estimate_key(order.run)
        if not exists(self.results, key):
            return None
        known = json.loads(self.results.read(key))
        if known["order"] != order.wanted():
            asked = ", ".join(f"{name} {value}" for name, value in known["order"].items() if name != "run")
            raise GenerationRejected(
                f"run {order.run!r} was planned for {asked}: ask for the same, or name another run"
            )
        estimate: dict[str, Any] = known["estimate"]
        return estimate

    def _new(self, order: Order) -> dict[str, Any]:
        sizes = {item.key: item.size for item in self.documents.listing()}
        shares, estimate = self.planning.plan(order, sizes)
        problems = estimate.problems(accepts_unknown=order.accept_unknown_cost)
        if order.target == "combined" and not self._searchable(next(iter(sizes), "")):
            problems.append("the knowledge base finds nothing to put beside a passage: ingest the documents first")
        if problems := problems or self._closed():
            raise _refused(order, problems)
        lines = b"".join(as_line(share.dump()) for share in shares)
        self.results.write(plan_key(order.run), lines, content_type="application/jsonl")
        # Last: a run with an estimate is one with a plan.
        record = json.dumps({"order": order.wanted(), "estimate": estimate.dump()}, indent=2).encode()
        self.results.write(estimate_key(order.run), record, content_type="application/json")
        log.write("generation planned", run=order.run, documents=estimate.documents, tokens=estimate.tokens)
        return estimate.dump()

    def _closed(self) -> list[str]:
        """Each model that cannot be called, with its reason."""
        return self.access([self.planning.generator, self.planning.verifier])

    def _searchable(self, key: str) -> bool:
        """Whether the knowledge base holds anything: it finds the nearest passages of any text."""
        return bool(self.knowledge_base.retrieve(Query(key or "documents", 1, Retrieval()), SEARCH_SECONDS))


def _refused(order: Order, problems: Sequence[str]) -> GenerationRejected:
    log.write("generation refused", level="WARNING", run=order.run, problems=len(problems))
    # One below the other: a model that cannot be called is told in lines of its own.
    return GenerationRejected("\n".join(problems))
