"""The two heads are total, monotone in their bounds, and silent about the words of a request."""

import re
from functools import cache

from hypothesis import given, settings
from hypothesis import strategies as st

from arbiter.routing import tuned
from arbiter.routing.grounding import Evidence
from arbiter.routing.heads import assess, judge_grounded
from arbiter.routing.knowledge import PREFERENCES, Bounds, KnowledgeProfile
from arbiter.routing.making import building
from arbiter.routing.weighing import most_together
from arbiter.routing.words import MOST_SENTENCES, READ_FIRST, READ_LAST, sentences, split

DOCUMENTS = ("The Skarn tent is packed with twelve pegs. " * 20, "A Lynx rope is retired after ninety trips. " * 20)
WORDS = st.sampled_from(["skarn", "rope", "retired", "in", "French", "JSON", "Antworte", "kurz", "responde", "7"])
TEXTS = st.text(max_size=300) | st.lists(WORDS, max_size=40).map(" ".join)
SHARES = st.floats(0, 1)


@cache
def knowledge() -> KnowledgeProfile:
    return building.build(DOCUMENTS)


@given(TEXTS, st.lists(TEXTS, max_size=3), st.sampled_from(PREFERENCES))
def test_every_request_gets_both_answers_without_its_words(question: str, earlier: list[str], prefer: str) -> None:
    found = assess(question, earlier, knowledge(), tuned.build([("Why?", "So.")]), prefer)

    for finding in (found.grounded, found.specialised):
        assert finding.outcome in ("yes", "no", "unsure")
        assert 0 <= finding.score <= 1
        assert (finding.outcome == "yes") == (finding.score > finding.threshold)
        assert finding.unsure_from <= finding.threshold
        assert not {"skarn", "rope", "retired", "json", "french"} & set(split(finding.because))
    assert found.specialised.outcome != "unsure"
    assert prefer != "latency" or found.grounded.outcome != "unsure"


@given(SHARES, SHARES, SHARES, SHARES, st.sampled_from(PREFERENCES))
def test_a_higher_score_is_never_less_grounded(
    one: float, other: float, unsure: float, bound: float, prefer: str
) -> None:
    bounds = Bounds(unsure, dict.fromkeys(PREFERENCES, bound))
    order = ("no", "unsure", "yes")
    low, high = (
        judge_grounded(Evidence(score, 1, 1, 0, 0, 1), bounds, prefer).outcome for score in sorted((one, other))
    )

    assert order.index(low) <= order.index(high)


@given(SHARES, SHARES, SHARES)
def test_without_a_word_that_the_documents_speak_of_only_a_look_may_tell(
    score: float, unsure: float, bound: float
) -> None:
    bounds, evidence = Bounds(unsure, dict.fromkeys(PREFERENCES, bound)), Evidence(score, 1, 0, 0, 0, 3)

    assert judge_grounded(evidence, bounds).outcome != "yes"
    assert judge_grounded(evidence, bounds, "latency").outcome == "no"
    assert (
        judge_grounded(Evidence(0.9, 1, 0, 0, 0, 3), Bounds(0.2, dict.fromkeys(PREFERENCES, 0.5))).outcome == "unsure"
    )


@given(st.text(alphabet=" .!?;:\nab1-'@/ß\u2019", max_size=4_000))
def test_of_any_text_no_more_than_its_ends_is_read(text: str) -> None:
    read = sentences(text)

    assert len(read) <= MOST_SENTENCES
    assert sum(len(sentence.words) for sentence in read) <= READ_FIRST + READ_LAST
    assert [sentence.number for sentence in read] == [*range(1, len(read) + 1)]


@given(st.lists(st.integers(0, 2**20 - 1), max_size=12))
def test_terms_are_together_in_the_block_that_has_the_most_of_them(blocks: list[int]) -> None:
    assert most_together(blocks) == max(sum(block >> bit & 1 for block in blocks) for bit in range(20))


@settings(max_examples=20)
@given(st.lists(st.text(alphabet="abcdefg ", min_size=1, max_size=400), min_size=1, max_size=30))
def test_blocks_are_those_of_the_sections(documents: list[str]) -> None:
    counts = building.Counts()
    for document in documents:
        counts.add(document)

    for name, blocks in counts.blocks.items():
        assert re.fullmatch(r"\w+", name)
        assert 0 < blocks.bit_length() <= counts.sections
        assert blocks.bit_count() == counts.spread[name]
