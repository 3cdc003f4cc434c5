"""The pairs of a run brought together: each once, none that training refuses, as many as are wanted, evenly."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from heapq import heapify, heappop, heappush
from itertools import islice
from typing import Any

from arbiter.answering.prompts import Passage
from arbiter.costs.prices import Prices
from arbiter.costs.tokens import Usage
from arbiter.generation.acceptance import trainable
from arbiter.generation.augmentation import augmented, is_absent
from arbiter.generation.order import Order
from arbiter.generation.pairs import Drafts, Pair
from arbiter.generation.sources.allotment import document_id, weighted
from arbiter.training_data.text.sensitive_data import Detect, detects_nothing
from arbiter.training_data.text.similarity import NearTexts, by_characters, plain

ALIKE = 0.75
"""Share of three-character runs in common from which a question is another one's repetition."""

MOST_NAMED = 19
"""Documents left out that the pipeline itself names, with a line for the rest: its files name all."""
REASONS = {
    "answerable": "the documents do answer what they should not",
    "contradicted": "the passage says otherwise",
    "not_written": "the passage did not yield the kind",
    "off_topic": "the answer does not answer the question",
    "points_at_passage": "the question speaks of “the passage”",
    "refused_by_check": "training would refuse the text",
    "repeated": "the question was asked before",
    "surplus": "more than were wanted",
    "unreadable_reply": "the generator wrote no usable JSON, twice",
    "unsupported": "the passage does not say so",
    "unverified": "the verifier gave no verdict, twice",
}
"""Why pairs are dropped, in words."""


class Questions:
    """Remembers questions, to know one that was asked before in these or nearly these words."""

    def __init__(self) -> None:
        self._near, self._exact = NearTexts(ALIKE), set[str]()

    def repeats(self, question: str) -> bool:
        """Whether a question was asked before; if not, it is remembered."""
        words, sketch = plain(question), by_characters(question)
        if words in self._exact or self._near.find(sketch) is not None:
            return True
        self._exact.add(words)
        self._near.add(len(self._exact), sketch)
        return False


@dataclass
class Collection:
    """Collects the pairs of a run, document after document."""

    order: Order
    detect: Detect = detects_nothing
    questions: Questions = field(default_factory=Questions)
    pairs: list[Pair] = field(default_factory=list)
    dropped: Counter[str] = field(default_factory=Counter)
    used: dict[str, Usage] = field(default_factory=dict)
    left_out: dict[str, str] = field(default_factory=dict)
    documents: int = 0
    share_spent: int = 0
    judged: dict[str, bool] = field(default_factory=dict)
    """Passages found for questions -> whether they may be trained on."""

    def add(self, drafts: Drafts) -> None:
        """Take the pairs of one document."""
        self.documents += 1
        self.share_spent += drafts.share_spent
        self.dropped.update(drafts.dropped)
        if drafts.unreadable:
            self.left_out[drafts.document] = drafts.unreadable
        for model, usage in drafts.used.items():
            before = self.used.get(model, Usage(0, 0))
            self.used[model] = Usage(*(a + b for a, b in zip(before, Usage(**usage), strict=True)))
        for pair in drafts.pairs:
            if reason := self._refusal(pair):
                self.dropped[reason] += 1
            else:
                self.pairs.append(replace(pair, distractors=self._without_secrets(pair.distractors)))

    def _refusal(self, pair: Pair) -> str | None:
        passage = [pair.passage.text] if self.order.target == "combined" else []
        if not trainable(pair.question, pair.answer, *passage, detect=self.detect):
            return "refused_by_check"
        return "repeated" if self.questions.repeats(pair.question) else None

    def _without_secrets(self, passages: Sequence[Passage]) -> tuple[Passage, ...]:
        return tuple(passage for passage in passages if self._holds_no_secret(passage.text))

    def _holds_no_secret(self, text: str) -> bool:
        # The same passages are found for many questions, and looking for secrets is slow.
        if text not in self.judged:
            self.judged[text] = trainable(text, detect=self.detect)
        return self.judged[text]

    def chosen(self) -> list[Pair]:
        """As many pairs as were wanted; what is left over is counted as surplus."""
        chosen = evenly(self.pairs, self.order.pairs, weighted(self.order.kinds))
        self.dropped["surplus"] = len(self.pairs) - len(chosen)
        return chosen

    def report(self, chosen: Sequence[Pair], estimate: Mapping[str, Any], prices: Prices) -> dict[str, Any]:
        """Report the run's order, its pairs, and what they took."""
        cost = prices.bill(self.used).usd
        combined = self.order.target == "combined"
        return {
            **self.order.dump(),
            "wanted": self.order.pairs,
            "pairs": len(chosen),
            "by_kind": dict(Counter(pair.kind for pair in chosen)),
            "dropped": {reason: count for reason, count in sorted(self.dropped.items()) if count},
            "documents": self.documents,
            "documents_used": len({pair.document for pair in chosen}),
            "share_spent": self.share_spent,
            "left_out": {**estimate["left_out"], **self.left_out},
            "without_passage": sum(map(is_absent, chosen)) if combined else 0,
            "without_distractors": sum(not pair.distractors for pair in chosen) if combined else 0,
            "used": {model: usage._asdict() for model, usage in self.used.items()},
            "tokens": sum(sum(usage) for usage in self.used.values()),
            "cost_usd": None if cost is None else round(cost, 6),
            "estimate": dict(estimate),
        }


def brief(record: Mapping[str, Any], key: str) -> dict[str, Any]:
    """A report or estimate as a state of the pipeline may return it: that takes 256 KB, and names are long."""
    left_out: Mapping[str, str] = record["left_out"]
    more = {f"and {len(left_out) - MOST_NAMED:,} more": f"{key} names all"} if len(left_out) > MOST_NAMED else {}
    return {**record, "left_out": {**dict(islice(left_out.items(), MOST_NAMED)), **more}}


def evenly(pairs: Iterable[Pair], wanted: int, turn: Sequence[str]) -> list[Pair]:
    """So many pairs: documents in turn, and of each document the kind that is furthest behind its part."""
    open_pairs: dict[str, list[Pair]] = defaultdict(list)
    for pair in pairs:
        open_pairs[pair.document].append(pair)
    taken: Counter[str] = Counter()
    chosen: list[Pair] = []
    waiting = [(0, document_id(document), left) for document, left in open_pairs.items()]
    heapify(waiting)
    while waiting and len(chosen) < wanted:
        count, name, left = heappop(waiting)
        pair = min(left, key=lambda one: (taken[one.kind] + 1) / turn.count(one.kind))
        left.remove(pair)
        taken[pair.kind] += 1
        chosen.append(pair)
        if left:
            heappush(waiting, (count + 1, name, left))
    return chosen


def line_of(pair: Pair, order: Order, uri: str, results: int) -> bytes:
    """The pair as its reader takes it: a training pair, a context-augmented sample, or an evaluation case."""
    origin = {"id": pair.id, "document": pair.document, "tags": [pair.kind]}
    if order.target == "combined":
        return as_line({**json.loads(augmented(pair, uri, results).dump()), **origin})
    known = {**origin, "question": pair.question}
    if order.purpose == "evaluation":
        return as_line({**known, "reference": pair.answer})
    return as_line({**known, "answer": pair.answer})


def as_line(value: Mapping[str, Any]) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode() + b"\n"


def none_left(dropped: Mapping[str, int]) -> str:
    """The sentence for who gets no pair at all."""
    why = "; ".join(f"{REASONS.get(reason, reason)} ({count:,})" for reason, count in dropped.items())
    remedy = "More documents give more, or longer ones"
    return f"no pair was good enough: {why}. {remedy}" if why else f"no pair was written. {remedy}"
