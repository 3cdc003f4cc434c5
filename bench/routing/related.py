"""`python -m bench.routing.related`: write the list of related words, by a small sentence encoder.

Needs numpy and the encoder of the local AWS: `.arbiter/emulator-venv/bin/python` has both, for the packages of `lambda`
`PYTHONPATH=lambda:.` is to be set. It takes some minutes.
"""

from collections import defaultdict

import numpy as np

from arbiter.routing.language import UNCOUNTED
from arbiter.routing.making.general import general_rates
from bench.routing.corpora import ROOT
from bench.routing.logistic import Numbers
from local.emulator.embedding.minilm import MiniLM

TARGET = ROOT / "lambda" / "arbiter" / "routing" / "data" / "related-en.txt"
MOST, LEAST = 10, 0.45
"""Related words that a word has at most, and the cosine from which two are related."""
COMMON = 3
"""Directions that all words have in common, and that say nothing: they are taken out."""
AT_ONCE = 1_000


def main() -> None:
    """Embed the words of general English and write each with those of like meaning."""
    words = [word for word in general_rates("en") if not word.isdecimal()]
    model = MiniLM.installed()
    if model is None:
        raise SystemExit("The encoder is not installed: run this with the Python of the local AWS.")
    encoder = MiniLM(model)
    vectors = np.concatenate(
        [encoder.embed(words[start : start + AT_ONCE]) for start in range(0, len(words), AT_ONCE)]
    ).astype(np.float64)
    lines: defaultdict[int, defaultdict[int, list[str]]] = defaultdict(lambda: defaultdict(list))
    for (one, other), weight in sorted(relations(words, vectors).items()):
        lines[one][weight].append(words[other])
    TARGET.write_text(
        "".join(
            f"{words[one]} {' '.join(f'{weight} ' + ' '.join(groups[weight]) for weight in sorted(groups)[::-1])}\n"
            for one, groups in lines.items()
        ),
        encoding="utf-8",
    )


def relations(words: list[str], vectors: Numbers) -> dict[tuple[int, int], int]:
    """The pairs of words that are among each other's nearest, with tenths of a weight from 0 at the least cosine."""
    centred = vectors - vectors.mean(axis=0)
    _, _, directions = np.linalg.svd(centred[::4], full_matrices=False)
    centred -= (centred @ directions[:COMMON].T) @ directions[:COMMON]
    centred /= np.linalg.norm(centred, axis=1, keepdims=True)
    uncounted = np.array([word in UNCOUNTED for word in words])
    found = {}
    for start in range(0, len(words), AT_ONCE):
        cosines = centred[start : start + AT_ONCE] @ centred.T
        cosines[:, uncounted] = 0
        for row, values in enumerate(cosines):
            values[start + row] = 0
            for other in np.argpartition(-values, MOST)[:MOST].tolist():
                weight = round((values[other] - LEAST) / (1 - LEAST) * 10)
                if weight >= 1:
                    found[min(start + row, other), max(start + row, other)] = weight
    return found


if __name__ == "__main__":
    main()
