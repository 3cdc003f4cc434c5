"""Vectors are found by distance and metadata."""

from typing import Any

import pytest

from local.emulator.knowledge import vector_search
from local.emulator.knowledge.vector_filters import FilterError, matches, translate
from local.emulator.knowledge.vector_search import VectorIndex

ROPE = {"kind": "rope", "price": 20, "tags": ["hill", "wet"]}


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
