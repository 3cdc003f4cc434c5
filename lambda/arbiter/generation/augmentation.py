"""Context-augmented samples: a pair's passage among passages found for its question, asked as at inference."""

import re
from collections.abc import Sequence
from hashlib import blake2b

from arbiter.answering.prompts import SYSTEM, Passage, grounded_turn
from arbiter.generation.acceptance import trainable
from arbiter.generation.pairs import Pair
from arbiter.generation.prompts import UNKNOWN_ANSWER
from arbiter.training_data.reading.samples import Sample, Turn

ABSENT_PERCENTAGE = 20
"""Samples without the passage that answers. RAFT (Zhang et al. 2024, arXiv 2403.10131) keeps it in P = 80 % of its
samples and leaves it out of the others, so that a model does not trust any passage that stands in the prompt. Unlike
there, the answer to be learnt is then that it is not known: the prompt at inference forbids any other."""

_SAID_ALREADY = 0.5
_ANSWERS = 0.8
_WORD = re.compile(r"\d+|\w{4,}")
"""Words that mean something: the short ones stand in every passage."""


def distractors(retrieved: Sequence[Passage], gold: str, answer: str) -> tuple[Passage, ...]:
    """Passages of a search that neither repeat the passage with the answer nor hold the answer themselves, and that
    may be trained on."""
    source, answered = _words(gold), _words(answer)
    return tuple(
        passage
        for passage in retrieved
        if _share(_words(passage.text), source) < _SAID_ALREADY
        and _share(source, _words(passage.text)) < _SAID_ALREADY
        and _share(answered, _words(passage.text)) < _ANSWERS
        and trainable(passage.text)
    )


def augmented(pair: Pair, uri: str, results: int) -> Sample:
    """The sample of a pair, with as many passages as a request gets."""
    gold = Passage(pair.passage.text, uri, None)
    absent = is_absent(pair)
    shown = [*pair.distractors[:results]] if absent else [gold, *pair.distractors[: results - 1]]
    shown.sort(key=lambda passage: _rank(pair.id, passage.text))
    answer = UNKNOWN_ANSWER if absent else pair.answer
    turns = (Turn("user", grounded_turn(pair.question, shown).text), Turn("assistant", answer))
    return Sample(SYSTEM, turns)


def is_absent(pair: Pair) -> bool:
    """Whether a pair's sample goes without its passage: drawn by its id, and never where nothing else was found."""
    return bool(pair.distractors) and int(_rank(pair.id, ""), 16) % 100 < ABSENT_PERCENTAGE


def _rank(pair_id: str, text: str) -> str:
    return blake2b(f"{pair_id}\0{text}".encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()


def _words(text: str) -> frozenset[str]:
    return frozenset(_WORD.findall(text.lower()))


def _share(part: frozenset[str], total: frozenset[str]) -> float:
    return len(part & total) / len(part) if part else 0.0
