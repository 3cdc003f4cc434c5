"""A pair that was kept: question and answer, where they come from, and why they were believed."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any

from arbiter.answering.prompts import Passage
from arbiter.generation.replies import Draft, Verdict
from arbiter.generation.sources.passages import Excerpt


@dataclass(frozen=True, kw_only=True)
class Pair:
    """One question with its answer and its source."""

    id: str
    question: str
    answer: str
    kind: str
    document: str
    passage: Excerpt
    verdict: Verdict
    distractors: tuple[Passage, ...] = ()
    """Passages that are found for the question and do not answer it; only for context-augmented samples."""

    @classmethod
    def of(
        cls, draft: Draft, document: str, passage: Excerpt, verdict: Verdict, distractors: Sequence[Passage] = ()
    ) -> "Pair":
        return cls(
            id=_id(document, draft.question),
            question=draft.question,
            answer=draft.answer,
            kind=draft.kind,
            document=document,
            passage=passage,
            verdict=verdict,
            distractors=tuple(distractors),
        )

    def dump(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "question": self.question,
            "answer": self.answer,
            "kind": self.kind,
            "document": self.document,
            "passage": self.passage.dump(),
            "verdict": {"reason": self.verdict.reason, "verdict": self.verdict.verdict},
            "distractors": [{"text": passage.text, "uri": passage.uri} for passage in self.distractors],
        }

    @classmethod
    def parse(cls, value: Mapping[str, Any]) -> "Pair":
        texts = {name: value[name] for name in ("id", "question", "answer", "kind", "document")}
        return cls(
            **texts,
            passage=Excerpt.parse(value["passage"]),
            verdict=Verdict(**value["verdict"]),
            distractors=tuple(Passage(one["text"], one["uri"], None) for one in value["distractors"]),
        )


@dataclass
class Drafts:
    """The drafts of one document; written after every passage, so that a broken run goes on where it was."""

    document: str
    asked: int
    pairs: list[Pair] = field(default_factory=list)
    dropped: Counter[str] = field(default_factory=Counter)
    passages_read: int = 0
    used: dict[str, dict[str, int]] = field(default_factory=dict)
    cost_usd: float | None = None
    unreadable: str | None = None
    share_spent: bool = False
    done: bool = False

    def dump(self) -> dict[str, Any]:
        return {
            **vars(self),
            "pairs": [pair.dump() for pair in self.pairs],
            "dropped": dict(self.dropped),
        }

    @classmethod
    def parse(cls, value: Mapping[str, Any]) -> "Drafts":
        parsed = {
            "pairs": [Pair.parse(pair) for pair in value["pairs"]],
            "dropped": Counter(value["dropped"]),
        }
        return cls(**{**value, **parsed})


def _id(document: str, question: str) -> str:
    """Good as a case's id too, and the same in every run."""
    text = f"{document}\0{question}"
    return "q-" + blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()
