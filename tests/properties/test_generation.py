"""Cutting, allotting and reading hold for any text and any numbers."""

import json
from contextlib import suppress
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from arbiter.generation import prompts
from arbiter.generation.replies import ReplyError, read_drafts, read_verdict
from arbiter.generation.sources.allotment import TOKENS_A_PAIR, allot
from arbiter.generation.sources.documents import UnreadableDocument, text_of
from arbiter.generation.sources.passages import BYTES_PER_TOKEN, cut

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["pairs", "kind", "question", "answer", "reason", "verdict"]), inner, max_size=4
        )
    ),
    max_leaves=12,
)
TEXT = st.text(st.sampled_from("ab .!?\n\r#\t\u2028é"), max_size=600)


@given(TEXT, st.integers(1, 60))
def test_passages_are_disjoint_in_order_and_never_too_long(text: str, tokens: int) -> None:
    passages = cut(text, tokens)

    assert all(text[passage.start : passage.end] == passage.text for passage in passages)
    assert all(len(passage.text) <= tokens * BYTES_PER_TOKEN for passage in passages)
    assert all(one.end <= other.start for one, other in pairwise(passages))


@given(TEXT, st.integers(40, 60))
def test_of_a_long_paragraph_nothing_but_a_short_end_is_left_out(text: str, tokens: int) -> None:
    words = sum(passage.text.split().count("word") for passage in cut(f"{text}\n\n{'word ' * 60}", tokens))
    assert words >= 45


@given(st.dictionaries(st.text(max_size=5), st.integers(0, 100_000), max_size=30), st.integers(0, 5_000))
def test_all_pairs_are_allotted_where_the_documents_yield_them(sizes: dict[str, int], pairs: int) -> None:
    allotted = allot(sizes, pairs)
    most = {key: max(1, size // (TOKENS_A_PAIR * BYTES_PER_TOKEN)) for key, size in sizes.items() if size}

    assert sum(allotted.values()) == min(pairs, sum(most.values()))
    assert all(0 < count <= most[key] for key, count in allotted.items())


@given(JSON)
@settings(max_examples=3 * settings.default.max_examples)
def test_a_reply_is_read_or_refused_and_nothing_else(value: object) -> None:
    for read in (
        lambda reply: read_drafts(reply, list(prompts.KINDS)),
        lambda reply: read_verdict(reply, prompts.SUPPORT_VERDICTS),
    ):
        with suppress(ReplyError):
            assert read(json.dumps(value)) is not None


@given(st.sampled_from(["a.md", "a.html", "a.csv", "a.txt"]), st.binary(max_size=400))
def test_any_bytes_are_a_text_or_an_unreadable_document(key: str, content: bytes) -> None:
    with suppress(UnreadableDocument):
        assert text_of(key, content).strip()


@given(st.text(max_size=200))
def test_no_text_leaves_its_tag(text: str) -> None:
    plain = prompts.support_prompt(["x"], "x", "x").turns[0].text
    asked = prompts.support_prompt([text], text, text).turns[0].text
    for tag in ("passage", "question", "answer", "wanted"):
        assert asked.lower().count(f"</{tag}") == plain.lower().count(f"</{tag}")
