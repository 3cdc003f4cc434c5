"""The profile of a knowledge base: the weight of its terms, and the scores from which a request is about them."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from arbiter.routing.artefact import number, pack, read
from arbiter.routing.language import LANGUAGES

KIND = "knowledge profile"
_KNOWN = (*LANGUAGES, "other")
PREFERENCES = ("quality", "latency", "cost")


class Term(NamedTuple):
    """A term of the documents."""

    weight: float
    """The decimal logarithm of its rate in the documents over its rate in general language."""
    blocks: int
    """The blocks of neighbouring sections that it occurs in, as bits."""


class Bounds(NamedTuple):
    """The scores that divide the requests of a knowledge base, all from 0 to 1.

    `unsure` is where doubt begins, `grounded` where it is left behind, by what the caller prefers.
    """

    unsure: float
    grounded: Mapping[str, float]
    sure: float = 0.0
    """Where there is none left even for a look that costs nothing; 0 in profiles made before there was one."""


@dataclass(frozen=True, kw_only=True)
class KnowledgeProfile:
    """The words of a knowledge base, as far as the router needs them."""

    documents: int
    sections: int
    words: int
    languages: tuple[str, ...]
    """The languages of the documents, the commonest first."""
    terms: Mapping[str, Term]
    roots: Mapping[str, Term]
    """By what is left of a word without its endings: all terms of that root together, for the forms not met here."""
    near: Mapping[str, float]
    """Words of general language by how much the documents speak of what they mean; those that they hardly touch left
    out."""
    pairs: frozenset[str]
    """Terms that follow each other in the documents, with a space between."""
    translated: Mapping[str, Mapping[str, Term]]
    """By another language: the stems of its words for terms of the documents."""
    bounds: Mapping[str, Bounds]
    """By the language of the request."""
    passage_score: float | None = None
    """The score of retrieval that a request at the threshold must exceed on this store; `None` until measured."""
    passage_slope: float = 0.0
    """How much less a passage needs for each unit of the request's own margin above the threshold."""
    weighing: dict[str, Any] = field(default_factory=dict, init=False, repr=False, compare=False)
    """By the language of requests, how their terms are weighed: of those met lately it is remembered."""

    def dumps(self) -> str:
        """The profile as the text that `loads` takes back."""
        content = {
            "documents": self.documents,
            "sections": self.sections,
            "words": self.words,
            "languages": self.languages,
            "terms": _written(self.terms),
            "roots": _written(self.roots),
            "near": _grouped(self.near),
            "pairs": sorted(self.pairs),
            "translated": {language: _written(terms) for language, terms in self.translated.items()},
            "bounds": {language: bounds._asdict() for language, bounds in self.bounds.items()},
            "passage_score": self.passage_score,
            "passage_slope": self.passage_slope,
        }
        return pack(KIND, content)

    def looked_up(self, passage_score: float, passage_slope: float = 0.0) -> "KnowledgeProfile":
        """The same profile with the measured limit of its store."""
        return replace(self, passage_score=passage_score, passage_slope=passage_slope)


def loads(text: str | bytes) -> KnowledgeProfile:
    """The profile that a text holds.

    Raises:
        DamagedProfileError: it is cut off, altered, or no such profile.
    """
    return read(KIND, text, _read)


def _read(content: Mapping[str, Any]) -> KnowledgeProfile:
    bounds = {
        language: Bounds(
            _share(part["unsure"]),
            {name: _share(part["grounded"][name]) for name in PREFERENCES},
            _share(part.get("sure", 0.0)),
        )
        for language, part in content["bounds"].items()
    }
    passage_score = content["passage_score"]
    return KnowledgeProfile(
        documents=int(content["documents"]),
        sections=int(content["sections"]),
        words=int(content["words"]),
        languages=tuple(language for language in content["languages"] if language in _KNOWN) or ("en",),
        terms=_terms(content["terms"]),
        roots=_terms(content["roots"]),
        near={word: number(float(weight)) for weight, words in content["near"].items() for word in words.split()},
        pairs=frozenset(content["pairs"]),
        translated={language: _terms(terms) for language, terms in content["translated"].items()},
        bounds={"en": bounds["en"], **bounds},
        passage_score=None if passage_score is None else number(passage_score),
        passage_slope=number(content.get("passage_slope", 0.0)),
    )


def _written(terms: Mapping[str, Term]) -> dict[str, list[float | str]]:
    return {name: [term.weight, f"{term.blocks:x}"] for name, term in terms.items()}


def _grouped(near: Mapping[str, float]) -> dict[str, str]:
    """The words of each weight, with spaces between: a third of the size of a list of both."""
    groups: dict[str, list[str]] = {}
    for word, weight in near.items():
        groups.setdefault(str(weight), []).append(word)
    return {weight: " ".join(words) for weight, words in groups.items()}


def _terms(value: Mapping[str, Any]) -> dict[str, Term]:
    return {name: Term(number(weight), int(blocks, 16)) for name, (weight, blocks) in value.items()}


def _share(value: object) -> float:
    share = number(value)
    if not 0 <= share <= 1:
        raise ValueError(value)
    return share
