"""A folder of documents measured: how many, how large, in which languages."""

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from cli.sync.documents import LocalDocument, scan
from cli.sync.fitness import TEXT_TYPES

BYTES_PER_TOKEN = 4
FITS_INTO_A_PROMPT = 100_000
"""Tokens; models of today take 128,000 and more, and answers get worse before that."""
READ = 20_000
"""Characters of a document by which its language is told."""
_COMMON = {
    "English": "the and of to is in that for with are this you",
    "German": "der die und das ist nicht mit ein eine für auf den",
    "French": "le la les et des est une dans que pour pas du",
    "Spanish": "el los las y una que con para por del es se",
    "Italian": "il che di una per con non della sono gli più è",
    "Dutch": "de het een en van niet met voor zijn dat op te",
    "Portuguese": "o os as e uma que com para não do da em",
}
_WORDS = {language: frozenset(words.split()) for language, words in _COMMON.items()}
_WORD = re.compile(r"[^\W\d_]+")
FEWEST_WORDS = 5


class Corpus(NamedTuple):
    """The documents of a folder."""

    folder: str
    documents: int
    unfit: int
    tokens: int
    """About; of files that are no text, by their size, which is rather too much."""
    languages: dict[str, int]
    """Documents by language, of those that are text and long enough to tell."""

    @property
    def band(self) -> str:
        """The answer to the question about the corpus."""
        if not self.documents:
            return "none"
        return "large" if self.tokens > FITS_INTO_A_PROMPT else "small"

    @property
    def words(self) -> str:
        spoken = ", ".join(f"{language} {count:,}" for language, count in self.languages.items())
        unfit = f", {self.unfit:,} more that cannot be indexed" if self.unfit else ""
        tail = f"; languages: {spoken}" if spoken else ""
        return f"{self.documents:,} documents in {self.folder}{unfit}, about {self.tokens:,} tokens{tail}"


def measure_corpus(folder: Path) -> Corpus:
    """Measure the documents that a sync would bring in.

    Raises:
        CliError: there is no such folder.
    """
    manifest = scan(folder, secrets="not looked for")
    documents = [one for one in manifest.documents if not one.is_metadata]
    languages = Counter(_languages(documents))
    tokens = sum(one.size for one in documents) // BYTES_PER_TOKEN
    return Corpus(str(folder), len(documents), len(manifest.unfit), tokens, dict(languages.most_common()))


def _languages(documents: list[LocalDocument]) -> Iterator[str]:
    for document in documents:
        if document.path.suffix.lower() in TEXT_TYPES:
            with document.path.open(encoding="utf-8", errors="replace") as text:
                if language := language_of(text.read(READ)):
                    yield language


def language_of(text: str) -> str | None:
    """The language whose most common words a text has most of; `None` where it is too short to tell."""
    counts = Counter(_WORD.findall(text.lower()))
    scores = {language: sum(counts[word] for word in words) for language, words in _WORDS.items()}
    best = max(scores, key=scores.__getitem__)
    return best if scores[best] >= FEWEST_WORDS else None
