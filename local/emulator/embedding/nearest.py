"""`python -m local.emulator.embedding.nearest`: how near texts come in meaning to passages, without any AWS.

Reads `[passages, directions]` as a line of JSON, then `[reading, texts]` a line. A reading is `english`, by both
encoders, or `any`, by the multilingual one; `directions` holds for each reading one direction an encoder. Answers each
line by one: for each text, the cosine of its nearest passage by the first encoder of the reading, and how far the text
lies in the directions of all; where the encoders are not installed, by the one line `false`.
"""

import json
import sys
from collections.abc import Iterator, Mapping, Sequence

from local.emulator.embedding.minilm import MiniLM
from local.emulator.embedding.model import Encoder
from local.emulator.embedding.multilingual import Multilingual

MOST_TOKENS = 64
"""Of a passage and of a text: more say the same and take longer in proportion."""

Readings = Mapping[str, Sequence[Encoder]]


def readings() -> Readings | None:
    """The encoders of each reading; `None` where one is not installed."""
    weights = MiniLM.installed()
    if weights is None or not Multilingual.installed():
        return None
    multilingual = Multilingual()
    return {"english": (MiniLM(weights), multilingual), "any": (multilingual,)}


def nearest(lines: Iterator[str], encoders: Readings) -> Iterator[list[tuple[float, float]]]:
    """The answers to the lines behind the first."""
    passages, directions = json.loads(next(lines))
    stores = {}
    for line in lines:
        reading, texts = json.loads(line)
        vectors = [encoder.embed(texts, MOST_TOKENS) for encoder in encoders[reading]]
        if reading not in stores:
            stores[reading] = encoders[reading][0].embed(passages, MOST_TOKENS)
        near = (vectors[0] @ stores[reading].T).max(axis=1).tolist()
        levels = sum(each @ direction for each, direction in zip(vectors, directions[reading], strict=True))
        yield list(zip(near, levels.tolist(), strict=True))


def main() -> None:
    """Answer until the input ends."""
    encoders = readings()
    if encoders is None:
        sys.stdout.write("false\n")
        return
    for answer in nearest(iter(sys.stdin.readline, ""), encoders):
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
