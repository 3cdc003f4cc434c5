"""Samples that repeat or contradict one another, or give away what the evaluation asks."""

from collections.abc import Iterable, Iterator
from hashlib import blake2b

from arbiter.answering.prompts import questions_in
from arbiter.training_data.reading.samples import Sample
from arbiter.training_data.text.rules import Fault
from arbiter.training_data.text.similarity import NearTexts, by_characters, by_words, plain

NEAR = 0.8
"""Share of three-word runs in common from which a sample is said to nearly repeat another one."""
NEAR_QUESTION = 0.75
"""The same of three-character runs, between a sample's question and one of the evaluation."""


class Repetitions:
    """Remembers the samples of one file by digests and sketches, never by their texts."""

    def __init__(self, questions: Iterable[str] = ()) -> None:
        self._lines: dict[bytes, int] = {}
        self._answers: dict[bytes, tuple[bytes, int]] = {}
        self._near = NearTexts(NEAR)
        self._evaluated: dict[bytes, int] = {}
        self._near_evaluated = NearTexts(NEAR_QUESTION)
        for number, question in enumerate(questions, 1):
            self._evaluated.setdefault(_digest(plain(question)), number)
            self._near_evaluated.add(number, by_characters(question))

    def faults_of(self, line: int, sample: Sample) -> Iterator[Fault]:
        """The repetitions of a sample: of those before it, and of the evaluation."""
        yield from self._evaluation(sample)
        same = _digest(*(" ".join(text.split()) for text in _texts_of(sample)))
        first = self._lines.setdefault(same, line)
        if first != line:
            yield "duplicate", f"repeats line {first}", "remove one unless the weight is meant"
            return
        yield from self._alike(line, sample)

    def _alike(self, line: int, sample: Sample) -> Iterator[Fault]:
        system, *turns = (plain(text) for text in _texts_of(sample))
        *asked, answered = system, *turns
        answer, first = self._answers.setdefault(_digest(*asked), (_digest(answered), line))
        if answer != _digest(answered):
            problem = f"answers the question of line {first} differently"
            yield "contradiction", problem, "keep the right answer"
            return
        sketch = by_words(" ".join(turns))
        near = first if first != line else self._near.find(sketch)
        if near is None:
            self._near.add(line, sketch)
        else:
            yield "near_duplicate", f"nearly repeats line {near}", "keep the better one, or make them differ in more"

    def _evaluation(self, sample: Sample) -> Iterator[Fault]:
        if not self._evaluated:
            return
        questions = [text for turn in sample.turns if turn.role == "user" for text in _asked_in(turn.text)]
        if number := next(filter(None, (self._evaluated.get(_digest(plain(text))) for text in questions)), None):
            yield "asked_in_evaluation", f"asks question {number} of the evaluation", "remove the sample"
        elif number := next(filter(None, (self._near_evaluated.find(by_characters(text)) for text in questions)), None):
            problem = f"asks nearly the same as question {number} of the evaluation"
            yield "near_evaluation", problem, "remove the sample, or replace the question in the evaluation"


def _asked_in(turn: str) -> Iterator[str]:
    """The questions that a turn may ask: all of it, what it sets apart from its passages, and its last line."""
    yield turn
    *before, last = turn.strip().splitlines() or [""]
    if before:
        yield from questions_in(turn) or [last.removeprefix("Question:").removeprefix("Q:")]


def _texts_of(sample: Sample) -> Iterator[str]:
    """The texts of a sample in their order; a missing system prompt is told from an empty conversation."""
    yield sample.system or ""
    yield from (turn.text for turn in sample.turns)


def _digest(*texts: str) -> bytes:
    digest = blake2b(digest_size=12)
    for text in texts:
        encoded = text.encode("utf-8", "surrogatepass")
        digest.update(len(encoded).to_bytes(8, "big") + encoded)
    return digest.digest()
