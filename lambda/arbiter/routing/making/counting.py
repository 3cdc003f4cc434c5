"""Counting the words of documents, one document after the other, in memory that does not grow with them."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from itertools import pairwise

from arbiter.routing.language import UNCOUNTED, language_of
from arbiter.routing.words import NUMBER, split, term

SECTION_WORDS, MOST_IN_SECTION = 120, 3
"""A term counts at most three times in a section: a table or a listing says it no louder."""
BLOCKS = 256
"""Into as many blocks of neighbouring sections the documents are divided."""
PIECE = 50_000
"""Characters of a document that are taken apart at once."""
MOST_COUNTED = 200_000
"""Terms, and pairs, that are counted at once; beyond that the rarest so far are forgotten."""


class Counts:
    """The counts of the documents read so far."""

    def __init__(self) -> None:
        self.rates: Counter[str] = Counter()
        self.spread: Counter[str] = Counter()
        self.pairs: Counter[str] = Counter()
        self.languages: Counter[str] = Counter()
        self.blocks: defaultdict[str, int] = defaultdict(int)
        self.documents = self.sections = self.words = 0
        self._block_size = 1

    def add(self, document: str) -> None:
        """Count one document."""
        self.documents += 1
        section: list[str] = []
        for start in range(0, len(document), PIECE):
            words = split(document[start : start + PIECE])
            self.languages[language_of(words)] += len(words)
            section += words
            end = len(section) - len(section) % SECTION_WORDS
            for first in range(0, end, SECTION_WORDS):
                self._add_section(section[first : first + SECTION_WORDS])
            del section[:end]
            self._forget()
        if section:
            self._add_section(section)

    def _add_section(self, words: Sequence[str]) -> None:
        names = [term(word) for word in words if word != NUMBER and word not in UNCOUNTED]
        if self.sections // self._block_size == BLOCKS:
            self._fold()
        block = 1 << self.sections // self._block_size
        self.sections += 1
        self.words += len(words)
        for name, count in Counter(names).items():
            self.rates[name] += min(count, MOST_IN_SECTION)
            self.spread[name] += 1
            self.blocks[name] |= block
        self.pairs.update({f"{first} {second}" for first, second in pairwise(names)})

    def _fold(self) -> None:
        """Join each two neighbouring blocks, so that there is room for as many sections again."""
        self._block_size *= 2
        for name, blocks in self.blocks.items():
            self.blocks[name] = int(f"{blocks | blocks >> 1:0{BLOCKS}b}"[1::2], 2)

    def _forget(self) -> None:
        _trim(self.pairs)
        if len(self.rates) > MOST_COUNTED:
            _trim(self.rates)
            for name in self.spread.keys() - self.rates.keys():
                del self.spread[name], self.blocks[name]


def _trim(counts: Counter[str]) -> None:
    """Forget the rarest until half of the room is free."""
    least = 1
    while len(counts) > MOST_COUNTED:
        rare = [name for name, count in counts.items() if count <= least]
        for name in rare[: len(counts) - MOST_COUNTED // 2]:
            del counts[name]
        least += 1
