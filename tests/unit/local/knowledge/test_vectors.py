"""Vectors are found by distance and metadata."""

from typing import Any

import pytest

from local.emulator.knowledge.vectors import search as vector_search
from local.emulator.knowledge.vectors.filters import FilterError, matches, translate
from local.emulator.knowledge.vectors.search import VectorIndex

ROPE = {"kind": "rope", "price": 20, "open": True, "tags": ["hill", "wet"]}


@pytest.mark.parametrize("numpy", [None, vector_search.numpy], ids=["pure", "numpy"])
@pytest.mark.parametrize("metric", ["cosine", "euclidean"])
def test_the_nearest_come_first(numpy: Any, metric: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vector_search, "numpy", numpy)
    index = VectorIndex(2, metric)
    for key, vector in {"east": [1.0, 0.0], "north": [0.0, 1.0], "northeast": [0.7, 0.7]}.items():
        index.put(key, vector, {"key": key})

    assert [key for _, key in index.nearest([1.0, 0.1], 2, None)] == ["east", "northeast"]
    assert [key for _, key in index.nearest([1.0, 0.1], 2, {"key": {"$ne": "east"}})] == ["northeast", "north"]

    index.delete(["east", "unknown"])
    assert [key for _, key in index.nearest([1.0, 0.1], 5, None)] == ["northeast", "north"]


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        ({"equals": {"key": "kind", "value": "rope"}}, True),
        ({"notEquals": {"key": "kind", "value": "rope"}}, False),
        ({"greaterThan": {"key": "price", "value": 19}}, True),
        ({"lessThanOrEquals": {"key": "price", "value": 19}}, False),
        ({"equals": {"key": "open", "value": True}}, True),
        ({"equals": {"key": "open", "value": 1}}, False),
        ({"notIn": {"key": "open", "value": [1]}}, True),
        ({"greaterThan": {"key": "open", "value": 0}}, False),
        ({"greaterThan": {"key": "kind", "value": 19}}, False),
        ({"in": {"key": "kind", "value": ["rope", "axe"]}}, True),
        ({"notIn": {"key": "kind", "value": ["rope", "axe"]}}, False),
        ({"listContains": {"key": "tags", "value": "wet"}}, True),
        ({"equals": {"key": "absent", "value": None}}, False),
        (
            {"andAll": [{"equals": {"key": "kind", "value": "rope"}}, {"lessThan": {"key": "price", "value": 21}}]},
            True,
        ),
        (
            {"orAll": [{"equals": {"key": "kind", "value": "axe"}}, {"lessThan": {"key": "price", "value": 5}}]},
            False,
        ),
    ],
)
def test_filters_mean_what_bedrock_says(condition: dict[str, Any], *, holds: bool) -> None:
    translated = translate(condition)

    assert translated is not None
    assert matches(translated, ROPE) is holds


@pytest.mark.parametrize(
    ("condition", "reason"),
    [
        ({"startsWith": {"key": "kind", "value": "r"}}, "startsWith is not supported"),
        ({"andAll": [{"equals": {"key": "kind", "value": "rope"}}]}, "at least 2"),
        ({"equals": {}, "notEquals": {}}, "one operator"),
    ],
)
def test_filters_that_the_store_cannot_apply_are_refused(condition: dict[str, Any], reason: str) -> None:
    with pytest.raises(FilterError, match=reason):
        translate(condition)


def texts(language: str | None, **by_key: str) -> VectorIndex:
    index = VectorIndex(2, "cosine", {"text": language})
    for key, text in by_key.items():
        index.put(key, [1.0, 0.0], {"text": text, "team": key[0]})
    return index


def test_words_rank_by_bm25_within_the_filter() -> None:
    index = texts(None, a1="alpha beta beta", a2="alpha alpha gamma delta epsilon", b1="beta gamma")

    [(first, key), (second, other)] = index.containing("text", "alpha", 5, None)
    # Lucene's formula: ln(1 + 1.5/2.5) * 2 * 2.2 / (2 + 1.2 * (0.25 + 0.75 * 5 / (10/3))), by hand.
    assert (key, first) == ("a2", pytest.approx(0.5666, abs=1e-4))
    assert (other, second) == ("a1", pytest.approx(0.4900, abs=1e-4))
    assert [k for _, k in index.containing("text", "beta", 5, {"team": {"$eq": "b"}})] == ["b1"]
    assert index.containing("text", "beta", 5, {"team": {"$eq": "c"}}) == []

    index.delete(["b1"])
    index.put("a1", [1.0, 0.0], {"text": "omega"})
    assert index.containing("text", "beta", 5, None) == []
    assert [k for _, k in index.containing("text", "OMEGA?", 5, None)] == ["a1"]


@pytest.mark.parametrize(
    ("language", "text", "asked", "answered"),
    [
        ("en", "The instances are stopped", "instance", True),
        ("en", "The instances are stopped", "the are", False),
        (None, "The instances are stopped", "instance", False),
        (None, "The instances are stopped", "the are", True),
        ("de", "Die Rechnungen der Häuser", "Rechnung", True),
        ("fr", "Les factures du mois", "facture", True),
        ("ja", "東京都の天気", "東京", True),
        ("ja", "東京都の天気", "京東", False),
        ("en", "Fails with error ERR_5032 on m5.24xlarge", "ERR_5032", True),
        ("en", "Fails with error ERR_5032 on m5.24xlarge", "ERR_5033", False),
    ],
)
def test_words_are_those_of_the_language(language: str | None, text: str, asked: str, *, answered: bool) -> None:
    assert bool(texts(language, a=text).containing("text", asked, 1, None)) is answered
