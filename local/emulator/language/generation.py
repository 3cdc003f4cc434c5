"""The stand-in as a writer of questions and as a checker of answers: both from the words of the passage it is given."""

import json
import re
from typing import Any

from local.emulator.embedding import lexical
from local.emulator.embedding.sentences import sentences
from local.emulator.language.extraction import statements
from local.emulator.language.prompt import text_of
from local.emulator.language.questions import GREETING, pairs

_PASSAGE = re.compile(r"<passage\b[^>]*>\n?(.*?)\n?</passage>", re.DOTALL)
_WANTED = re.compile(r"<wanted>(.*?)</wanted>")
_QUESTION = re.compile(r"<question>\n?(.*?)\n?</question>", re.DOTALL)
_ANSWER = re.compile(r"<answer>\n?(.*?)\n?</answer>", re.DOTALL)
_DIGITS = re.compile(r"\d+")

_COVERED = 0.75  # of the words of an answer, for it to be supported; of a question, for it to be answered


def replied(body: dict[str, Any]) -> str | None:
    """The reply to a request for pairs or for a verdict; `None` for any other conversation."""
    asked = "\n".join(text_of(turn["content"]) for turn in body["messages"] if turn["role"] == "user")
    passages, wanted = _PASSAGE.findall(asked), _WANTED.search(asked)
    if not passages:
        return None
    if wanted and '"pairs"' in asked:
        kinds = [kind.strip() for kind in wanted.group(1).split(",")]
        return json.dumps({"pairs": list(pairs(passages[0], kinds))}, ensure_ascii=False)
    question, answer = _QUESTION.search(asked), _ANSWER.search(asked)
    if question and '"verdict"' in asked:
        judged = _support(passages, answer.group(1)) if answer else _absence(passages, question.group(1))
        return json.dumps({"reason": judged[0], "verdict": judged[1]}, ensure_ascii=False)
    return None


def _support(passages: list[str], answer: str) -> tuple[str, str]:
    """Whether every sentence of an answer stands in the passages, word for word or nearly."""
    text = " ".join(passages)
    known, figures = set(lexical.terms(text)), set(_DIGITS.findall(text))
    if wrong := sorted(set(_DIGITS.findall(answer)) - figures):
        return f"The figure {wrong[0]} does not stand in the passage.", "contradicted"
    for sentence in sentences(answer.replace(GREETING, "")):
        stated = set(lexical.terms(sentence))
        if stated and len(stated & known) / len(stated) < _COVERED:
            missing = ", ".join(sorted(stated - known)[:3])
            return f"The passage does not speak of {missing}.", "unsupported"
    return "Every sentence of the answer stands in the passage.", "supported"


def _absence(passages: list[str], question: str) -> tuple[str, str]:
    """Whether no single statement covers the question."""
    if covers(passages, question):
        return "A statement covers the question.", "answerable"
    return "No statement covers the question.", "unanswerable"


def covers(passages: list[str], question: str) -> bool:
    """Tell if a single statement, with the heading above it, has most of the question's words."""
    wanted = {term: lexical.rarity(term) for term in lexical.terms(question)}
    for statement in statements(passages):
        stated = set(lexical.terms(f"{statement.heading} {statement.text}"))
        if sum(weight for term, weight in wanted.items() if term in stated) >= _COVERED * sum(wanted.values()):
            return True
    return False
