"""The inputs that the cost of a technique hangs on most: each halved and doubled, the others as they are."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import NamedTuple

from cli.advice.money.bills import Figures, Tokens, Volumes, bill

COUNTED = {
    "requests": "requests a month",
    "input_tokens": "tokens of a request",
    "output_tokens": "tokens of an answer",
    "passage_tokens": "tokens of the passages",
    "corpus_tokens": "tokens of all documents",
    "syncs": "changes of the documents",
    "examples": "examples that are trained on",
    "life_months": "months that a tuned model is used",
    "calls": "calls to a model for one request",
}
PRICED = {
    "input": "price of input tokens",
    "output": "price of output tokens",
    "tuned_input": "price of a tuned model's input tokens",
    "tuned_output": "price of a tuned model's output tokens",
    "training": "price of training",
    "storage_month": "price of keeping a tuned model",
    "embedding": "price of embedding a question",
    "indexed": "price of bringing the documents in",
    "resident": "price of Arbiter itself: alarms, dashboard, queue, metrics",
    "stored_month": "price of keeping the documents and vectors",
    "running": "price of running the router",
}


class Swing(NamedTuple):
    """One input, and the cost a month where it is half and double of what it is."""

    name: str
    words: str
    halved: float
    doubled: float

    @property
    def width(self) -> float:
        return abs(self.doubled - self.halved)


def swings(technique: str, volumes: Volumes, figures: Figures) -> list[Swing]:
    """Every input that moves the cost of a technique, from the one that moves it most."""
    swings = [*_counted(technique, volumes, figures), *_priced(technique, volumes, figures)]
    return sorted((one for one in swings if one.width > 0), key=lambda one: -one.width)


def _month(technique: str, volumes: Volumes, figures: Figures) -> float:
    return bill(technique, volumes, figures).month(volumes.use).usd


def _counted(technique: str, volumes: Volumes, figures: Figures) -> Iterator[Swing]:
    for name, words in COUNTED.items():
        changed = [_month(technique, _scaled(volumes, name, factor), figures) for factor in (0.5, 2)]
        yield Swing(name, words, *changed)


def _scaled(volumes: Volumes, name: str, factor: float) -> Volumes:
    """Volumes with one of them changed; what a run counted changes with it."""
    changed: Volumes = replace(volumes, **{name: getattr(volumes, name) * factor})
    part: Callable[[Tokens], Tokens] | None = {
        "input_tokens": lambda one: one._replace(input=one.input * factor),
        "output_tokens": lambda one: one._replace(output=one.output * factor),
    }.get(name)
    if part is None:
        return changed
    return replace(changed, measured={technique: part(one) for technique, one in volumes.measured.items()})


def _priced(technique: str, volumes: Volumes, figures: Figures) -> Iterator[Swing]:
    for name, words in PRICED.items():
        amount = getattr(figures, name)
        changed = [figures._replace(**{name: amount.times(factor)}) for factor in (0.5, 2)]
        yield Swing(name, words, *(_month(technique, volumes, one) for one in changed))
