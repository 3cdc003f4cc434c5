"""Bringing the pairs of a run together in its files."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from arbiter import log
from arbiter.costs.prices import Prices
from arbiter.generation import order as keys
from arbiter.generation.collection import Collection, as_line, brief, line_of, none_left
from arbiter.generation.order import GenerationRejected, Order
from arbiter.generation.pairs import Drafts
from arbiter.settings.generating import CollectPairsSettings
from arbiter.store import Store
from arbiter.training_data.text.sensitive_data import Detect, detects_nothing

READERS = 16


@dataclass(frozen=True)
class Collector:
    """Reads the drafts of every document, and writes the run's files."""

    settings: CollectPairsSettings
    results: Store
    detect: Detect = detects_nothing

    def collect(self, run: str) -> dict[str, Any]:
        """Write pairs, sources and report.

        Raises:
            GenerationRejected: no pair is left; with the reasons.
        """
        planned = json.loads(self.results.read(keys.estimate_key(run)))
        order = Order.parse(planned["order"])
        collection = Collection(order, self.detect)
        for drafts in self._drafts(run):
            collection.add(drafts)
        chosen = collection.chosen()
        report = collection.report(chosen, planned["estimate"], Prices(self.settings.prices))
        if not chosen:
            raise GenerationRejected(none_left(report["dropped"]))
        lines = b"".join(line_of(pair, order, self._uri(pair.document), self.settings.results) for pair in chosen)
        self.results.write(keys.pairs_key(run), lines, content_type="application/jsonl")
        sources = b"".join(as_line(pair.dump()) for pair in chosen)
        self.results.write(keys.sources_key(run), sources, content_type="application/jsonl")
        self.results.write(keys.report_key(run), json.dumps(report, indent=2).encode(), content_type="application/json")
        log.write("pairs collected", run=run, pairs=len(chosen), dropped=report["dropped"])
        key = keys.report_key(run)
        return {**brief(report, key), "estimate": brief(report["estimate"], key)}

    def _uri(self, document: str) -> str:
        """As the knowledge base names it."""
        return f"s3://{self.settings.documents_bucket}/{document}"

    def _drafts(self, run: str) -> Iterator[Drafts]:
        """In the order of their keys, so that the same records always give the same pairs."""
        listed = sorted(item.key for item in self.results.listing(keys.drafts_prefix(run)))
        with ThreadPoolExecutor(READERS) as readers:
            yield from readers.map(lambda key: Drafts.parse(json.loads(self.results.read(key))), listed)
