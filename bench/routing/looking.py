"""`python -m bench.routing.looking`: fit what `arbiter route --documents` goes by when it looks by meaning.

Needs numpy and the encoder of the local AWS: `.arbiter/emulator-venv/bin/python` has both, for the packages of `lambda`
`PYTHONPATH=lambda:.` is to be set. It takes some minutes, and comes after `python -m bench.routing`.
"""

import json
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from arbiter.routing.asking import offers_options
from arbiter.routing.making.general import background
from arbiter.routing.words import sentences
from bench.routing import asking, grounding
from bench.routing.corpora import ROOT, KnowledgeBase, asked_elsewhere, knowledge_bases
from bench.routing.logistic import Numbers, fit
from cli.routing.looking import EVERY
from cli.routing.meaning import MOST, Meanings, pieces
from local.emulator.embedding.minilm import MiniLM
from local.emulator.embedding.nearest import MOST_TOKENS

TARGET = ROOT / "cli" / "routing" / "looking.json"
RIDGE = 80.0
"""Penalty of the direction: its numbers are many, and the questions some 1,500."""

Embed = Callable[[Sequence[str]], Numbers]


class Requests(NamedTuple):
    """Requests by what is summed up: one row each of profile score, nearest passage, and level along the direction."""

    asked: Numbers
    other: Numbers


def main() -> None:
    """Fit and write the shipped file."""
    model = MiniLM.installed()
    if model is None:
        raise SystemExit("The encoder is not installed: run this with the Python of the local AWS.")
    encoder = MiniLM(model)
    write(knowledge_bases(), lambda texts: np.asarray(encoder.embed(list(texts), MOST_TOKENS), dtype=np.float64))


def write(bases: Sequence[KnowledgeBase], embed: Embed) -> None:
    """Fit the direction on every question, and the weights on scores of directions that never saw their base."""
    inquiries = dict(zip(asking.texts(bases), asking.cross_fitted(asking.requests(bases)), strict=True))
    measured = [grounding.measure(base, inquiries) for base in bases]
    everyday = [index for index, base in enumerate(bases) if passages(base)]
    tables = [_requests(bases, measured, index, everyday, embed) for index in everyday]
    values = np.vstack([rows for table in tables for rows in table])
    answers = np.concatenate([[1.0] * len(table.asked) + [0.0] * len(table.other) for table in tables])
    groups = np.repeat(np.arange(len(tables)), [len(table.asked) + len(table.other) for table in tables])
    weights = fit(values, answers, groups)
    final = direction([bases[index] for index in everyday], embed)
    rounded = {"weights": np.round(weights, 3).tolist(), "direction": np.round(final, 2).tolist()}
    TARGET.write_text(json.dumps(rounded, separators=(",", ":")) + "\n", encoding="utf-8")


def passages(base: KnowledgeBase) -> list[str]:
    """The passages that a look reads; none where they are too many."""
    meanings = Meanings()
    for document in base.documents:
        meanings.add(document)
    return meanings.passages if len(meanings.passages) <= MOST else []


def direction(bases: Sequence[KnowledgeBase], embed: Embed) -> Numbers:
    """From requests that ask nobody in particular to questions of these bases, and of houses without documents."""
    asked = [question for base in bases for question in base.questions] + [one for _, one in asked_elsewhere()]
    texts = [question.text for question in asked if question.language == "en"]
    taught = [text for index, text in enumerate(background()["en"]) if index % EVERY and not _exam(text)]
    answers = np.array([1.0] * len(texts) + [0.0] * len(taught))
    return fit(embed([*texts, *taught]), answers, np.zeros(len(answers), dtype=np.int64), RIDGE)


def _requests(
    bases: Sequence[KnowledgeBase],
    measured: Sequence[grounding.Measured],
    index: int,
    everyday: Sequence[int],
    embed: Embed,
) -> Requests:
    base, here = bases[index], measured[index]
    weights = grounding.coefficients([one for one in measured if one is not here], slice(None))
    towards = direction([bases[other] for other in everyday if other != index], embed)
    store = embed(passages(base))
    texts = background()["en"]
    tried = [row for row in range(0, len(texts), EVERY) if not _exam(texts[row])]
    asked = [question.text for question in base.questions if question.language == "en"]
    other = _told([texts[row] for row in tried], store, towards, embed)
    told = _told(asked, store, towards, embed)
    mean, spread = other[:, 0].mean(), other[:, 0].std()
    for table in (other, told):
        table[:, 0] = (table[:, 0] - mean) / spread
    scores = grounding.scores([here.other["en"][row] for row in tried], weights)
    return Requests(np.column_stack([grounding.scores(here.asked, weights), told]), np.column_stack([scores, other]))


def _told(texts: Sequence[str], store: Numbers, towards: Numbers, embed: Embed) -> Numbers:
    """The nearest passage of each text, and its level along the direction: of its pieces the best of each."""
    rows = []
    for text in texts:
        vectors = embed(pieces(text))
        rows.append([(vectors @ store.T).max(), (vectors @ towards).max()])
    return np.array(rows)


def _exam(text: str) -> bool:
    return offers_options(sentences(text))


if __name__ == "__main__":
    main()
