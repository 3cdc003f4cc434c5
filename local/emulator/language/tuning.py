"""What a customization job learns from its samples: a manner of answering, and the answers themselves."""

import math
from collections import Counter
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from local.emulator.embedding import lexical
from local.emulator.language.sentences import sentences, tokens
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
        """Statements said in this manner."""
        said = statements[: self.length]
        body = "\n".join(f"- {statement}" for statement in said) if self.bulleted else " ".join(said)
        return self.opening + body + self.closing


@dataclass(frozen=True)
class Memory:
    """One training sample, and where its question lies."""

    sample: Sample
    place: tuple[float, ...]


@dataclass(frozen=True)
class TunedModel:
    """A model as its training left it: its manner, and a memory of questions with their answers."""

    style: Style
    memory: tuple[Memory, ...]

    def recall(self, question: str) -> str | None:
        """The completion of the nearest training question, if that is near enough to be the same one."""
        asked = lexical.embed(question, _DIMENSIONS)
        best = max(self.memory, key=lambda known: _cosine(asked, known.place))
        return best.sample.completion if _cosine(asked, best.place) >= _SAME_QUESTION else None

    def nearest(self, question: str, count: int) -> list[Sample]:
        """The training samples whose questions are nearest, the nearest last."""
        asked = lexical.embed(question, _DIMENSIONS)
        ranked = sorted(self.memory, key=lambda known: _cosine(asked, known.place))
        return [known.sample for known in ranked[-count:]]


@dataclass(frozen=True)
class Step:
    """One step of training and the loss it started from."""

    number: int
    epoch: int
    loss: float


def learn(samples: list[Sample]) -> TunedModel:
    """Learn from training samples."""
    memory = tuple(Memory(sample, tuple(lexical.embed(sample.prompt, _DIMENSIONS))) for sample in samples)
    return TunedModel(style_of([sample.completion for sample in samples]), memory)


def style_of(completions: list[str]) -> Style:
    """The habits that most completions share."""
    texts = [completion.strip() for completion in completions]
    opening, closing = _shared_opening(texts), _shared_closing(texts)
    bodies = [text.removeprefix(opening).removesuffix(closing).strip() for text in texts]
    bulleted = _share(sum(body.startswith(("- ", "* ", "• ")) for body in bodies), bodies) >= _MOST
    return Style(opening, closing, bulleted, max(1, round(median(len(sentences(body)) for body in bodies))))


def training_steps(samples: list[Sample], epochs: int) -> list[Step]:
    """Cross-entropy of each completion under a bigram model of what was seen before it, epoch after epoch."""
    pairs: Counter[tuple[str, str]] = Counter()
    firsts: Counter[str] = Counter()
    words = {word for sample in samples for word in tokens(sample.completion)}
    steps: list[Step] = []
    for epoch in range(epochs):
        for sample in samples:
            said = ["", *tokens(sample.completion)]
            bigrams = list(pairwise(said))
            surprise = [-math.log((pairs[pair] + 1) / (firsts[pair[0]] + len(words))) for pair in bigrams]
            steps.append(Step(len(steps), epoch, sum(surprise) / max(1, len(surprise))))
            pairs.update(bigrams)
            firsts.update(pair[0] for pair in bigrams)
    return steps


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
