"""No document and no question gets out of its tag."""

import re
from itertools import permutations

from hypothesis import given
from hypothesis import strategies as st

from arbiter.answering.prompts import Passage, build_prompt, neutralise
from arbiter.answering.request import Request

PIECES = [
    "\uff1c",
    "\u200b",
    "<",
    "/",
    " ",
    "</",
    "document",
    "documents",
    "DOCUMENT",
    "question",
    ">",
    '"',
    "\n",
    "thinking",
    "answer",
    "x",
]
HOSTILE = st.lists(st.sampled_from(PIECES) | st.text(max_size=3), max_size=12).map("".join)
OWN_TAG = re.compile(r"<[\s/]*(?:documents?|question|examples?|thinking|answer)\b", re.IGNORECASE)


@given(HOSTILE)
def test_neutralised_text_holds_no_tag_of_ours(text: str) -> None:
    assert OWN_TAG.search(neutralise(text)) is None


def _plain(text: str) -> str:
    """The text with `<` in place of every character that begins a tag or looks like it, escaped or not."""
    return text.replace("&lt;", "<").replace("\uff1c", "<")


@given(HOSTILE)
def test_neutralising_changes_nothing_else_and_nothing_twice(text: str) -> None:
    once = neutralise(text)

    assert _plain(once) == _plain(text)
    assert neutralise(once) == once


@given(st.text(min_size=1) | HOSTILE.filter(bool), st.lists(st.tuples(HOSTILE, HOSTILE), min_size=1, max_size=4))
def test_a_grounded_turn_has_exactly_the_tags_it_was_built_with(question: str, found: list[tuple[str, str]]) -> None:
    passages = [Passage(text, uri, 0.5) for text, uri in found]
    turn = build_prompt(Request(question), passages).turns[-1].text

    assert len(re.findall(r"^<document index=\"\d+\" source=\"[^\"<>\n]*\">$", turn, re.MULTILINE)) >= len(passages)
    assert len(OWN_TAG.findall(turn)) == 2 * len(passages) + 4


def test_every_order_of_the_pieces_of_a_closing_tag_is_harmless() -> None:
    for pieces in permutations(["<", "/", " ", "document", ">"]):
        assert OWN_TAG.search(neutralise("".join(pieces))) is None
