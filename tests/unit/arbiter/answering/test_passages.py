"""A model reads no sentence twice and no more than it can; what it does not read is told, and never cited."""

import pytest

from arbiter.answering.asked.format import Format
from arbiter.answering.asked.history import Turn
from arbiter.answering.passages import cut, fitted, joined, room_for
from arbiter.answering.prompts import Passage
from arbiter.answering.request import Request
from arbiter.costs.tokens import estimated_tokens
from arbiter.errors import TooLarge
from arbiter.model_parameters import context_tokens
from arbiter.modes import Mode
from tests.unit.arbiter.answering.router_fakes import FakeModel, FakeRetriever, World

TEXT = " ".join(f"Sentence number {number} of the guide." for number in range(40))
FIRST, SECOND, THIRD = (Passage(TEXT[start : start + 500], "s3://d/guide.md", 0.9) for start in (0, 400, 800))


def test_chunks_that_overlap_become_one_passage_at_the_better_rank() -> None:
    other = Passage("Something else.", "s3://d/other.md", 0.8)

    for passages in ([FIRST, other, SECOND], [SECOND, other, FIRST]):
        assert joined(passages) == [FIRST._replace(text=TEXT[:900]), other]
    assert joined([FIRST, THIRD, SECOND]) == [FIRST._replace(text=TEXT[:1300])], "one between two joins both"
    assert joined([FIRST, THIRD]) == [FIRST, THIRD]


def test_what_stands_in_another_passage_is_left_out() -> None:
    part = FIRST._replace(text=TEXT[100:300], score=0.95)

    assert joined([part, FIRST]) == [part._replace(text=FIRST.text)]
    assert joined([FIRST, part]) == [FIRST]
    copy = FIRST._replace(uri="s3://d/copy.md")
    assert joined([FIRST, copy]) == [FIRST], "a copy in another document says nothing more"


def test_passages_that_share_little_or_nothing_stay_two() -> None:
    elsewhere, phrase = SECOND._replace(uri="s3://d/other.md"), FIRST._replace(text=f"{FIRST.text[-60:]} and so on.")

    for apart in ([FIRST, elsewhere], [FIRST, phrase], [FIRST, THIRD]):
        assert joined(apart) == apart


def test_the_best_passages_that_fit_are_given_and_never_none() -> None:
    one = estimated_tokens(FIRST.text) + 30

    assert fitted([FIRST, THIRD, SECOND], 2 * one) == [FIRST, THIRD]
    assert fitted([FIRST, THIRD], None) == [FIRST, THIRD]
    assert fitted([], 10) == []
    [start] = fitted([FIRST, THIRD], one // 2)
    assert FIRST.text.startswith(start.text.removesuffix(" …"))
    assert estimated_tokens(start.text) + 30 <= one // 2 + 2
    assert cut(FIRST._replace(text="多少" * 100), 30).text.startswith("多少")
    assert len(fitted([FIRST._replace(text="x" * 500)], 0)[0].text) < 10


def test_room_is_what_the_question_its_conversation_and_the_answer_leave() -> None:
    plain = room_for(Request("How early?"), ["amazon.nova-micro-v1:0"], 512) or 0
    history = (Turn("user", "word " * 14_000), Turn("assistant", "Yes."))
    long = room_for(Request("How early?", history=history), ["amazon.nova-micro-v1:0"], 512) or 0

    assert 127_000 < plain < 128_000 - 512
    assert plain - long == estimated_tokens("word " * 14_000) + estimated_tokens("Yes.")
    assert room_for(Request("How early?"), ["amazon.nova-pro-v1:0", "us.amazon.nova-micro-v1:0"], 512) == plain
    schema = {"type": "object", "description": "word " * 1_000}
    assert plain - (room_for(Request("How early?", format=Format("json", schema)), ["nova-micro"], 512) or 0) > 1_400
    assert room_for(Request("How early?"), ["own.model"], 512) is None
    assert room_for(Request("x " * 400_000), ["amazon.nova-micro-v1:0"], 512) is None


@pytest.mark.parametrize(
    ("model", "tokens"),
    [
        ("amazon.nova-micro-v1:0", 128_000),
        ("amazon.nova-lite-v1:0:300k", 300_000),
        ("amazon.nova-2-lite-v1:0:256k", 256_000),
        ("us.amazon.nova-2-lite-v1:0", 1_000_000),
        ("anthropic.claude-haiku-4-5-20251001-v1:0", 200_000),
        ("us.meta.llama3-3-70b-instruct-v1:0", 128_000),
        ("arn:aws:bedrock:us-east-1:123456789012:imported-model/x", None),
    ],
)
def test_the_context_of_a_model_is_known_by_its_id_or_not_at_all(model: str, tokens: int | None) -> None:
    assert context_tokens(model) == tokens


def long(number: int) -> Passage:
    return Passage(f"{number} " + "word " * 50_000, f"s3://d/{number}.md", 0.9)


def test_a_few_long_documents_are_read_as_far_as_the_model_reads() -> None:
    few = World(retriever=FakeRetriever(passages=[long(1), long(2), long(3)])).answer(mode=Mode.RAG)
    one = World(retriever=FakeRetriever(passages=[long(1)._replace(text="word " * 100_000)])).answer(mode=Mode.RAG)

    assert (few.passages, few.degraded) == ([long(1)], ["too_large: answered from 1 of 3 passages"])
    assert one.degraded == ["too_large: answered from 1 of 1 passages, the first shortened"]
    assert estimated_tokens(one.passages[0].text) < 128_000


def test_a_model_that_finds_one_document_too_long_is_given_its_first_half_once() -> None:
    refusing = World(model=FakeModel(failures=[TooLarge("too long")]), retriever=FakeRetriever(passages=[FIRST]))
    answer = refusing.answer(mode=Mode.RAG)

    assert answer.degraded == ["too_large: answered from 1 of 1 passages, the first shortened"]
    assert len(answer.passages[0].text) < 300
    with pytest.raises(TooLarge):
        World(model=FakeModel(failures=[TooLarge("x"), TooLarge("x")])).answer(mode=Mode.RAG)
