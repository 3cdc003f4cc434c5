"""The embedding model behind Titan's name: MiniLM joined with hashed words, or hashed words alone."""

import math
from functools import cache
from itertools import chain
from pathlib import Path
from typing import Any, Protocol

from local.emulator.embedding import lexical
from local.emulator.embedding.minilm import MOST_TOKENS, WIDTH, MiniLM
from local.emulator.embedding.sentences import sentences

DIMENSIONS = (256, 512, 1024)
_MEANING_SHARE = 1 / 4  # of the squared length; measured on 454 pages and 50 questions
_SENTENCE_TOKENS = 12  # more retrieve no better and take longer in proportion
_SHORTEST_SENTENCE = 3
MOST_SENTENCES = 6_000  # whose meaning is read at once
_FEWEST_TOKENS = 6  # where one sentence of each passage is read, in a text of some MB: it takes half as long
# The share of passages of which so few sentences are read. Of the 454 pages as one text, of 3.1 MB, 44 of 50 questions
# find their page by these or by words alone, 30 where one sentence has its full share: it hides what the words tell.
_SHARES = {1: 1 / 250, 2: 1 / 20, 3: 1 / 20}
_COMMONEST = 1000  # MiniLM's vocabulary is ordered by frequency; its first thousand are marks and letters


class Embed(Protocol):
    """Unit vectors of one of `DIMENSIONS`, for texts to be found (`passages`) or for questions to find them by."""

    def __call__(self, texts: list[str], dimensions: int, *, passages: bool) -> list[list[float]]: ...


class Encoder(Protocol):
    """The meaning of texts, one row each."""

    def embed(self, texts: list[str], most_tokens: int = ...) -> Any: ...


class Remembering:
    """An encoder that reads each text once: ways to cut the same documents share their sentences."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder
        self._known: dict[tuple[str, int], Any] = {}

    def embed(self, texts: list[str], most_tokens: int = MOST_TOKENS) -> Any:
        """One row a text."""
        import numpy

        new = [text for text in dict.fromkeys(texts) if (text, most_tokens) not in self._known]
        if new:
            rows = self._encoder.embed(new, most_tokens)
            self._known.update({(text, most_tokens): row for text, row in zip(new, rows, strict=True)})
        return numpy.array([self._known[text, most_tokens] for text in texts])


@cache
def embedder(*, remembers: bool = False) -> tuple[str, Embed]:
    """The model's name and its function; one that remembers grows with what it reads."""
    weights = MiniLM.installed()
    if weights is None:
        return "hashed words", _hashed_words
    encoder = MiniLM(weights)
    return "MiniLM with hashed words", _joined(weights, Remembering(encoder) if remembers else encoder)


def _hashed_words(texts: list[str], dimensions: int, *, passages: bool) -> list[list[float]]:
    return [lexical.embed(text, dimensions, passage=passages) for text in texts]


def _joined(weights: Path, encoder: Encoder) -> Embed:
    """Meaning in the first dimensions and words in the others; the joint cosine is their weighted sum."""
    import numpy

    rarity = _rarity_by_rank(weights / "vocab.txt")

    @cache
    def projection(width: int) -> Any:
        random = numpy.random.default_rng(7)
        orthonormal = numpy.linalg.qr(random.normal(size=(WIDTH, width)))[0]
        return (orthonormal * math.sqrt(WIDTH / width)).astype(numpy.float32)

    def embed(texts: list[str], dimensions: int, *, passages: bool) -> list[list[float]]:
        if not texts:
            return []  # an array without rows has no columns to join
        width = WIDTH * dimensions // 1024
        meaning, share = _passages(encoder, texts) if passages else (encoder.embed(_lines(texts)), _MEANING_SHARE)
        if width < WIDTH:
            meaning = meaning @ projection(width)
            meaning /= numpy.linalg.norm(meaning, axis=1, keepdims=True)
        rows = [lexical.embed(text, dimensions - width, rarity, passage=passages) for text in texts]
        words = numpy.array(rows, dtype=numpy.float32)
        parts = [meaning * math.sqrt(share), words * math.sqrt(1 - share)]
        vectors: list[list[float]] = numpy.concatenate(parts, axis=1).tolist()
        return vectors

    return embed


def _lines(questions: list[str]) -> list[str]:
    return [" ".join(question.split()) for question in questions]


def _passages(encoder: Encoder, texts: list[str]) -> tuple[Any, float]:
    """The mean of the meanings of all sentences, or of some from everywhere where there are too many; and its share."""
    import numpy

    passages = [_parts(text) for text in texts]
    tokens, share = _SENTENCE_TOKENS, _MEANING_SHARE
    if sum(map(len, passages)) > MOST_SENTENCES:
        count = max(1, MOST_SENTENCES // len(texts))
        passages = [_spread(parts, count) for parts in passages]
        tokens = _SENTENCE_TOKENS if count > 1 else _FEWEST_TOKENS
        share = _SHARES.get(count, _MEANING_SHARE)
    row = {part: position for position, part in enumerate(dict.fromkeys(chain(*passages)))}
    vectors = encoder.embed(list(row), tokens)  # chunks overlap: a sentence is read once
    meanings = numpy.array([vectors[[row[part] for part in parts]].sum(axis=0) for parts in passages])
    return meanings / numpy.linalg.norm(meanings, axis=1, keepdims=True), share


def _spread(parts: list[str], count: int) -> list[str]:
    """At most `count` of some parts, each from the middle of its share: a passage begins with the end of another."""
    few = len(parts) <= count
    return parts if few else [parts[(2 * index + 1) * len(parts) // (2 * count)] for index in range(count)]


def _parts(passage: str) -> list[str]:
    spoken = [part for part in sentences(passage) if _words(part) >= _SHORTEST_SENTENCE]
    return [lexical.content(part) for part in spoken] or [passage]


def _words(sentence: str) -> int:
    """How many words a sentence has; where none are parted, about two characters make one."""
    return len(sentence.split()) + sum(len(run) // 2 for run in lexical.UNSPACED.findall(sentence))


def _rarity_by_rank(vocabulary: Path) -> lexical.Rarity:
    """How much a word tells, by its rank in the vocabulary: the unknown ones tell most."""
    words = vocabulary.read_text(encoding="utf-8").splitlines()
    rank = {word: position for position, word in enumerate(words)}
    rarest = math.log((len(words) - _COMMONEST) / 100)

    @cache
    def rarity(stemmed: str) -> float:
        position = next((rank[word] for word in (stemmed, stemmed + "e", stemmed + "s") if word in rank), None)
        if position is None:
            return 1.4
        return 0.35 + 0.9 * max(0.0, math.log(max(1.0, (position - _COMMONEST + 100) / 100)) / rarest)

    return rarity
