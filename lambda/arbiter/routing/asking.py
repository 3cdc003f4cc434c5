"""How a request asks: as one asks a house, a firm or a manual, or as one chats, orders, examines or wonders.

Which words the documents know says little where they are few and speak everyday language. "Can I bring ...?", "When do
we get ...?", a refund and a lost key want to be looked up; "Who was ...?", "Write ..." and four options do not.
"""

import json
from collections.abc import Mapping, Sequence, Set
from functools import cache, lru_cache
from importlib import resources
from itertools import pairwise, repeat
from typing import NamedTuple

from arbiter.routing.language import SMALL_WORDS, UNCOUNTED
from arbiter.routing.translation import stem
from arbiter.routing.words import NUMBER, REMEMBERED, Sentence, term

SMALL = UNCOUNTED | {NUMBER}
OTHER = "*"
"""Stands for every word with a subject."""
START = "^"
"""Stands before the first two words of a sentence."""
MOST_SENTENCES, LENGTH_STEP, MOST_STEPS = 4, 4, 6
TAKEN_TWICE = 16
"""Sentences whose marks are remembered: a request is weighed as one, and sentence by sentence."""
OPTIONS, FEWEST_OPTIONS = frozenset("abcd"), 3
"""Letters before the answers of an exam question, and how many of them make one."""
MOST = 4.0
"""Beyond it, on either side of zero, the way of asking says no more."""


class Marks(NamedTuple):
    """The constant, and the weight of each mark, fitted on questions to documents and on background requests."""

    bias: float
    weights: Mapping[str, float]
    lengths: Sequence[float]
    """Of a request of so many steps of words."""
    counts: Sequence[float]
    """Of a request of so many sentences."""


@cache
def _shipped() -> Marks:
    text = (resources.files("arbiter.routing") / "data" / "asking.json").read_text(encoding="utf-8")
    shipped = json.loads(text)
    weights: Mapping[str, float] = shipped["weights"]
    return Marks(
        shipped["bias"],
        weights,
        [weights.get(_length(steps), 0.0) for steps in range(MOST_STEPS + 1)],
        [weights.get(_count(sentences), 0.0) for sentences in range(MOST_SENTENCES + 1)],
    )


def inquiry(parts: Sequence[Sentence]) -> float:
    """How much a request asks as one asks of documents: above zero more than not."""
    bias, weights, lengths, counts = _shipped()
    steps, sentences = _size(parts)
    level = bias + lengths[steps] + counts[sentences] + sum(map(weights.get, _marks_within(parts), repeat(0.0)))
    return max(-MOST, min(MOST, level))


def marks(parts: Sequence[Sentence]) -> set[str]:
    """The words of a request, the beginnings of its sentences, its length, and what else shows in its form."""
    steps, sentences = _size(parts)
    return {*_marks_within(parts), _length(steps), _count(sentences)}


def _size(parts: Sequence[Sentence]) -> tuple[int, int]:
    """The steps of words, and the sentences, that a request has: beyond some, more say no more."""
    words = len(parts[0].words) if len(parts) == 1 else sum([len(part.words) for part in parts])
    return min(MOST_STEPS, words // LENGTH_STEP), min(MOST_SENTENCES, len(parts))


def _marks_within(parts: Sequence[Sentence]) -> Set[str]:
    if len(parts) == 1:
        return _marks_of(parts[0].words)
    met: set[str] = set().union(*[_marks_of(part.words) for part in parts])
    if offers_options(parts):
        met.add("options")
    return met


def _length(steps: int) -> str:
    return f"length {steps}"


def _count(sentences: int) -> str:
    return f"sentences {sentences}"


@lru_cache(maxsize=TAKEN_TWICE)
def _marks_of(words: tuple[str, ...]) -> Set[str]:
    """The marks that a sentence has by itself."""
    first = words[0] if words[0] in SMALL else OTHER
    second = "" if len(words) == 1 else words[1] if words[1] in SMALL else OTHER
    met = {*map(_mark, words), START + first, f"{START}{first} {second}"}
    if not SMALL_WORDS["ours"].isdisjoint(words):
        met.add("ours")
    if _asks_leave(words):
        met.add("leave")
    return met


@lru_cache(maxsize=REMEMBERED)
def _mark(word: str) -> str:
    """The word itself where it is small, else its root: "refund" and "refunded" are asked of the same houses."""
    return word if word in SMALL else stem(term(word), "en")


def offers_options(parts: Sequence[Sentence]) -> bool:
    """Whether a request lists answers to choose from ("A. ... B. ... C. ..."), as exams do and askers do not."""
    return len(parts) >= FEWEST_OPTIONS and sum([part.words[-1] in OPTIONS for part in parts]) >= FEWEST_OPTIONS


def _asks_leave(words: Sequence[str]) -> bool:
    """Whether a sentence asks what its speaker may or must; "What can I do about ants?" asks for advice."""
    if words[0] in SMALL_WORDS["leave alone"]:
        return True
    asked, who = SMALL_WORDS["leave"], SMALL_WORDS["leave who"]
    if words[0] in SMALL_WORDS["leave first"] and not who.isdisjoint(words[1:2]):
        return True
    return not asked.isdisjoint(words) and any(verb in asked and after in who for verb, after in pairwise(words))
