"""The sides of a split by document: drawn from each document's own hash, so that other documents move none."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any

from arbiter.training_data.reading.samples import Sample
from arbiter.training_data.text.rules import Fault
from arbiter.training_data.text.similarity import plain

TRAINING_SALT = "arbiter-validation"
EVALUATION_SALT = "arbiter-held-out"
_SHARES = 1 << 64
MOST_MEASURED = 0.4
"""Share of the samples in validation beyond which a split is doubted."""


def side_of(document: str, percentage: float, salt: str) -> bool:
    """Whether `document` falls into the share of `percentage` that `salt` draws.

    Depends on nothing else: neither on the order of documents nor on which others there are. A larger
    percentage keeps every document that a smaller one drew. Shares of different salts are independent.
    """
    return _lot(document, salt) * 100 < percentage * _SHARES


def _lot(document: str, salt: str) -> int:
    digest = blake2b(document.encode("utf-8", "surrogatepass"), digest_size=8, person=salt.encode()[:16]).digest()
    return int.from_bytes(digest, "big")


def held_out(document: str, percentage: int) -> bool:
    """Whether evaluation questions, and never training samples, are made from `document`.

    `document` is its key below `documents/`, as in the samples' field "document". The answer is the same in
    every run and for any set of documents, so that one added later leaks nothing; `swapped` names the one exception.
    """
    return side_of(document, percentage, EVALUATION_SALT)


def swapped(documents: Collection[str], percentage: int) -> str | None:
    """The one document that changes sides, where all of two or more were drawn to the same; `None` elsewhere.

    It is the one whose lot was nearest to the other side. It goes back as soon as another is drawn there or has a
    nearer lot: a rule that always splits two documents cannot keep every one of them when a third arrives. With
    a percentage of 0 nothing is held out.
    """
    drawn = sum(held_out(document, percentage) for document in documents)
    if not percentage or len(documents) < 2 or 0 < drawn < len(documents):
        return None
    nearest = max if drawn else min
    return nearest(documents, key=lambda document: (_lot(document, EVALUATION_SALT), document))


def group_of(sample: Sample) -> str:
    """The group that stays together: the samples of one document, and without one those that ask the same."""
    return f"document:{sample.document}" if sample.document else f"question:{plain(sample.question)}"


@dataclass
class Side:
    """The samples on one side of a split."""

    samples: int = 0
    tokens: int = 0
    groups: set[bytes] = field(default_factory=set)

    def add(self, group: str, tokens: int) -> None:
        self.samples += 1
        self.tokens += tokens
        self.groups.add(blake2b(group.encode("utf-8", "surrogatepass"), digest_size=8).digest())

    def take(self, other: "Side") -> None:
        """Take over all that is on the other side."""
        self.samples += other.samples
        self.tokens += other.tokens
        self.groups |= other.groups
        other.samples = other.tokens = 0
        other.groups = set()


@dataclass
class Split:
    """Training and validation samples, counted as they are drawn."""

    percentage: int = 0
    train: Side = field(default_factory=Side)
    validation: Side = field(default_factory=Side)
    joined: bool = False
    """Whether the drawn validation side was given back to training, which was left with too little."""

    def draw(self, sample: Sample, tokens: int) -> bool:
        """Whether a sample falls into validation."""
        group = group_of(sample)
        measured = side_of(group, self.percentage, TRAINING_SALT)
        (self.validation if measured else self.train).add(group, tokens)
        return measured

    def settle(self, minimum: int) -> Iterator[Fault]:
        """Keep the training side usable, and say what is doubtful about the split."""
        drawn, groups = self.validation.samples, len(self.train.groups) + len(self.validation.groups)
        if drawn and self.train.samples < minimum:
            self.joined = True
            left = self.train.samples
            self.train.take(self.validation)
            problem = f"would keep {left:,} samples to train on, of at least {minimum}, after {drawn:,} for validation"
            yield "no_validation", problem, "all are trained on; add samples from more documents"
        elif self.percentage and self.train.samples and not drawn:
            problem = f"has no validation samples: none of its {groups:,} documents or questions was drawn"
            yield "no_validation", problem, "raise validation_percentage, or add documents"
        elif drawn > MOST_MEASURED * (drawn + self.train.samples):
            share = round(100 * drawn / (drawn + self.train.samples))
            problem = f"has {share} % of its samples in validation, for few documents hold many samples"
            yield "uneven_split", problem, "lower validation_percentage, or spread the samples over more documents"

    def dump(self) -> dict[str, Any]:
        return {
            "validation_percentage": self.percentage,
            **{
                name: {"samples": side.samples, "tokens": side.tokens, "groups": len(side.groups)}
                for name, side in (("train", self.train), ("validation", self.validation))
            },
        }
