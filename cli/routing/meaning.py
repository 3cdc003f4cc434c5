"""How near questions come in meaning to the passages of a folder, told by the sentence encoder of the local AWS."""

import json
import re
import subprocess
import weakref
from collections.abc import Sequence
from itertools import pairwise

from arbiter.routing.asking import offers_options
from arbiter.routing.making.general import background
from arbiter.routing.words import sentences
from cli.core.project import PROJECT
from local.interpreters import LauncherError, emulator_python

MODULE = "local.emulator.embedding.nearest"
MOST = 2_000
"""Passages that are read, at some fifty a second; of more, words tell enough: they are many and particular."""
SHORTEST = 15
"""Characters of a passage."""
QUANTILE, EVERY = 0.95, 3
"""Share of the background requests that stay below the limit, and of how many one is tried."""
MOST_PARTS = 4
"""Sentences of a question that are looked for by themselves, too."""
_PARAGRAPH = re.compile(r"\n\s*\n|\n(?=[#*|-])")
_SENTENCE = re.compile(r"(?<=[.;!?:])\s+")


class Meanings:
    """Passages of two sentences each, read when they are first asked about, by a process of its own."""

    def __init__(self) -> None:
        self._passages: list[str] = []
        self._child: subprocess.Popen[str] | None = None
        self._silent = False
        self._limit = 0.0

    def add(self, text: str) -> None:
        """Take in one document."""
        if len(self._passages) <= MOST:
            for paragraph in _PARAGRAPH.split(text):
                parts = _SENTENCE.split(" ".join(paragraph.split()))
                pairs = [f"{one} {other}" for one, other in pairwise(parts)] or parts
                self._passages += [passage for passage in pairs if len(passage) > SHORTEST]

    def compared(self, question: str) -> tuple[float, float] | None:
        """The cosine of the passage nearest to a question, and that which background requests stay below.

        `None` without the encoder, or with too many passages.
        """
        if self._silent or not 0 < len(self._passages) <= MOST:
            return None
        try:
            self._child = self._child or self._started()
            self._limit = self._limit or self._background_limit()
            return max(self._nearest(_pieces(question))), self._limit
        except (LauncherError, OSError, ValueError, TypeError):  # Not installed, or ended.
            self._silent = True
            return None

    def _background_limit(self) -> float:
        texts = [text for text in background()["en"][::EVERY] if not offers_options(sentences(text))]
        pieces = [(row, piece) for row, text in enumerate(texts) for piece in _pieces(text)]
        best = [0.0] * len(texts)
        for (row, _), cosine in zip(pieces, self._nearest([piece for _, piece in pieces]), strict=True):
            best[row] = max(best[row], cosine)
        return sorted(best)[int(QUANTILE * len(best))]

    def _nearest(self, texts: Sequence[str]) -> list[float]:
        """For each text the cosine of its nearest passage; no list where the encoder is not installed."""
        child = self._child
        assert child  # noqa: S101 - it was started
        assert child.stdin  # noqa: S101 - they are pipes
        assert child.stdout  # noqa: S101
        child.stdin.write(json.dumps(texts) + "\n")
        child.stdin.flush()
        answer: list[float] = json.loads(child.stdout.readline())
        return answer

    def _started(self) -> "subprocess.Popen[str]":
        child = subprocess.Popen(  # noqa: S603 - our own module, on our own interpreter
            [str(emulator_python(PROJECT)), "-m", MODULE],
            cwd=PROJECT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        )  # fmt: skip
        weakref.finalize(self, _end, child)
        assert child.stdin  # noqa: S101
        child.stdin.write(json.dumps(self._passages) + "\n")
        return child


def _pieces(text: str) -> list[str]:
    """A text, and the sentences of one that has several: an order on style stands beside what is asked."""
    parts = [part for part in _SENTENCE.split(text) if part]
    return [text, *parts[:MOST_PARTS]] if len(parts) > 1 else [text]


def _end(child: "subprocess.Popen[str]") -> None:
    child.kill()
    child.communicate()
