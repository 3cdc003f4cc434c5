"""A split keeps documents whole, moves nothing when others arrive, and never leaves a job without data."""

import io
import json
from typing import Any

import pytest

from arbiter.training_data.check import Rules
from arbiter.training_data.prepare import Prepared, prepare
from arbiter.training_data.split import EVALUATION_SALT, TRAINING_SALT, held_out, side_of, swapped
from arbiter.training_data.text.sensitive_data import detects_nothing

DOCUMENTS = [f"guides/document-{number}.md" for number in range(1000)]


def samples(documents: int, each: int = 2) -> list[dict[str, Any]]:
    return [
        {"question": f"Question {i} of {document}?", "answer": f"Answer {i} of {document}.", "document": document}
        for document in DOCUMENTS[:documents]
        for i in range(each)
    ]


def prepared(records: list[dict[str, Any]], percentage: int, minimum: int = 1) -> Prepared:
    return prepare(
        [json.dumps(record).encode() + b"\n" for record in records],
        Rules(minimum=minimum, validation_percentage=percentage),
        suffix=".jsonl",
        train=io.BytesIO(),
        validation=io.BytesIO(),
        detect=detects_nothing,
    )


@pytest.mark.parametrize("percentage", [5, 10, 20, 50])
def test_the_share_of_documents_is_about_the_percentage(percentage: int) -> None:
    drawn = sum(held_out(document, percentage) for document in DOCUMENTS)
    assert abs(drawn / 10 - percentage) < 4


def test_what_is_held_out_for_evaluation_says_nothing_about_validation() -> None:
    both = sum(side_of(d, 50, TRAINING_SALT) and side_of(d, 50, EVALUATION_SALT) for d in DOCUMENTS)
    assert 200 < both < 300


def test_the_sides_are_pinned_for_they_must_hold_from_run_to_run() -> None:
    assert [name for name in "abcdefghij" if held_out(f"{name}.md", 50)] == ["b", "e"]


def sides(documents: list[str], percentage: int) -> dict[str, bool]:
    """Whether each document is held out, the swapped one included."""
    other = swapped(documents, percentage)
    return {name: held_out(name, percentage) != (name == other) for name in documents}


@pytest.mark.parametrize("percentage", [1, 20, 90])
@pytest.mark.parametrize("count", [2, 3, 5])
def test_few_documents_have_one_on_each_side_in_any_order(count: int, percentage: int) -> None:
    for first in range(0, 300, count):
        documents = DOCUMENTS[first : first + count]
        drawn = sides(documents, percentage)
        assert set(drawn.values()) == {True, False}
        assert sides(documents[::-1], percentage) == drawn


def test_a_document_that_arrives_moves_at_most_the_swapped_one() -> None:
    for first in range(200):
        before, after = sides(DOCUMENTS[first : first + 3], 20), sides(DOCUMENTS[first : first + 4], 20)
        moved = {name for name in before if before[name] != after[name]}
        assert moved <= {swapped(list(before), 20)}


def test_no_document_is_swapped_where_the_setting_holds_none_out_or_there_is_one() -> None:
    assert swapped(DOCUMENTS[:5], 0) is None
    assert swapped(DOCUMENTS[:1], 20) is None


def test_documents_that_arrive_move_no_other() -> None:
    before, after = prepared(samples(100), 20), prepared(samples(200), 20)
    assert before.validation
    assert after.validation
    assert set(before.validation.readlines()) <= set(after.validation.readlines())
    assert set(before.train.readlines()) <= set(after.train.readlines())


def test_both_sides_are_counted_with_their_tokens() -> None:
    split = prepared(samples(100), 20).report.split
    assert split.train.samples + split.validation.samples == 200
    assert len(split.train.groups) + len(split.validation.groups) == 100
    assert 0 < split.validation.tokens < split.train.tokens


def test_without_a_percentage_everything_is_trained_on_and_nothing_is_said() -> None:
    done = prepared(samples(60), 0)
    assert (done.validation, done.validation_digest, done.report.doubts) == (None, None, [])
    assert done.report.split.train.samples == 120


def test_one_document_is_never_only_measured() -> None:
    done = prepared(samples(1, each=120), 100)
    assert done.validation is None
    assert len(done.train.readlines()) == 120
    (doubt,) = done.report.doubts
    assert (doubt.code, doubt.problem.split(",")[0]) == ("no_validation", "would keep 0 samples to train on")


def test_training_keeps_as_many_samples_as_a_job_needs() -> None:
    done = prepared(samples(100), 50, minimum=150)
    assert done.validation is None
    assert len(done.train.readlines()) == 200
    assert [doubt.code for doubt in done.report.doubts] == ["no_validation"]


def test_too_few_documents_for_validation_are_told() -> None:
    assert not any(side_of(f"document:{document}", 1, TRAINING_SALT) for document in DOCUMENTS[:3])
    (doubt,) = prepared(samples(3, each=40), 1).report.doubts
    assert (doubt.code, "none of its 3 documents" in doubt.problem) == ("no_validation", True)
    assert "raise validation_percentage" in doubt.remedy


def test_a_split_that_measures_most_of_the_data_is_doubted() -> None:
    large = next(d for d in DOCUMENTS if side_of(f"document:{d}", 20, TRAINING_SALT))
    records = [{"question": f"{i}?", "answer": f"{i}.", "document": large} for i in range(100)]
    done = prepared([*records, *samples(10)], 20)
    assert [doubt.code for doubt in done.report.doubts if doubt.code == "uneven_split"] == ["uneven_split"]


def test_the_digests_differ_with_the_data() -> None:
    one, other = prepared(samples(100), 20), prepared(samples(101), 20)
    same = prepared(samples(100), 20)
    assert (one.train_digest, one.validation_digest) == (same.train_digest, same.validation_digest)
    assert (one.train_digest, one.validation_digest) != (other.train_digest, other.validation_digest)
    assert one.train.tell() == 0, "the file can be sent as it is"
