"""Passages show their place in the document, and cut it where it breaks."""

from arbiter.generation.sources.passages import SHORTEST, cut, spread

SECTION = "## {}\n\n" + "The kettle boils one litre of water in three minutes at sea level. " * 8
DOCUMENT = "# Kettles\r\n\r\n" + "\n\n".join(SECTION.format(name) for name in ("Boiling", "Cleaning", "Repair"))


def test_a_passage_is_what_stands_at_its_place() -> None:
    passages = cut(DOCUMENT, 200)

    assert len(passages) == 3
    assert all(DOCUMENT[passage.start : passage.end] == passage.text for passage in passages)


def test_a_section_begins_a_passage() -> None:
    assert [passage.text.splitlines()[0] for passage in cut(DOCUMENT, 200)][1:] == ["## Cleaning", "## Repair"]


def test_a_paragraph_that_is_too_long_ends_with_a_sentence() -> None:
    text = "The kettle boils one litre of water in three minutes. " * 100
    passages = cut(text, 100)

    assert len(passages) > 10
    assert all(passage.text.endswith(".") and len(passage.text) <= 400 for passage in passages)


def test_what_is_too_short_to_ask_about_is_no_passage() -> None:
    assert cut("# A heading\n\nA line.", 300) == []
    assert len(cut("x" * SHORTEST, 300)) == 1


def test_few_passages_are_taken_from_the_whole_document_before_the_others() -> None:
    assert spread(3, 9) == [0, 3, 6, 1, 2, 4, 5, 7, 8]
    assert spread(5, 2) == [0, 1]
    assert spread(0, 2) == [0, 1]
