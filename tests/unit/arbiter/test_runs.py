"""A run's names are what Bedrock accepts."""

import pytest

from arbiter.runs import (
    better_name,
    is_name,
    output_prefix,
    prepared_key,
    problems_of,
    raw_key,
    suffix_of,
    validation_key,
)


@pytest.mark.parametrize("run", ["a", "20261121-053000-3fa2", "a" * 40, "x-1"])
def test_good_names_make_keys_that_bedrock_reads(run: str) -> None:
    keys = [raw_key(run, "ab" * 32), raw_key(run, "", ".csv"), prepared_key(run), validation_key(run)]
    assert all(problems_of(run, key) == [] for key in keys)
    assert keys == [
        f"datasets/{run}/{name}"
        for name in ("raw-abababababababab.jsonl", "raw-.csv", "train.jsonl", "validation.jsonl")
    ]
    assert output_prefix(run) == f"customization/{run}/"


@pytest.mark.parametrize("run", ["", "A", "a--b", "-a", "a-", "a_b", "a/b", "a" * 41, "ä", "a b", "a\n"])
def test_bad_names_are_refused(run: str) -> None:
    assert not is_name(run)
    assert "a-z and 0-9" in problems_of(run, "datasets/a/raw.jsonl")[0]


@pytest.mark.parametrize(
    "key", ["raw.jsonl", "datasets/a b.jsonl", "datasets/a=1/x", "datasets/../x", "datasets/ä", "/datasets/x", ""]
)
def test_keys_that_bedrock_cannot_read_are_refused(key: str) -> None:
    assert "under datasets/" in problems_of("a", key)[0]


@pytest.mark.parametrize(
    ("name", "better"),
    [
        ("pairs.jsonl", None),
        ("my_pairs-2.v1.csv", None),
        ("my pairs.jsonl", "my-pairs.jsonl"),
        ("Antworten für alle (2).csv", "Antworten-f-r-alle-2.csv"),
        ("pairs.json", "pairs.jsonl"),
        ("PAIRS.JSONL", "PAIRS.jsonl"),
        ("pairs", "pairs.jsonl"),
        ("a=b%20.jsonl", "a-b-20.jsonl"),
        ("ä.jsonl", "training.jsonl"),
        ("", "training.jsonl"),
    ],
)
def test_a_name_that_bedrock_refuses_as_a_key_gets_a_better_one(name: str, better: str | None) -> None:
    assert better_name(name) == better
    assert better is None or better_name(better) is None


def test_the_suffix_tells_a_table_from_json_lines() -> None:
    assert [suffix_of(name) for name in ("a.csv", "A.CSV", "a.jsonl", "csv")] == [".csv", ".csv", ".jsonl", ".jsonl"]
