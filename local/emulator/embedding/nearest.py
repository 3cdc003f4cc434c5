"""`python -m local.emulator.embedding.nearest`: how near texts come in meaning to passages, without any AWS.

Reads `[passages, fitted]` as a line of JSON, then `[reading, texts]` a line. A reading is `english`, by both encoders,
or `any`, by the multilingual one; `fitted` holds for each reading one of its `directions` an encoder, and vectors that
are `usual` in one, packed. Answers each line by one: for each text, the cosine of its nearest passage by the first
encoder of the reading, how far the text lies in the directions of all, and the cosines of the nearest usual vector of
each added up; where the encoders are not installed, by the one line `false`.
"""

import base64
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from local.emulator.embedding.minilm import MiniLM
from local.emulator.embedding.model import Encoder
from local.emulator.embedding.multilingual import Multilingual

MOST_TOKENS = 64
"""Of a passage and of a text: more say the same and take longer in proportion."""

STEPS = 400
"""Of a number of a packed vector, from 0 to 1; numbers beyond 0.3 are rare."""

Readings = Mapping[str, Sequence[Encoder]]
Answer = list[tuple[float, float, float]]


def readings() -> Readings | None:
    """The encoders of each reading; `None` where one is not installed."""
    weights = MiniLM.installed()
    if weights is None or not Multilingual.installed():
        return None
    multilingual = Multilingual()
    return {"english": (MiniLM(weights), multilingual), "any": (multilingual,)}


def packed(vectors: Any) -> str:
    """Vectors with a byte a number."""
    import numpy

    steps = numpy.clip(numpy.rint(numpy.asarray(vectors) * STEPS), -127, 127)
    return base64.b64encode(steps.astype(numpy.int8).tobytes()).decode()


def unpacked(text: str, width: int) -> Any:
    """The vectors that a text holds."""
    import numpy

    steps = numpy.frombuffer(base64.b64decode(text), numpy.int8)
    return steps.reshape(-1, width).astype(numpy.float32) / STEPS


def nearest(lines: Iterator[str], encoders: Readings) -> Iterator[Answer]:
    """The answers to the lines behind the first."""
    passages, fitted = json.loads(next(lines))
    stores = {}
    for line in lines:
        reading, texts = json.loads(line)
        vectors = [encoder.embed(texts, MOST_TOKENS) for encoder in encoders[reading]]
        if reading not in stores:
            stores[reading] = encoders[reading][0].embed(passages, MOST_TOKENS)
        near = nearest_of(vectors[0], stores[reading]).tolist()
        directions, usual = fitted[reading]["directions"], fitted[reading]["usual"]
        levels = sum(each @ direction for each, direction in zip(vectors, directions, strict=True))
        common = sum(nearest_of(each, unpacked(text, each.shape[1])) for each, text in zip(vectors, usual, strict=True))
        yield list(zip(near, levels.tolist(), common.tolist(), strict=True))


def nearest_of(vectors: Any, others: Any) -> Any:
    """The cosine of each vector with the nearest of others."""
    return (vectors @ others.T).max(axis=1)


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
