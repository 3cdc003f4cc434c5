"""A stand-in for judges: scores by the words that an answer shares with the reference, each judge a little otherwise.

It shows that judging works, and nothing about how a real judge would judge: it cannot tell a paraphrase from an error.
"""

import json
import re
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from local.emulator.embedding import lexical
from local.emulator.embedding.sentences import sentences
from local.emulator.language.prompt import text_of

_TAGGED = r"<{0}>\n(.*?)\n</{0}>"
_NUMBER = re.compile(r"\d+(?:[.,:]\d+)*")
_DECLINES = re.compile(r"\b(?:do not know|don't know|cannot (?:say|answer|tell)|do(?:es)? not say)\b", re.IGNORECASE)
_NOTHING_KNOWN = re.compile(r"\bdocuments?\b.*\b(?:no|not|neither|nothing|none)\b", re.IGNORECASE | re.DOTALL)
_CRITERIA = ("accuracy", "completeness", "relevance", "clarity")
_WEIGHTS = {"accuracy": 0.5, "completeness": 0.25, "relevance": 0.15, "clarity": 0.1}
_UNKNOWING = 1.5
_RIGHTLY_UNKNOWING = 9.5
_ENOUGH = 0.8  # share of the reference's words from which nothing is missing: no two people use the same ones
_NUMBER_MISSING = 0.55
_LONG_SENTENCE, _LONG_ANSWER = 30, 120  # words
_TIE = 0.5
_SHIFTS = (-0.7, -0.4, 0.0, 0.3)
_JITTER = 0.6


@dataclass(frozen=True)
class Material:
    """Material that a judge is shown beside the answer."""

    question: str
    reference: str
    passages: list[str]


def verdict(model: str, body: dict[str, Any]) -> str | None:
    """A judge's reply to a prompt that asks for a judgement; `None` to any other prompt."""
    shown = text_of(body["messages"][0]["content"])
    material = Material(_one("question", shown), _one("reference", shown), _all("passage", shown))
    if graded := _all("answer_to_grade", shown):
        return _graded(model, material, graded[0])
    first, second = _all("first_answer", shown), _all("second_answer", shown)
    return _preferred(model, material, first[0], second[0]) if first and second else None


def _graded(model: str, material: Material, answer: str) -> str:
    scores = _scores(material, answer)
    overall = sum(_WEIGHTS[name] * scores[name] for name in _CRITERIA)
    if material.passages:
        scores["faithfulness"] = 10 * _share(answer, " ".join(material.passages))
    shift = _SHIFTS[zlib.crc32(model.encode()) % len(_SHIFTS)] + _jitter(model, material, answer)
    shared = f"{scores['completeness'] * 10:.0f} % of the reference is covered"
    numbers = {name: _on_scale(value + shift) for name, value in scores.items()}
    return json.dumps({"reason": f"Stand-in judge: {shared}.", **numbers, "score": _on_scale(overall + shift)})


def _preferred(model: str, material: Material, first: str, second: str) -> str:
    lead = [sum(_WEIGHTS[name] * _scores(material, answer)[name] for name in _CRITERIA) for answer in (first, second)]
    difference = lead[0] - lead[1] + (_jitter(model, material, first) - _jitter(model, material, second)) / 2
    winner = "tie" if abs(difference) <= _TIE else "first" if difference > 0 else "second"
    return json.dumps({"reason": "Stand-in judge: it compares the words that each shares.", "winner": winner})


def _scores(material: Material, answer: str) -> dict[str, float]:
    """Each criterion from 0 to 10, before the judge's own severity."""
    declines = _DECLINES.search(answer) is not None
    if declines and _NOTHING_KNOWN.search(material.reference):
        return dict.fromkeys(_CRITERIA, _RIGHTLY_UNKNOWING)
    wanted = material.reference or " ".join(material.passages) or material.question
    covered = min(1.0, _share(wanted, answer) / _ENOUGH) if material.reference else _share(answer, wanted)
    belongs = _share(answer, f"{wanted} {material.question}")
    missing = set(_NUMBER.findall(material.reference)) - set(_NUMBER.findall(answer))
    accuracy = (0.7 * covered + 0.3 * belongs) * (_NUMBER_MISSING if missing else 1.0)
    return {
        "accuracy": _UNKNOWING if declines else 10 * accuracy,
        "completeness": 10 * covered,
        "relevance": 10 * min(1.0, 0.3 + belongs),
        "clarity": _clarity(answer),
    }


def _clarity(answer: str) -> float:
    longest = max((len(sentence.split()) for sentence in sentences(answer)), default=0)
    words = len(answer.split())
    return 10.0 - 2.0 * (longest > _LONG_SENTENCE) - 2.0 * (words > _LONG_ANSWER) - 1.0 * ("|" in answer)


def _share(wanted: str, other: str) -> float:
    """The part of a text's words, rare ones before common ones, that another text has too."""
    present, terms = set(lexical.terms(other)), set(lexical.terms(wanted))
    return _weight(terms & present) / (_weight(terms) or 1.0)


def _weight(terms: Iterable[str]) -> float:
    return sum(lexical.rarity(term) for term in terms)


def _jitter(model: str, material: Material, answer: str) -> float:
    """A difference between judges, answer by answer."""
    return _JITTER * (zlib.crc32(f"{model}\n{material.question}\n{answer}".encode()) % 1000 / 500 - 1)


def _on_scale(value: float) -> int:
    return round(min(10.0, max(0.0, value)))


def _one(tag: str, text: str) -> str:
    return next(iter(_all(tag, text)), "")


def _all(tag: str, text: str) -> list[str]:
    return re.findall(_TAGGED.format(tag), text, re.DOTALL)
