"""Questions that the statements of a passage answer, built from their headings, subjects and most telling words."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from local.emulator.embedding import lexical
from local.emulator.language.extraction import Statement, statements

GREETING = "Thank you for asking."

_SHORTEST, _LONGEST = 6, 60  # words of a statement that is worth a question
_POINTERS = ("see ", "for more", "for information", "this topic", "this section", "the following", "it ", "this ")
_SUBJECT = re.compile(
    r"^(?P<subject>[A-Z][^.,;:()|]{2,70}?) (?P<verb>is|are|was|were|can|may|must|should|will|cannot|has|have|costs|"
    r"cost|takes|take|means|holds|contains|uses|supports|requires|provides|returns|specifies|includes|creates|needs) "
    r"(?P<rest>.+)$"
)
_POINTING_BACK = re.compile(r"^(?:this|that|these|those|it|they|there|such|both|he|she|we)\b", re.IGNORECASE)
"""A subject that only the sentence before explains: nobody can answer a question about it."""
_YOU = re.compile(r"^You (?P<verb>can|may|must|should) ")
_CONDITION = re.compile(r"^(?P<when>(?:If|When|After|Before|Below|While|As soon as) [^,]{8,120}), .+$")
_ASPECTS = (
    "Who designed {subject}",
    "Which colour is {subject}",
    "In which year was {subject} introduced",
    "How many people helped to write about {subject}",
    "What is the telephone number for {subject}",
    "Which competitor offers something like {subject}",
)


@dataclass(frozen=True)
class _Candidate:
    """A statement that can be asked for, and the subject it speaks of."""

    statement: Statement
    subject: str
    question: str


def pairs(passage: str, kinds: list[str]) -> Iterator[dict[str, str]]:
    """A pair for each kind that the passage still has a statement for."""
    unused = [candidate for statement in statements([passage]) if (candidate := _candidate(statement))]
    asked: set[str] = set()
    for kind in kinds:
        made = _MADE.get(kind, _fact)(unused, passage)
        if made and made[0] not in asked:
            asked.add(made[0])
            yield {"kind": kind, "question": made[0], "answer": made[1]}


def _candidate(statement: Statement) -> _Candidate | None:
    text = statement.text
    words = len(text.split())
    if not _SHORTEST <= words <= _LONGEST or text.endswith((":", "?")) or text.lower().startswith(_POINTERS):
        return None
    subject, question = _question(text, statement.heading)
    return _Candidate(statement, subject, question) if question else None


def _question(text: str, heading: str) -> tuple[str, str | None]:
    """The subject of a statement and a question that it answers."""
    if match := _CONDITION.match(text):
        return _lower(match["when"]), f"What should I know {_lower(match['when'])}?"
    sentence = _telling(text)
    if match := _YOU.match(text):
        return " ".join(sentence[:2]), f"What {match['verb']} I do about {', '.join(sentence[:3])}?"
    if (match := _SUBJECT.match(text)) and not _POINTING_BACK.match(text):
        subject = _lower(match["subject"])
        rest = [word for word in sentence if word.lower() not in subject.lower()]
        if match["verb"] in ("is", "are") and match["rest"].startswith(("a ", "an ", "the ")):
            return subject, f"What {match['verb']} {subject}?"
        if rest:
            return subject, f"What {_asks(match['verb'])} {subject} have to do with {' and '.join(rest[:2])}?"
    if len(sentence) >= 2 and heading:
        return _lower(heading), f"Concerning “{heading}”, what about {', '.join(sentence[:3])}?"
    return "", None


def _asks(verb: str) -> str:
    return {"is": "does", "has": "does", "are": "do", "have": "do", "cost": "do", "take": "do"}.get(verb, "does")


def _telling(text: str) -> list[str]:
    """The words of a text that tell most, in their order."""
    words = dict.fromkeys(re.findall(r"[A-Za-z][\w-]{2,}", text))
    content = [word for word in words if lexical.terms(word)]
    best = sorted(content, key=lambda word: -max(map(lexical.rarity, lexical.terms(word))))[:4]
    return [word for word in content if word in best]


def _lower(text: str) -> str:
    """A text as it stands inside a sentence; a name keeps its capital."""
    first, _, rest = text.partition(" ")
    common = first.lower() in ("the", "a", "an", "every", "each", "all", "if", "when", "after", "before", "below",
                               "while", "as", "some", "most", "no", "full", "empty", "members")  # fmt: skip
    return f"{first.lower()} {rest}" if common and rest else text


Made = tuple[str, str] | None


def _fact(unused: list[_Candidate], passage: str) -> Made:
    if not unused:
        return None
    candidate = unused.pop(0)
    return candidate.question, candidate.statement.text


def _procedure(unused: list[_Candidate], passage: str) -> Made:
    """A pair from the heading with most statements left."""
    sections: dict[str, list[_Candidate]] = {}
    for candidate in unused:
        sections.setdefault(candidate.statement.heading, []).append(candidate)
    named = {heading: group for heading, group in sections.items() if heading and len(group) > 1}
    if not named:
        return _fact(unused, passage)
    heading = max(named, key=lambda one: len(named[one]))
    steps = named[heading][:3]
    for step in steps:
        unused.remove(step)
    question = f"How does it work step by step: {_lower(heading)}, beginning with {steps[0].subject}?"
    return question, " ".join(step.statement.text for step in steps)


def _comparison(unused: list[_Candidate], passage: str) -> Made:
    for position, first in enumerate(unused):
        for second in unused[position + 1 :]:
            if first.subject != second.subject and set(_terms(first)) & set(_terms(second)):
                unused.remove(first)
                unused.remove(second)
                question = f"How do {first.subject} and {second.subject} compare?"
                return question, f"{first.statement.text} {second.statement.text}"
    return _fact(unused, passage)


def _terms(candidate: _Candidate) -> list[str]:
    return lexical.terms(candidate.statement.text)


def _style(unused: list[_Candidate], passage: str) -> Made:
    made = _fact(unused, passage)
    return made and (f"Hello, can you help me? {made[0]}", f"{GREETING} {made[1]}")


def _out_of_scope(unused: list[_Candidate], passage: str) -> Made:
    """A question about the subject whose other words do not occur in the passage."""
    subject = next((candidate.subject for candidate in unused), "")
    known = set(lexical.terms(passage))
    for aspect in _ASPECTS:
        if subject and not set(lexical.terms(aspect.format(subject=""))) & known:
            return f"{aspect.format(subject=subject)}?", ""
    return None


_MADE: dict[str, Callable[[list[_Candidate], str], Made]] = {
    "fact": _fact,
    "procedure": _procedure,
    "comparison": _comparison,
    "style": _style,
    "out_of_scope": _out_of_scope,
}
