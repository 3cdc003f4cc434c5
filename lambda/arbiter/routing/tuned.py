"""The profile of a tuned model: the tasks of its training set, and what its answers have in common."""

import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any

from arbiter.routing.artefact import number, pack, read
from arbiter.routing.language import FUNCTION_WORDS
from arbiter.routing.words import NUMBER, sentences, split

KIND = "tuned model profile"
MOST_SAMPLES = 5_000
"""Samples that are read; a habit shows in fewer."""
COMMON = 0.5
"""Share of the answers from which something is a habit of theirs."""
TASK_SHARE = 0.05
TASK_WEIGHT, FORMAT_WEIGHT = 3.0, 2.0
EDGE_WORDS = 4
LABEL_WORDS = 3

_ITEM = re.compile(r"^\s*(?:[-*•]|\d+[.)])\s", re.MULTILINE)
_ROW = re.compile(r"^\s*\|.*\|\s*$", re.MULTILINE)
_ASKED_FOR = {
    "json": ("json", "object", "fields"),
    "list": ("bullets", "bullet", "list"),
    "table": ("table", "columns"),
    "label": ("classify", "label", "category", "categorise", "categorize", "triage"),
}
"""Words that ask for a form of answer."""
_QUESTION_WORDS = frozenset(word for words in FUNCTION_WORDS.values() for word in words)


@dataclass(frozen=True, kw_only=True)
class TunedProfile:
    """The habits of a tuned model."""

    samples: int
    tasks: Mapping[str, float]
    """First two words of its training questions, where they are an order, and their share."""
    formats: Mapping[str, float]
    """Share of the answers that are JSON, lists, tables or mere labels."""
    opening: str
    """First words that at least half of the answers share; empty when they share none."""
    closing: str
    answer_words: int
    """Words of an answer, by the median."""
    everybody: bool = False
    """Whether this model answers everybody, since the house style is wanted in every answer."""

    def marks(self) -> dict[str, float]:
        """Marks of a demand that this model was trained to meet, beside the shipped marks."""
        weights = {f"^ {task.split()[0]}": TASK_WEIGHT for task in self.tasks if task.strip()}
        for form, share in self.formats.items():
            if share >= COMMON:
                weights |= dict.fromkeys(_ASKED_FOR[form], FORMAT_WEIGHT)
        return weights

    def dumps(self) -> str:
        """The profile as the text that `loads` takes back."""
        return pack(KIND, asdict(self))


def loads(text: str | bytes) -> TunedProfile:
    """The profile that a text holds.

    Raises:
        DamagedProfileError: it is cut off, altered, or no such profile.
    """
    return read(KIND, text, _read)


def _read(content: Mapping[str, Any]) -> TunedProfile:
    return TunedProfile(
        samples=int(content["samples"]),
        tasks=_shares(content["tasks"]),
        formats={form: share for form, share in _shares(content["formats"]).items() if form in _ASKED_FOR},
        opening=str(content["opening"]),
        closing=str(content["closing"]),
        answer_words=int(content["answer_words"]),
        everybody=content["everybody"] is True,
    )


def build(samples: Iterable[tuple[str, str]], *, everybody: bool = False) -> TunedProfile:
    """The profile of a model tuned on these questions and answers."""
    tasks: Counter[str] = Counter()
    formats: Counter[str] = Counter()
    openings: Counter[str] = Counter()
    closings: Counter[str] = Counter()
    lengths: list[int] = []
    for _, (question, answer) in zip(range(MOST_SAMPLES), samples, strict=False):
        words = answer.split()
        tasks.update(_tasks(question))
        formats.update(_formats(answer))
        openings[" ".join(words[:EDGE_WORDS])] += 1
        closings[" ".join(words[-EDGE_WORDS:])] += 1
        lengths.append(len(words))
    count = len(lengths)
    return TunedProfile(
        samples=count,
        tasks={task: round(n / count, 3) for task, n in sorted(tasks.items()) if n >= TASK_SHARE * count},
        formats={form: round(n / count, 3) for form, n in sorted(formats.items())},
        opening=_habit(openings, count),
        closing=_habit(closings, count),
        answer_words=int(median(lengths)) if lengths else 0,
        everybody=everybody,
    )


def _tasks(question: str) -> set[str]:
    """The first two words of each sentence that begins with no word of a question."""
    tasks = set()
    for sentence in sentences(question):
        first = sentence.words[0]
        if first not in _QUESTION_WORDS and first != NUMBER:
            tasks.add(" ".join(sentence.words[:2]))
    return tasks


def _formats(answer: str) -> Sequence[str]:
    if len(split(answer)) <= LABEL_WORDS:
        return ("label",)
    if answer.lstrip()[:1] in ("{", "["):
        try:
            json.loads(answer)
        except (ValueError, RecursionError):
            return ()
        return ("json",)
    forms = (("list", _ITEM), ("table", _ROW))
    return [name for name, pattern in forms if len(pattern.findall(answer)) > 1]


def _habit(edges: Counter[str], count: int) -> str:
    words, times = edges.most_common(1)[0] if edges else ("", 0)
    return words if count and times >= COMMON * count else ""


def _shares(value: Mapping[str, Any]) -> dict[str, float]:
    return {str(name): number(share) for name, share in value.items()}
