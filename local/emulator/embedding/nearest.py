"""`python -m local.emulator.embedding.nearest`: how near texts come in meaning to passages, without any AWS.

Reads a list of passages as a line of JSON, then a list of texts a line. Answers each of these by a line: for each text,
the cosine of its nearest passage; where the encoder is not installed, by the one line `false`.
"""

import json
import sys
from collections.abc import Iterator

from local.emulator.embedding.minilm import MiniLM
from local.emulator.embedding.model import Encoder

MOST_TOKENS = 64
"""Of a passage and of a text: more say the same and take longer in proportion."""


def nearest(lines: Iterator[str], encoder: Encoder) -> Iterator[list[float]]:
    """The answers to the lines behind the first."""
    passages = encoder.embed(json.loads(next(lines)), MOST_TOKENS)
    for line in lines:
        best: list[float] = (encoder.embed(json.loads(line), MOST_TOKENS) @ passages.T).max(axis=1).tolist()
        yield best


def main() -> None:
    """Answer until the input ends."""
    weights = MiniLM.installed()
    if weights is None:
        sys.stdout.write("false\n")
        return
    for answer in nearest(iter(sys.stdin.readline, ""), MiniLM(weights)):
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
