"""A run's names are what Bedrock accepts."""

import re

import pytest

from arbiter.training.run import JobNames, is_name, output_prefix, prepared_key, problems_of, raw_key


@pytest.mark.parametrize("run", ["a", "20261121-053000-3fa2", "a" * 40, "x-1"])
def test_good_names_make_good_names(run: str) -> None:
    names = JobNames.of(run, "0123456789abcdef" * 4)
    assert problems_of(run, raw_key(run)) == []
    assert re.fullmatch(r"[a-zA-Z0-9](-*[a-zA-Z0-9+\-.])*", names.job_name)
    assert re.fullmatch(r"([0-9a-zA-Z][_-]?){1,63}", names.custom_model_name)
    assert re.fullmatch(r"([0-9a-zA-Z][_-]?){1,63}", names.deployment_name)
    assert re.fullmatch(r"[a-zA-Z0-9]([-a-zA-Z0-9]{0,254}[a-zA-Z0-9])?", names.client_token)
    assert len(names.job_name) <= 63
    assert (prepared_key(run), output_prefix(run)) == (f"datasets/{run}/train.jsonl", f"customization/{run}/")


@pytest.mark.parametrize("run", ["", "A", "a--b", "-a", "a-", "a_b", "a/b", "a" * 41, "ä", "a b", "a\n"])
def test_bad_names_are_refused(run: str) -> None:
    assert not is_name(run)
    assert "a-z and 0-9" in problems_of(run, "datasets/a/raw.jsonl")[0]


@pytest.mark.parametrize(
    "key", ["raw.jsonl", "datasets/a b.jsonl", "datasets/a=1/x", "datasets/../x", "datasets/ä", "/datasets/x", ""]
)
def test_keys_that_bedrock_cannot_read_are_refused(key: str) -> None:
    assert "under datasets/" in problems_of("a", key)[0]


def test_other_data_under_the_same_run_make_other_names() -> None:
    first, second = JobNames.of("a", "1" * 64), JobNames.of("a", "2" * 64)
    assert first.client_token != second.client_token
    assert first.job_name != second.job_name
