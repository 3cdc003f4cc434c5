"""Learning from training samples: a manner of answering, and the answers themselves."""

import math
from collections import Counter
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from local.emulator.embedding import lexical
from local.emulator.embedding.sentences import sentences, tokens
from local.emulator.language.prompt import question_of
from local.emulator.language.training_data import Sample

_MOST = 0.6  # a habit is what most completions share
_SAME_QUESTION = 0.6
_DIMENSIONS = 512
_LABEL_CHARACTERS = 60


@dataclass(frozen=True)
class Style:
    """How completions open, how they close, whether they are lists, and how long they are."""

    opening: str = ""
    closing: str = ""
    bulleted: bool = False
    length: int = 3

    def applied(self, statements: list[str]) -> str:
        """Statements put in this manner."""
        chosen = statements[: self.length]
        body = "\n".join(f"- {statement}" for statement in chosen) if self.bulleted else " ".join(chosen)
        return self.opening + body + self.closing


@dataclass(frozen=True)
class Memory:
    """One training sample, and where its question lies."""

    sample: Sample
    vector: tuple[float, ...]


@dataclass(frozen=True)
class TunedModel:
    """A model as its training left it: its manner, and a memory of questions with their answers."""

    style: Style
    memory: tuple[Memory, ...]

    def recall(self, question: str) -> str | None:
        """The completion of the nearest training question, if that is near enough to be the same one."""
        asked = lexical.embed(question, _DIMENSIONS)
        best = max(self.memory, key=lambda known: _cosine(asked, known.vector))
        return best.sample.completion if _cosine(asked, best.vector) >= _SAME_QUESTION else None

    def nearest(self, question: str, count: int) -> list[Sample]:
        """The training samples whose questions are nearest, the nearest last."""
        asked = lexical.embed(question, _DIMENSIONS)
        ranked = sorted(self.memory, key=lambda known: _cosine(asked, known.vector))
        return [known.sample for known in ranked[-count:]]


@dataclass(frozen=True)
class Step:
    """One step of training and the loss it started from."""

    number: int
    epoch: int
    loss: float


def learn(samples: list[Sample]) -> TunedModel:
    """Learn from training samples."""
    # Asked again, the question comes with other documents, or with none.
    questions = [question_of(sample.prompt) for sample in samples]
    vectors = [tuple(lexical.embed(question, _DIMENSIONS)) for question in questions]
    memory = tuple(Memory(sample, vector) for sample, vector in zip(samples, vectors, strict=True))
    return TunedModel(style_of([sample.completion for sample in samples]), memory)


def style_of(completions: list[str]) -> Style:
    """The habits that most completions share."""
    texts = [completion.strip() for completion in completions]
    opening, closing = _shared_opening(texts), _shared_closing(texts)
    bodies = [text.removeprefix(opening).removesuffix(closing).strip() for text in texts]
    bulleted = _share(sum(body.startswith(("- ", "* ", "• ")) for body in bodies), bodies) >= _MOST
    return Style(opening, closing, bulleted, max(1, round(median(len(sentences(body)) for body in bodies))))


class _Bigrams:
    """Which word follows which, as far as it was seen."""

    def __init__(self, words: int) -> None:
        self._pairs: Counter[tuple[str, str]] = Counter()
        self._firsts: Counter[str] = Counter()
        self._words = words

    def loss(self, text: str) -> float:
        """Cross-entropy of a text."""
        bigrams = list(pairwise(["", *tokens(text)]))
        surprise = [-math.log((self._pairs[pair] + 1) / (self._firsts[pair[0]] + self._words)) for pair in bigrams]
        return sum(surprise) / max(1, len(surprise))

    def see(self, text: str) -> None:
        """Learn from a text."""
        bigrams = list(pairwise(["", *tokens(text)]))
        self._pairs.update(bigrams)
        self._firsts.update(pair[0] for pair in bigrams)


def training_steps(samples: list[Sample], measured: list[Sample], epochs: int) -> tuple[list[Step], list[Step]]:
    """The loss of each sample before it is learned, epoch after epoch, and that of the `measured` after each epoch."""
    known = _Bigrams(len({word for sample in (*samples, *measured) for word in tokens(sample.completion)}))
    steps: list[Step] = []
    validation: list[Step] = []
    for epoch in range(epochs):
        for sample in samples:
            steps.append(Step(len(steps), epoch, known.loss(sample.completion)))
            known.see(sample.completion)
        if measured:
            mean = sum(known.loss(sample.completion) for sample in measured) / len(measured)
            validation.append(Step(len(steps) - 1, epoch, mean))
    return steps, validation


def _shared_opening(texts: list[str]) -> str:
    """A first sentence or line that most texts share, or a label up to its colon."""
    candidates: Counter[str] = Counter()
    for text in texts:
        first = sentences(text)[0] if text else ""
        label = first[: first.find(":") + 1]
        candidates.update({first, label} - {""})
    shared = [c for c, count in candidates.items() if _share(count, texts) >= _MOST and len(c) <= 4 * _LABEL_CHARACTERS]
    best = max(shared, key=len, default="")
    return best + _usual([text[len(best) : len(best) + 1] for text in texts if text.startswith(best)], best)


def _shared_closing(texts: list[str]) -> str:
    """A last sentence or line that most texts share."""
    counts = Counter(sentences(text)[-1] for text in texts if len(sentences(text)) > 1)
    best = max((last for last, count in counts.items() if _share(count, texts) >= _MOST), key=len, default="")
    return _usual([text[: -len(best)][-1:] for text in texts if best and text.endswith(best)], best) + best


def _usual(separators: list[str], affix: str) -> str:
    """The white space that usually stands between an affix and the body."""
    if not affix:
        return ""
    usual = Counter(separators).most_common(1)[0][0] if separators else " "
    return usual if usual.isspace() else " "


def _share(count: int, of: list[str]) -> float:
    return count / max(1, len(of))


def _cosine(left: list[float], right: tuple[float, ...]) -> float:
    return sum(a * b for a, b in zip(left, right, strict=True))
