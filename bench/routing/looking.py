"""`python -m bench.routing.looking`: fit what `arbiter route --documents` goes by when it looks by meaning.

Needs numpy and the encoders of the local AWS: `.arbiter/emulator-venv/bin/python` has them, and `PYTHONPATH=lambda:.`
is to be set. It takes some minutes, and comes after `python -m bench.routing`.
"""

import argparse
import json
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from arbiter.routing.asking import offers_options
from arbiter.routing.making.general import background
from arbiter.routing.words import sentences
from bench.routing import asking, grounding
from bench.routing.corpora import ROOT, KnowledgeBase, asked_elsewhere, knowledge_bases
from bench.routing.logistic import Numbers, fit
from cli.routing.looking import EVERY, OWN_QUANTILE, form
from cli.routing.meaning import MOST, Meanings, pieces
from local.emulator.embedding.model import Encoder, Remembering
from local.emulator.embedding.nearest import MOST_TOKENS, nearest_of, packed, readings

TARGET = ROOT / "cli" / "routing" / "looking.json"
RIDGE = 80.0
"""Penalty of a direction: its numbers are many, and the questions some 1,500."""

USUAL, ROUNDS = 32, 15
"""Vectors that stand for the passages of all handbooks, and rounds of k-means that find them."""

Embed = Callable[[Sequence[str]], Sequence[Numbers]]
"""The vectors of texts by each encoder of a reading, one row a text; passages are near by those of the first."""


class Requests(NamedTuple):
    """Requests by what is summed up: one row each of profile score, nearest passage, level, what is usual, and form."""

    asked: Numbers
    other: Numbers


def main() -> None:
    """Fit and write the shipped file, or report what leaving each knowledge base out shows."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--report", action="store_true", help="leave knowledge bases out, write nothing")
    options = parser.parse_args()
    encoders = readings()
    if encoders is None:
        raise SystemExit("The encoders are not installed: run this with the Python of the local AWS.")
    bases = knowledge_bases()
    inquiries = dict(zip(asking.texts(bases), asking.cross_fitted(asking.requests(bases)), strict=True))
    bases = [base for base in bases if passages(base)]
    measured = [grounding.measure(base, inquiries) for base in bases]
    rows = {id(one): _rows(one) for each in encoders.values() for one in each}
    shipped = {}
    for reading, each in encoders.items():
        embed = _together([rows[id(one)] for one in each])
        tables = [_requests(bases, measured, index, embed) for index in range(len(bases))]
        if options.report:
            names = [base.name for base in bases]
            print(json.dumps({"reading": reading, **dict(zip(names, recalls(tables), strict=True))}))
        else:
            shipped[reading] = fitted(bases, tables, embed)
    if shipped:
        TARGET.write_text(json.dumps(shipped, separators=(",", ":")) + "\n", encoding="utf-8")


def _rows(encoder: Encoder) -> Callable[[Sequence[str]], Numbers]:
    """The encoder as a function that reads each text once."""
    remembering = Remembering(encoder)
    return lambda texts: np.asarray(remembering.embed(list(texts), MOST_TOKENS), dtype=np.float64)


def _together(encoders: Sequence[Callable[[Sequence[str]], Numbers]]) -> Embed:
    return lambda texts: [encoder(texts) for encoder in encoders]


def fitted(bases: Sequence[KnowledgeBase], tables: Sequence[Requests], embed: Embed) -> dict[str, list[Any]]:
    """The directions, fitted on every question, and the weights, on scores of directions that never saw their base."""
    return {
        "weights": np.round(weights(tables), 3).tolist(),
        "directions": [np.round(part, 2).tolist() for part in directions(bases, embed)],
        "usual": [packed(part) for part in usual(bases, embed)],
    }


def weights(tables: Sequence[Requests]) -> Numbers:
    """The weights of the scores, fitted on all tables."""
    values = np.vstack([rows for table in tables for rows in table])
    answers = np.concatenate([[1.0] * len(table.asked) + [0.0] * len(table.other) for table in tables])
    groups = np.repeat(np.arange(len(tables)), [len(table.asked) + len(table.other) for table in tables])
    return fit(values, answers, groups)


def recalls(tables: Sequence[Requests]) -> list[float]:
    """The share of each base's questions above the limit of its background, by weights that never saw the base."""
    shares = []
    for table in tables:
        others = weights([other for other in tables if other is not table])
        limit = np.quantile(table.other @ others, OWN_QUANTILE)
        shares.append(round(float((table.asked @ others > limit).mean()), 3))
    return shares


def passages(base: KnowledgeBase) -> list[str]:
    """The passages that a look reads; none where they are too many."""
    meanings = Meanings()
    for document in base.documents:
        meanings.add(document)
    return meanings.passages if len(meanings.passages) <= MOST else []


def directions(bases: Sequence[KnowledgeBase], embed: Embed) -> list[Numbers]:
    """From requests that ask nobody in particular to questions of these bases, and of houses without documents.

    One an encoder, fitted together.
    """
    asked = [question for base in bases for question in base.questions] + [one for _, one in asked_elsewhere()]
    texts = [question.text for question in asked if question.language == "en"]
    taught = [text for index, text in enumerate(background()["en"]) if index % EVERY and not _exam(text)]
    answers = np.array([1.0] * len(texts) + [0.0] * len(taught))
    vectors = embed([*texts, *taught])
    joint = fit(np.hstack(vectors), answers, np.zeros(len(answers), dtype=np.int64), RIDGE)
    return np.split(joint, np.cumsum([part.shape[1] for part in vectors])[:-1])


def usual(bases: Sequence[KnowledgeBase], embed: Embed) -> list[Numbers]:
    """The middles of the passages of all handbooks, by each encoder.

    The shipped examples are left out: they are what a look is first tried on, and they are nobody's usual passages.
    """
    texts = [passage for base in bases if base.name != "examples" for passage in passages(base)]
    return [_middles(vectors) for vectors in embed(texts)]


def _middles(vectors: Numbers) -> Numbers:
    """Unit vectors near which all others lie: spherical k-means from evenly drawn ones."""
    middles: Numbers = vectors[np.linspace(0, len(vectors) - 1, USUAL).astype(int)]
    for _ in range(ROUNDS):
        mine = (vectors @ middles.T).argmax(axis=1)
        middles = np.stack([vectors[mine == row].sum(axis=0) for row in range(USUAL) if (mine == row).any()])
        middles /= np.linalg.norm(middles, axis=1, keepdims=True)
    return middles


def _requests(
    bases: Sequence[KnowledgeBase], measured: Sequence[grounding.Measured], index: int, embed: Embed
) -> Requests:
    base, here = bases[index], measured[index]
    weights = grounding.coefficients([one for one in measured if one is not here], slice(None))
    elsewhere = [other for other in bases if other is not base]
    towards, common = directions(elsewhere, embed), usual(elsewhere, embed)
    store = embed(passages(base))[0]
    texts = background()["en"]
    tried = [row for row in range(0, len(texts), EVERY) if not _exam(texts[row])]
    asked = [question.text for question in base.questions if question.language == "en"]
    other = _told([texts[row] for row in tried], store, towards, common, embed)
    told = _told(asked, store, towards, common, embed)
    mean, spread = other[:, 0].mean(), other[:, 0].std()
    for table in (other, told):
        table[:, 0] = (table[:, 0] - mean) / spread
    scores = grounding.scores([here.other["en"][row] for row in tried], weights)
    return Requests(np.column_stack([grounding.scores(here.asked, weights), told]), np.column_stack([scores, other]))


def _told(
    texts: Sequence[str], store: Numbers, towards: Sequence[Numbers], common: Sequence[Numbers], embed: Embed
) -> Numbers:
    """The nearest passage of each text, its level along the directions, and how usual it is: the best of its pieces.

    And its form.
    """
    rows = []
    for text in texts:
        vectors = embed(pieces(text))
        level = sum(part @ direction for part, direction in zip(vectors, towards, strict=True))
        known = sum(nearest_of(part, middles) for part, middles in zip(vectors, common, strict=True))
        rows.append([(vectors[0] @ store.T).max(), np.max(level), np.max(known), *form(sentences(text))])
    return np.array(rows)


def _exam(text: str) -> bool:
    return offers_options(sentences(text))


if __name__ == "__main__":
    main()
