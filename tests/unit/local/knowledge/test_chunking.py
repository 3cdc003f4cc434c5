"""Documents are cut as the data source says."""

import pytest

from local.emulator.embedding.model import MOST_SENTENCES
from local.emulator.knowledge.reading import chunking
from local.emulator.knowledge.reading.chunking import PAGE, Chunk, Chunking, ChunkingError, paged
from local.emulator.knowledge.reading.parsed import Parsed
from local.emulator.knowledge.reading.tokens import count_tokens

SENTENCES = "".join(f"Sentence number {number} says something of its own. " for number in range(60))


def fixed(limit: int, overlap: int) -> Chunking:
    sizes = {"maxTokens": limit, "overlapPercentage": overlap}
    return Chunking.parse({"chunkingStrategy": "FIXED_SIZE", "fixedSizeChunkingConfiguration": sizes})


def test_no_chunk_exceeds_the_limit_and_nothing_is_lost() -> None:
    chunks = fixed(50, 20).split(SENTENCES)

    assert all(count_tokens(chunk) <= 50 for chunk in chunks)
    assert all(any(f"number {number} says" in chunk for chunk in chunks) for number in range(60))


def test_a_chunk_repeats_the_end_of_the_one_before() -> None:
    first, second, *_ = fixed(50, 20).split(SENTENCES)

    assert first.endswith(second.split(". ")[0] + ".")


def test_a_sentence_longer_than_a_chunk_is_cut_at_words() -> None:
    chunks = fixed(10, 0).split("word " * 95)

    assert [count_tokens(chunk) for chunk in chunks] == [10] * 9 + [5]


@pytest.mark.parametrize(
    "text",
    ["鍵を忘れた人は警備室に電話します。" * 200, "x" * 20_000, "鍵" * 900],
    ids=["Japanese", "a word without an end", "one sentence"],
)
def test_what_has_no_spaces_is_cut_to_size(text: str) -> None:
    chunks = fixed(100, 0).split(text)

    assert "".join(chunks) == text
    assert [count_tokens(chunk) for chunk in chunks[:-1]] == pytest.approx([100] * (len(chunks) - 1), abs=18)
    assert len(chunks) > 1


def test_without_chunking_a_document_stays_whole() -> None:
    assert Chunking.parse({"chunkingStrategy": "NONE"}).split(SENTENCES) == [SENTENCES.strip()]


def test_the_default_is_bedrocks() -> None:
    assert Chunking.parse(None).split(SENTENCES * 20) == fixed(300, 20).split(SENTENCES * 20)


def hierarchical(parent: int, child: int, overlap: int) -> Chunking:
    sizes = {"levelConfigurations": [{"maxTokens": parent}, {"maxTokens": child}], "overlapTokens": overlap}
    return Chunking.parse({"chunkingStrategy": "HIERARCHICAL", "hierarchicalChunkingConfiguration": sizes})


def test_small_chunks_stand_in_the_large_ones_that_are_given_for_them() -> None:
    chunks = hierarchical(40, 10, 1).cut(SENTENCES)
    parents = list(dict.fromkeys(chunk.parent for chunk in chunks))
    assert all(chunk.parent and chunk.text in chunk.parent for chunk in chunks)
    assert max(count_tokens(chunk.text) for chunk in chunks) <= 10
    assert 1 < len(parents) < len(chunks)


@pytest.mark.parametrize(("parent", "child", "overlap"), [(10, 10, 1), (40, 10, 10)])
def test_levels_that_do_not_fit_into_each_other_are_refused(parent: int, child: int, overlap: int) -> None:
    with pytest.raises(ChunkingError, match="do not fit into each other"):
        hierarchical(parent, child, overlap)


def test_a_chunk_ends_where_the_subject_changes() -> None:
    ropes = "A rope is retired after 110 hill days. A rope with a cut sheath is retired. A wet rope is dried in a bag. "
    stoves = "The stove burns propane gas. The stove boils propane in three minutes. The stove needs a propane pump. "
    sizes = {"maxTokens": 200, "bufferSize": 0, "breakpointPercentileThreshold": 90}
    cut = Chunking.parse({"chunkingStrategy": "SEMANTIC", "semanticChunkingConfiguration": sizes})
    chunks = cut.split(ropes + stoves)
    assert "".join(chunks).replace(" ", "") == (ropes + stoves).replace(" ", "")
    assert any(chunk.startswith("The stove burns") for chunk in chunks)


def test_a_long_document_is_cut_where_its_words_change(monkeypatch: pytest.MonkeyPatch) -> None:
    """A text of 6 MB took minutes of an encoder's time, sentence by sentence."""
    monkeypatch.setattr(chunking, "embedder", lambda: pytest.fail("no encoder reads so many sentences"))
    subjects = [("rope", "sheath", "knot"), ("stove", "burner", "gas")]
    parts = ["".join(f"The {word} of part {part} is kept dry. " for word in subjects[part % 2] * 10)
             for part in range(MOST_SENTENCES // 30 + 1)]  # fmt: skip
    sizes = {"maxTokens": 8192, "bufferSize": 0, "breakpointPercentileThreshold": 95}
    cut = Chunking.parse({"chunkingStrategy": "SEMANTIC", "semanticChunkingConfiguration": sizes})

    chunks = cut.split("".join(parts))

    assert " ".join(chunks) == "".join(parts).strip()
    begun = [chunk for chunk in chunks if chunk.startswith(("The rope of part", "The stove of part"))]
    assert len(begun) > len(chunks) / 2


def test_a_strategy_that_there_is_not_is_refused() -> None:
    with pytest.raises(ChunkingError, match="BY_MOON does not exist; allowed: FIXED_SIZE, HIER"):
        Chunking.parse({"chunkingStrategy": "BY_MOON"})


def test_a_chunk_knows_the_page_it_begins_on() -> None:
    parsed = Parsed("One. Two.\n\nThree. Four.\n\n", (0, 11))
    chunks = paged([Chunk("One. Two."), Chunk("Two.\n\nThree."), Chunk("Four.")], parsed)
    assert [chunk.attributes[PAGE] for chunk in chunks] == [1, 1, 2]


def test_an_empty_text_has_no_chunks() -> None:
    assert Chunking().split(" \n ") == []
