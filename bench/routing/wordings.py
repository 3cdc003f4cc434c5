"""Demands on form, voice and style, spelt out from wordings, and plain requests without one."""

import re
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import NamedTuple

from bench.routing.corpora import HERE, asked_elsewhere, lines_of

SHIPPED = HERE.parents[1] / "lambda" / "arbiter" / "routing" / "data"
FILES = {"en": "demands.txt", "de": "demands-de.txt", "es": "demands-es.txt"}
VARIANTS = {"en": 24, "de": 14, "es": 14}
"""Demands that are spelt out from one wording."""

_CHOICE = re.compile(r"\(([^()]*\|[^()]*)\)")
_SLOT = re.compile(r"\{(\w)\}")


class Request(NamedTuple):
    """One sentence of a request, or all of it."""

    text: str
    language: str
    wording: str
    """The line it was spelt out from; its own text for a plain one."""
    kind: str


def demands(random: Random) -> list[Request]:
    """Every wording, spelt out several times."""
    slots = _slots()
    return [
        Request(_spell(wording, language, slots, random), language, wording, f"{language} {kind}")
        for language, file in FILES.items()
        for kind, wording in _wordings(HERE / "data" / file)
        for _ in range(VARIANTS[language])
    ]


def plain(random: Random, documents: list[str]) -> list[Request]:
    """Shipped background, plain requests with the words of demands, sentences of documents, and bare slots."""
    texts = [(language, line) for language in FILES for line in lines_of(SHIPPED / f"background-{language}.txt")]
    for line in lines_of(HERE / "data" / "plain.txt"):
        head, _, text = line.partition("\t")
        texts += [(head, text) if text else ("en", head)] * 2
    for path in sorted((HERE / "data" / "questions").glob("*.txt")):
        for line in lines_of(path):
            head, _, text = line.partition("\t")
            texts.append((head, text) if text else ("en", head))
    texts += [(question.language, question.text) for _, question in asked_elsewhere()]
    for (language, name), values in _slots().items():
        frames = {"t": ("Tell me about {}.", "Explain {}."), "q": ("{}",), "s": ("{}",), "c": ("The customer {}.",)}
        texts += [(language, frame.format(value)) for frame in frames.get(name, ()) for value in values if language] * 8
    lines = [line for text in documents for line in text.splitlines() if 30 < len(line) < 300]
    texts += [("en", line) for line in random.sample(lines, min(1000, len(lines)))]
    return [Request(text, language, text, "plain") for language, text in texts]


def _wordings(path: Path) -> Iterator[tuple[str, str]]:
    kind = ""
    for line in lines_of(path):
        if line.startswith("##"):
            kind = line.strip("# ")
        elif not line.startswith("#"):
            yield kind, line


def _slots() -> dict[tuple[str, str], list[str]]:
    slots = {}
    for line in lines_of(HERE / "data" / "slots.txt"):
        name, _, values = line.partition(": ")
        language, _, letter = name.rpartition(" ")
        slots[language, letter] = values.split("|")
    return slots


def _spell(wording: str, language: str, slots: dict[tuple[str, str], list[str]], random: Random) -> str:
    while choice := _CHOICE.search(wording):
        wording = wording.replace(choice[0], random.choice(choice[1].split("|")), 1)

    def fill(slot: re.Match[str]) -> str:
        return random.choice(slots.get((language, slot[1])) or slots["", slot[1]])

    return re.sub(r"\s+", " ", _SLOT.sub(fill, wording)).strip()
