"""Statements of documents that answer a question best, chosen by what they share with it."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import zip_longest

from local.emulator.embedding import lexical
from local.emulator.embedding.sentences import cells, is_heading, is_link, is_rule, plain, sentences

Similarity = Callable[[str, list[str]], list[float]]

_HEADING_SHARE = 0.5  # a heading speaks for what stands under it, less than the words themselves
_OTHER_CONDITION = 0.3  # off a statement that holds under a condition that the question does not name
_CONDITION = re.compile(r"^(?:during|when|if|after|before|for|in)\s+([^,]{3,60}),", re.IGNORECASE)
_ENOUGH = 0.34  # share of the question that an answer must cover
_FURTHER = 0.75  # of the best score, for a second and third statement
_MEANING_WEIGHT = 0.5
_CONSIDERED = 12  # statements whose meaning is compared too
_RANK_PENALTY = 0.03  # documents come in order of relevance
_SHORTEST_WORDS, _LONGEST_WORDS = 3, 70
_POINTERS = (
    "for more information",
    "for information",
    "see ",
    "this topic",
    "this section",
    "the following",
    "learn more",
)
_QUANTITY = ("how many", "how much", "how long", "how often", "maximum", "minimum", "limit", "when", "what time")


@dataclass(frozen=True)
class Statement:
    """A sentence, list item or table row, with the heading that it stands under."""

    text: str
    heading: str
    document: int


@dataclass(frozen=True)
class Chosen:
    """A statement and how well it answers."""

    statement: Statement
    score: float


def statements(documents: list[str]) -> list[Statement]:
    """Every statement of some documents, in order and once."""
    unique: dict[str, Statement] = {}
    for number, document in enumerate(documents):
        for heading, text in _lines(document):
            if text:
                unique.setdefault(text, Statement(text, heading, number))
    return list(unique.values())


def _lines(document: str) -> Iterator[tuple[str, str]]:
    """Headings with the statements under them, line by line."""
    lines = [line for line in document.splitlines() if line.strip()]
    heading, header = "", None
    for line, following in zip_longest(lines, lines[1:], fillvalue=""):
        row = cells(line)
        if row is None:
            header = None
        if is_rule(line) or is_link(line):
            continue
        if is_heading(line):
            heading = plain(line.lstrip("# "))
        elif row is None:
            yield from ((heading, sentence) for sentence in sentences(plain(line)))
        elif header is None and is_rule(following):
            header = row
        else:
            yield heading, _row_text(header, row)


def choose(question: str, documents: list[str], most: int, similarity: Similarity | None = None) -> list[Chosen]:
    """Up to `most` statements that answer the question, best first; none when nothing covers enough of it."""
    wanted = {term: lexical.rarity(term) for term in lexical.terms(question)}
    if not wanted:
        return []
    speech = [statement for statement in statements(documents) if _is_speech(statement.text)]
    covering = [Chosen(statement, _score(question, wanted, statement)) for statement in speech]
    best = sorted(covering, key=lambda chosen: -chosen.score)[:_CONSIDERED]
    best = [chosen for chosen in best if _covered(wanted, chosen.statement) >= _ENOUGH]
    if similarity and best:
        meanings = similarity(question, [chosen.statement.text for chosen in best])
        best = [
            Chosen(chosen.statement, chosen.score + _MEANING_WEIGHT * meaning)
            for chosen, meaning in zip(best, meanings, strict=True)
        ]
        best.sort(key=lambda chosen: -chosen.score)
    return [chosen for chosen in best[:most] if chosen.score >= _FURTHER * best[0].score]


def _score(question: str, wanted: dict[str, float], statement: Statement) -> float:
    counts = _asks_quantity(question) and any(character.isdigit() for character in statement.text)
    elsewhere = _OTHER_CONDITION if _holds_elsewhere(wanted, statement) else 0.0
    return _covered(wanted, statement) + (0.15 if counts else 0.0) - elsewhere - _RANK_PENALTY * statement.document


def _holds_elsewhere(wanted: dict[str, float], statement: Statement) -> bool:
    condition = _CONDITION.match(statement.text)
    return condition is not None and not set(lexical.terms(condition.group(1))) & set(wanted)


def _covered(wanted: dict[str, float], statement: Statement) -> float:
    """The share of the question's weight that a statement and its heading cover."""
    own, above = set(lexical.terms(statement.text)), set(lexical.terms(statement.heading))
    if not own & set(wanted):
        return 0.0
    shares = {term: _heading_share(term) for term in above} | dict.fromkeys(own, 1.0)
    weight = sum(weight * shares.get(term, 0.0) for term, weight in wanted.items())
    return weight / sum(wanted.values())


def _heading_share(term: str) -> float:
    """A code or a number in a heading names everything under it; a word only speaks of it."""
    return 1.0 if any(character.isdigit() for character in term) else _HEADING_SHARE


def _row_text(header: list[str] | None, row: list[str]) -> str:
    if header is None:  # a passage that starts within the table
        return "; ".join(cell for cell in row if cell)
    named = [f"{name}: {cell}" if name else cell for name, cell in zip(header, row, strict=False) if cell]
    return "; ".join(named)


def _is_speech(text: str) -> bool:
    words = len(text.split())
    points_elsewhere = text.lower().startswith(_POINTERS)
    return _SHORTEST_WORDS <= words <= _LONGEST_WORDS and not text.endswith(("?", ":")) and not points_elsewhere


def _asks_quantity(question: str) -> bool:
    return any(phrase in question.lower() for phrase in _QUANTITY)
