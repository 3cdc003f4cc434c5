"""A look into the passages of a folder, where the profiles leave it open whether a question needs the documents.

It stands in for the store of a deployment: by meaning where the encoder of the local AWS is installed, else by words.
"""

from array import array
from collections import defaultdict
from collections.abc import Iterator, Sequence
from math import log10
from typing import Literal, NamedTuple

from arbiter.routing.asking import offers_options
from arbiter.routing.conversation import leaning, subject
from arbiter.routing.heads import assess
from arbiter.routing.knowledge import KnowledgeProfile
from arbiter.routing.language import UNCOUNTED
from arbiter.routing.making.general import UNSEEN, background, general_rates
from arbiter.routing.translation import english_of, stem
from arbiter.routing.words import NUMBER, Sentence, sentences, split, term
from cli.routing.meaning import Meanings

PASSAGE_WORDS, STEP = 60, 30
"""Counted words of a passage, and from one passage's beginning to the next: an answer is cut by few of them."""
QUANTILE = 0.99
"""Share of the background requests that are looked for, too, and must stay below the limit."""
COMMONEST, LEAST, MOST = 2.5, 0.3, 4.0
"""Decades of rarity in general language that say nothing, and the least and the most that a word weighs."""


class Look(NamedTuple):
    """The best passage for a question, against what requests about nothing here reach in the same folder."""

    best: float
    limit: float
    by: Literal["meaning", "words"]

    @property
    def hit(self) -> bool:
        """Whether the documents speak of it."""
        return self.best > self.limit


class Passages:
    """Overlapping passages by their words, and pairs of sentences by their meaning."""

    def __init__(self, meanings: Meanings | None = None) -> None:
        self._meanings = meanings
        self._holding: dict[str, array[int]] = {}
        self._count = 0
        self._limits: dict[tuple[str, str], float] = {}

    def add(self, text: str) -> None:
        """Take in one document."""
        if self._meanings:
            self._meanings.add(text)
        names = [term(word) for word in split(text) if word != NUMBER and word not in UNCOUNTED]
        for start in range(0, max(1, len(names) - PASSAGE_WORDS + STEP), STEP):
            for name in set(names[start : start + PASSAGE_WORDS]):
                self._holding.setdefault(stem(name, "en"), array("L")).append(self._count)
            self._count += 1

    def look(self, question: str, earlier: Sequence[str], knowledge: KnowledgeProfile, prefer: str) -> Look:
        """Search for a question, together with the messages that it leans on."""
        assessment = assess(question, earlier, knowledge, prefer=prefer)
        parts = sentences(question)
        turns = leaning(parts, earlier, knowledge.terms)
        if self._meanings and assessment.language == knowledge.languages[0] == "en":
            compared = self._meanings.compared(f"{earlier[-1]} {question}" if turns else question)
            if compared:
                return Look(round(compared[0], 2), round(compared[1], 2), "meaning")
        about = [*subject(question, parts), *turns]
        if turns:
            about = [Sentence(0, tuple(word for part in about for word in part.words))]
        limit = self._limit(assessment.language, prefer, knowledge)
        return Look(round(self._best(about, assessment.language, knowledge), 2), round(limit, 2), "words")

    def _limit(self, language: str, prefer: str, knowledge: KnowledgeProfile) -> float:
        """The score that unsure background requests of a language stay below; infinite where there are none."""
        shipped = language if language in background() else "en"
        if (shipped, prefer) not in self._limits:
            asked = ((text, sentences(text)) for text in background()[shipped])
            scores = sorted(
                self._best(subject(text, parts), shipped, knowledge)
                for text, parts in asked
                if not offers_options(parts) and assess(text, [], knowledge, prefer=prefer).grounded.outcome == "unsure"
            )
            self._limits[shipped, prefer] = scores[int(QUANTILE * len(scores))] if scores else float("inf")
        return self._limits[shipped, prefer]

    def _best(self, parts: Sequence[Sentence], language: str, knowledge: KnowledgeProfile) -> float:
        """The best passage for one of the sentences: the weight it has in common, times the root of its share."""
        best = 0.0
        for part in parts:
            shared: defaultdict[int, float] = defaultdict(float)
            total = 0.0
            for weight, stems in _wanted(part, language, knowledge.languages):
                total += weight
                for number in set().union(*(self._holding.get(name, ()) for name in stems)):
                    shared[number] += weight
            most = max(shared.values(), default=0.0)
            best = max(best, most * (most / total) ** 0.5 if total else 0.0)
        return best


def _wanted(part: Sentence, language: str, own: Sequence[str]) -> Iterator[tuple[float, frozenset[str]]]:
    """The counted words of a sentence: how much each weighs, and the stems that stand for it in the documents."""
    names = dict.fromkeys(term(word) for word in part.words if word != NUMBER and word not in UNCOUNTED)
    met: set[frozenset[str]] = set()
    for name in names:
        words = [name] if language in own else english_of(name, language) or [name]
        stems = frozenset(stem(word, "en") for word in words)
        if stems not in met:
            met.add(stems)
            yield max(_rarity(word, own[0]) for word in words), stems


def _rarity(name: str, language: str) -> float:
    return min(max(-log10(general_rates(language).get(name, UNSEEN)) - COMMONEST, LEAST), MOST)
