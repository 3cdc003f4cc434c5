"""A look into the passages of a folder, where the profiles leave it open whether a question needs the documents.

It stands in for the store of a deployment: by meaning where the encoders of the local AWS are installed, else by words.
"""

from array import array
from collections import defaultdict
from collections.abc import Iterator, Sequence
from math import log10
from operator import mul
from statistics import fmean, pstdev
from typing import Literal, NamedTuple

from arbiter.routing.asking import offers_options
from arbiter.routing.conversation import leaning, subject
from arbiter.routing.heads import assess, judge_specialised
from arbiter.routing.knowledge import KnowledgeProfile
from arbiter.routing.language import UNCOUNTED
from arbiter.routing.making.general import UNSEEN, background, general_rates
from arbiter.routing.translation import english_of, stem
from arbiter.routing.words import NUMBER, Sentence, sentences, split, term
from cli.routing.meaning import Meaning, Meanings, Reading, fitted

PASSAGE_WORDS, STEP = 60, 30
"""Counted words of a passage, and from one passage's beginning to the next: an answer is cut by few of them."""
OWN_QUANTILE, FOREIGN_QUANTILE = 0.98, 0.95
"""Share of the background requests that must stay below the limit, in the documents' language and in another."""
EVERY = 2
"""Of how many English background requests one is tried by meaning: the others taught what asking of a house means."""
WORDS_SHARE = 0.5
"""Weight of the words in common beside the profile's own score, in standard deviations: it knows most of them."""
MOST_NUMBERS, MOST_SENTENCES = 4, 4
"""Of a request, beyond which more say no more."""
COMMONEST, LEAST, MOST = 2.5, 0.3, 4.0
"""Decades of rarity in general language that say nothing, and the least and the most that a word weighs."""


class Look(NamedTuple):
    """The level of a question, against what requests about nothing here reach in the same folder."""

    best: float
    limit: float
    by: Literal["meaning", "words"]

    @property
    def hit(self) -> bool:
        """Whether the documents speak of it."""
        return self.best > self.limit


class Scores(NamedTuple):
    """A request by profile, by meaning and by form."""

    margin: float
    """Of the profile's score above its threshold."""
    passage: float
    asks: float = 0.0
    usual: float = 0.0
    numbers: int = 0
    """Beyond the first one."""
    sentences: int = 0


class Scale:
    """Levels of requests, each one sum of its scores, and the limit that background requests stay below."""

    def __init__(self, background_scores: Sequence[Scores], weights: Sequence[float], quantile: float) -> None:
        passages = [one.passage for one in background_scores]
        self._mean, self._spread, self._weights = fmean(passages), pstdev(passages) or 1.0, weights
        levels = sorted(map(self.level, background_scores))
        self.limit = levels[int(quantile * len(levels))]

    def level(self, scores: Scores) -> float:
        """The sum of the scores, that of the passage as it stands among those of the background."""
        standing = scores._replace(passage=(scores.passage - self._mean) / self._spread)
        return float(sum(map(mul, self._weights, standing)))


class Passages:
    """Overlapping passages by their words, and pairs of sentences by their meaning."""

    def __init__(self, meanings: Meanings | None = None) -> None:
        self._meanings = meanings
        self._holding: dict[str, array[int]] = {}
        self._count = 0
        self._scales: dict[str, Scale | None] = {}

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
        margin, language = assessment.grounded.margin, assessment.language
        parts = sentences(question)
        turns = leaning(parts, earlier, knowledge.terms)
        if scale := self._by_meaning(language, knowledge):
            asked = f"{earlier[-1]} {question}" if turns else question
            if (meanings := self._meant([asked], _reading(language, knowledge))) is not None:
                return _look(scale, Scores(margin, *meanings[0], *form(parts)), "meaning")
        about = [*subject(question, parts), *turns]
        if turns:
            about = [Sentence(0, tuple(word for part in about for word in part.words))]
        scores = Scores(margin, self._best(about, language, knowledge))
        return _look(self._by_words(language, knowledge), scores, "words")

    def _by_meaning(self, language: str, knowledge: KnowledgeProfile) -> Scale | None:
        """The scale of the encoders' scores, by the language of requests; `None` without them or with many passages."""
        name = f"meaning {language}"
        if name not in self._scales:
            reading = _reading(language, knowledge)
            shipped = language if language in background() else "en"
            texts = _open(background()[shipped][:: EVERY if shipped == "en" else 1])
            meanings = self._meant(texts, reading)
            self._scales[name] = None
            if meanings is not None:
                scores = [
                    Scores(_margin(text, knowledge), *one, *form(sentences(text)))
                    for text, one in zip(texts, meanings, strict=True)
                ]
                quantile = OWN_QUANTILE if language in knowledge.languages else FOREIGN_QUANTILE
                self._scales[name] = Scale(scores, fitted()[reading]["weights"], quantile)
        return self._scales[name]

    def _meant(self, texts: Sequence[str], reading: Reading) -> list[Meaning] | None:
        return self._meanings.of(texts, reading) if self._meanings else None

    def _by_words(self, language: str, knowledge: KnowledgeProfile) -> Scale:
        """The scale of the words in common, for requests of a language."""
        shipped = language if language in background() else "en"
        if (scale := self._scales.get(shipped)) is None:
            scores = [
                Scores(_margin(text, knowledge), self._best(subject(text, sentences(text)), shipped, knowledge))
                for text in _open(background()[shipped])
            ]
            quantile = OWN_QUANTILE if language in knowledge.languages else FOREIGN_QUANTILE
            scale = self._scales[shipped] = Scale(scores, (1.0, WORDS_SHARE), quantile)
        return scale

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


def form(parts: Sequence[Sentence]) -> tuple[int, int]:
    """The numbers of a request beyond the first one, and its sentences; what demands a style says nothing of either."""
    parts = [part for part in parts if judge_specialised([part], None, "quality").outcome == "no"]
    numbers = sum(part.words.count(NUMBER) for part in parts)
    return max(0, min(numbers, MOST_NUMBERS) - 1), max(1, min(len(parts), MOST_SENTENCES))


def _look(scale: Scale, scores: Scores, by: Literal["meaning", "words"]) -> Look:
    return Look(round(scale.level(scores), 2), round(scale.limit, 2), by)


def _reading(language: str, knowledge: KnowledgeProfile) -> Reading:
    """By both encoders where question and documents are English, which one of them knows alone."""
    return "english" if language == knowledge.languages[0] == "en" else "any"


def _open(texts: Sequence[str]) -> list[str]:
    """Requests that may be looked for: those of exams are not."""
    return [text for text in texts if not offers_options(sentences(text))]


def _margin(text: str, knowledge: KnowledgeProfile) -> float:
    return assess(text, [], knowledge).grounded.margin


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
