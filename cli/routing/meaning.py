"""The sentence encoders of the local AWS asked about questions: how near passages are, and how much a house is asked.

They run in a process of their own.
"""

import json
import re
import subprocess
import weakref
from collections.abc import Sequence
from functools import cache
from importlib import resources
from itertools import pairwise
from typing import Any, Literal, NamedTuple

from cli.core.project import PROJECT
from local.interpreters import LauncherError, emulator_python

MODULE = "local.emulator.embedding.nearest"
MOST = 2_000
"""Passages that are read, at some fifty a second; of more, words tell enough: they are many and particular."""
SHORTEST = 15
"""Characters of a passage."""
MOST_PARTS = 4
"""Sentences of a question that are looked for by themselves, too."""
Reading = Literal["english", "any"]
"""By both encoders, or by the multilingual one alone."""
_PARAGRAPH = re.compile(r"\n\s*\n|\n(?=[#*|-])")
_SENTENCE = re.compile(r"(?<=[.;!?:])\s+")


class Meaning(NamedTuple):
    """A question, or the sentence of it for which each is largest, as an answer of the encoders tells them."""

    near: float
    """The cosine of the nearest passage."""
    asks: float
    """How much it means what is asked of a house or a firm, and not of nobody in particular."""
    usual: float
    """How near it comes to what handbooks of houses and firms say: a passage that is nearer is this one's own."""


class Meanings:
    """Passages of two sentences each, read when they are first asked about."""

    def __init__(self) -> None:
        self.passages: list[str] = []
        self._child: subprocess.Popen[str] | None = None
        self._silent = False

    def add(self, text: str) -> None:
        """Take in one document."""
        if len(self.passages) <= MOST:
            for paragraph in _PARAGRAPH.split(text):
                parts = _SENTENCE.split(" ".join(paragraph.split()))
                pairs = [f"{one} {other}" for one, other in pairwise(parts)] or parts
                self.passages += [passage for passage in pairs if len(passage) > SHORTEST]

    def of(self, questions: Sequence[str], reading: Reading) -> list[Meaning] | None:
        """The meaning of each question; `None` without the encoders, or with too many passages."""
        if self._silent or not 0 < len(self.passages) <= MOST:
            return None
        rows = [(row, piece) for row, question in enumerate(questions) for piece in pieces(question)]
        try:
            self._child = self._child or self._started()
            answers = self._answered(reading, [piece for _, piece in rows])
            meanings: list[list[Meaning]] = [[] for _ in questions]
            for (row, _), answer in zip(rows, answers, strict=True):
                meanings[row].append(Meaning(*answer))
        except (LauncherError, OSError, ValueError, TypeError):  # Not installed, or ended.
            self._silent = True
            return None
        return [Meaning(*map(max, zip(*each, strict=True))) for each in meanings]

    def _answered(self, reading: Reading, texts: Sequence[str]) -> list[tuple[float, float, float]]:
        child = self._child
        assert child  # noqa: S101 - it was started
        assert child.stdin  # noqa: S101 - they are pipes
        assert child.stdout  # noqa: S101
        child.stdin.write(json.dumps([reading, texts]) + "\n")
        child.stdin.flush()
        answer: list[tuple[float, float, float]] = json.loads(child.stdout.readline())
        return answer

    def _started(self) -> "subprocess.Popen[str]":
        child = subprocess.Popen(  # noqa: S603 - our own module, on our own interpreter
            [str(emulator_python(PROJECT)), "-m", MODULE],
            cwd=PROJECT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            encoding="utf-8",
        )  # fmt: skip
        weakref.finalize(self, _end, child)
        assert child.stdin  # noqa: S101
        child.stdin.write(json.dumps([self.passages, fitted()]) + "\n")
        return child


@cache
def fitted() -> dict[str, Any]:
    """By reading: the weights of a look's scores, the directions of what houses are asked, and what is usual there."""
    shipped: dict[str, Any] = json.loads((resources.files("cli.routing") / "looking.json").read_text(encoding="utf-8"))
    return shipped


def pieces(text: str) -> list[str]:
    """A text, and the sentences of one that has several: an order on style stands beside what is asked."""
    parts = [part for part in _SENTENCE.split(text) if part]
    return [text, *parts[:MOST_PARTS]] if len(parts) > 1 else [text]


def _end(child: "subprocess.Popen[str]") -> None:
    child.kill()
    child.communicate()
