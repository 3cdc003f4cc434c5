"""`python -m local.emulator.embedding.nearest`: how near texts come in meaning to passages, without any AWS.

Reads `[passages, direction]` as a line of JSON, then a list of texts a line. Answers each of these by a line: for each
text, the cosine of its nearest passage, and how far it lies in the direction; where the encoder is
not installed, by the one line `false`.
"""

import json
import sys
from collections.abc import Iterator

from local.emulator.embedding.minilm import MiniLM
from local.emulator.embedding.model import Encoder

MOST_TOKENS = 64
"""Of a passage and of a text: more say the same and take longer in proportion."""


def nearest(lines: Iterator[str], encoder: Encoder) -> Iterator[list[tuple[float, float]]]:
    """The answers to the lines behind the first."""
    texts, direction = json.loads(next(lines))
    passages = encoder.embed(texts, MOST_TOKENS)
    for line in lines:
        vectors = encoder.embed(json.loads(line), MOST_TOKENS)
        best = (vectors @ passages.T).max(axis=1).tolist()
        yield list(zip(best, (vectors @ direction).tolist(), strict=True))


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
