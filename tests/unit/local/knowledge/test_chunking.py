"""Documents are cut as the data source says."""

import pytest

from local.emulator.knowledge.chunking import Chunking, ChunkingError, count_tokens

SENTENCES = "".join(f"Sentence number {number} says something of its own. " for number in range(60))


def test_no_chunk_exceeds_the_limit_and_nothing_is_lost() -> None:
    chunks = Chunking(max_tokens=50, overlap_percent=20).split(SENTENCES)

    assert all(count_tokens(chunk) <= 50 for chunk in chunks)
    assert all(any(f"number {number} says" in chunk for chunk in chunks) for number in range(60))


def test_a_chunk_repeats_the_end_of_the_one_before() -> None:
    first, second, *_ = Chunking(max_tokens=50, overlap_percent=20).split(SENTENCES)

    assert first.endswith(second.split(". ")[0] + ".")


def test_a_sentence_longer_than_a_chunk_is_cut_at_words() -> None:
    chunks = Chunking(max_tokens=10, overlap_percent=0).split("word " * 95)

    assert [count_tokens(chunk) for chunk in chunks] == [10] * 9 + [5]


def test_without_chunking_a_document_stays_whole() -> None:
    assert Chunking.parse({"chunkingStrategy": "NONE"}).split(SENTENCES) == [SENTENCES.strip()]


def test_the_default_is_bedrocks() -> None:
    assert Chunking.parse(None) == Chunking(max_tokens=300, overlap_percent=20)


def test_strategies_that_need_a_model_are_refused() -> None:
    with pytest.raises(ChunkingError, match="SEMANTIC is not emulated; allowed: FIXED_SIZE, NONE"):
        Chunking.parse({"chunkingStrategy": "SEMANTIC"})


def test_an_empty_text_has_no_chunks() -> None:
    assert Chunking().split(" \n ") == []
