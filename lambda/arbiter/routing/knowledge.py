"""The profile of a knowledge base: the weight of its terms, and the scores from which a request is about them."""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from arbiter.routing.artefact import DamagedProfileError, pack, unpack

KIND = "knowledge profile"
PREFERENCES = ("quality", "latency", "cost")


@dataclass(frozen=True)
class Bounds:
    """The scores that divide the requests of a knowledge base, all from 0 to 1.

    `unsure` is where doubt begins, `grounded` where there is none left, by what the caller prefers.
    """

    unsure: float
    grounded: Mapping[str, float]


@dataclass(frozen=True, kw_only=True)
class KnowledgeProfile:
    """The words of a knowledge base, as far as the router needs them."""

    documents: int
    sections: int
    words: int
    languages: tuple[str, ...]
    """The languages of the documents, the commonest first."""
    weights: Mapping[str, float]
    """The decimal logarithm of each term's rate in the documents over its rate in general language."""
    bounds: Mapping[str, Bounds]
    """By the language of the request."""
    passage_score: float | None = None
    """The score of retrieval that background requests stay below on this store; `None` until it was measured."""

    def dumps(self) -> str:
        """The profile as the text that `loads` takes back."""
        return pack(KIND, asdict(self))

    def looked_up(self, passage_score: float) -> "KnowledgeProfile":
        """The same profile with the measured limit of its store."""
        return replace(self, passage_score=passage_score)


def loads(text: str | bytes) -> KnowledgeProfile:
    """The profile that a text holds.

    Raises:
        DamagedProfileError: it is cut off, altered, or no such profile.
    """
    content = unpack(KIND, text)
    try:
        return _read(content)
    except (KeyError, TypeError, ValueError, AttributeError):
        raise DamagedProfileError("lacks a part of a knowledge profile") from None


def _read(content: Mapping[str, Any]) -> KnowledgeProfile:
    bounds = {
        language: Bounds(_share(part["unsure"]), {name: _share(part["grounded"][name]) for name in PREFERENCES})
        for language, part in content["bounds"].items()
    }
    passage_score = content["passage_score"]
    return KnowledgeProfile(
        documents=int(content["documents"]),
        sections=int(content["sections"]),
        words=int(content["words"]),
        languages=tuple(str(language) for language in content["languages"]),
        weights={str(term): float(weight) for term, weight in content["weights"].items()},
        bounds={"en": bounds["en"], **bounds},
        passage_score=None if passage_score is None else float(passage_score),
    )


def _share(value: object) -> float:
    if not isinstance(value, int | float) or not math.isfinite(value) or not 0 <= value <= 1:
        raise ValueError(value)
    return float(value)
