"""A citation says where its passage stands, and which sentences of the answer share its words, if that is asked for."""

from typing import Any

import pytest

from arbiter.answering.prompts import Passage
from arbiter.answering.request import Request, Retrieval
from arbiter.answering.serving.attribution import by_shared_words
from arbiter.answering.serving.response import citation, to_object
from arbiter.modes import Mode
from tests.unit.arbiter.answering.router_fakes import FakeModel, FakeRetriever, World

TENT = Passage(
    '## Warranty<a name="w-1"></a> \\(parts\\) #\nThe warranty of the tent lasts three years.',
    "s3://docs/guides/tent.md",
    0.8,
)
STOVE = Passage("On the stove there is one year of warranty.", "https://example.com/stove", None, 3)
ANSWER = "The warranty of the tent lasts three years. On the stove there is one year. Both were designed in Oslo!"


def citations(answer: str = ANSWER, **retrieval: Any) -> list[dict[str, Any]]:
    world = World(model=FakeModel(text=answer), retriever=FakeRetriever(passages=[TENT, STOVE]))
    options = Retrieval(**retrieval)
    response = to_object(Request("How long?", retrieval=options), world.answer(mode=Mode.RAG, retrieval=options), "id")
    cited: list[dict[str, Any]] = response["citations"]
    return cited


def test_a_citation_names_document_page_and_section_as_far_as_they_are_known() -> None:
    assert citations() == [
        {**told(TENT), "document": "guides/tent.md", "page": None, "section": "Warranty (parts)"},
        {**told(STOVE), "document": "https://example.com/stove", "page": 3, "section": None},
    ]


def test_a_comment_or_a_word_with_a_hash_is_no_section() -> None:
    assert citation(TENT._replace(text="#!/bin/sh\n#tents\n#\n  # not here\n### Tents and\tpegs ###\n# Later"))[
        "section"
    ] == ("Tents and\tpegs")


def told(passage: Passage) -> dict[str, Any]:
    return {"text": passage.text, "uri": passage.uri, "score": passage.score}


def test_a_sentence_stands_under_the_passage_that_shares_most_of_its_words_or_under_none() -> None:
    tent, stove = citations(sentences=True)

    assert tent["sentences"] == [{"text": "The warranty of the tent lasts three years.", "shared_words": 1.0}]
    assert stove["sentences"] == [{"text": "On the stove there is one year.", "shared_words": 1.0}]
    assert "sentences" not in citations()[0]


@pytest.mark.parametrize(
    ("answer", "passage", "shared"),
    [
        ("Die Garantie dauert drei Jahre.", "Für das Zelt dauert die Garantie drei Jahre.", 1.0),
        (
            "\u4fdd\u4fee\u671f\u4e3a\u4e09\u5e74\u3002",
            "\u5e10\u7bf7\u7684\u4fdd\u4fee\u671f\u4e3a\u4e09\u5e74\u3002",
            1.0,
        ),
        ("It costs 12 pounds.", "A kit costs 14 pounds.", 0.667),
        ("It is so.", "It is so.", None),
        ("", "Anything.", None),
    ],
)
def test_words_are_shared_in_any_script_and_short_words_do_not_count(
    answer: str, passage: str, shared: float | None
) -> None:
    found = by_shared_words(answer, [Passage(passage, "", None), Passage("Nothing of it.", "", None)])

    assert [sentence.shared_words for sentence in found.get(0, [])] == ([shared] if shared else [])
    assert 1 not in found


def test_equally_good_passages_are_both_named() -> None:
    assert list(by_shared_words("The warranty lasts.", [TENT, TENT])) == [0, 1]
