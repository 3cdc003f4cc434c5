"""The examples that are most like a question: by its words, without a call of any service."""

import math
from collections import Counter, defaultdict
from collections.abc import Sequence

from arbiter.answering.prompting.files import Example
from arbiter.costs.tokens import estimated_tokens
from arbiter.routing.words import split, term

MOST_SHOWN = 5
"""Examples in a prompt; more of them were of little use in published measurements, and all are paid for."""
NEARLY_THE_SAME = 0.9
"""Similarity from which an example asks the same as a question, in other words."""


class Selection:
    """Examples, and how rare each of their words is among them.

    The similarity of two questions is the cosine of their words, each weighted by the logarithm of how many examples
    there are for one that has it: exact for what few-shot examples are chosen by in practice, names and turns of
    phrase, within milliseconds. An embedding would cost a call of its own for every question.
    """

    def __init__(self, examples: Sequence[Example]) -> None:
        self._examples = examples
        words = [_words(example.question) for example in examples]
        spread = Counter(word for each in words for word in each)
        self._weights = {word: math.log(1 + len(examples) / count) for word, count in spread.items()}
        self._lengths = [self._length(each) for each in words]
        self._with: dict[str, list[int]] = defaultdict(list)
        for number, each in enumerate(words):
            for word in each:
                self._with[word].append(number)

    def choose(self, question: str, tokens: int, *, unseen: bool = False) -> tuple[Example, ...]:
        """The most similar examples within so many tokens, the nearest last: what stands last weighs most.

        Of several that ask the same question it is the first that fits: a copy teaches nothing, and another answer
        confuses.

        Args:
            unseen: Leave out examples that ask the question itself, which would give its answer away.
        """
        scores = self._scores(question)
        best = sorted(range(len(self._examples)), key=lambda number: (-scores[number], number))
        shown: dict[str, Example] = {}
        for number in best:
            if unseen and scores[number] >= NEARLY_THE_SAME:
                continue
            example = self._examples[number]
            asked = " ".join(example.question.casefold().split())
            needed = example_tokens(example)
            if needed <= tokens and asked not in shown:
                shown[asked] = example
                tokens -= needed
            if len(shown) == MOST_SHOWN:
                break
        return tuple(reversed(shown.values()))

    def _scores(self, question: str) -> list[float]:
        asked = _words(question)
        shared = [0.0] * len(self._examples)
        for word in asked & self._weights.keys():
            for number in self._with[word]:
                shared[number] += self._weights[word] ** 2
        length = self._length(asked)
        return [both / (length * own) if both else 0.0 for both, own in zip(shared, self._lengths, strict=True)]

    def _length(self, words: frozenset[str]) -> float:
        # A word that no example has is as rare as a word can be.
        rarest = math.log(1 + len(self._examples))
        return math.sqrt(sum(self._weights.get(word, rarest) ** 2 for word in words))


def example_tokens(example: Example) -> int:
    """About how many tokens an example has, rather too many."""
    return estimated_tokens(example.question) + estimated_tokens(example.answer)


def _words(text: str) -> frozenset[str]:
    return frozenset(map(term, split(text)))
