"""Replies are read strictly: the object that was asked for, or the reason why it is not."""

import json

import pytest

from arbiter.generation.prompts import SUPPORT_VERDICTS, UNKNOWN_ANSWER
from arbiter.generation.replies import Draft, ReplyError, read_drafts, read_verdict
from tests.unit.arbiter.generation.fakes import SUPPORTED, written


def test_pairs_are_read() -> None:
    reply = written(("fact", " How  long? ", "An hour. "), ("out_of_scope", "Who?", ""))
    assert read_drafts(reply, ["fact", "out_of_scope"]) == [
        Draft("fact", "How long?", "An hour."),
        Draft("out_of_scope", "Who?", UNKNOWN_ANSWER),
    ]


def test_no_more_pairs_of_a_kind_are_taken_than_were_wanted() -> None:
    reply = written(("fact", "A?", "A."), ("fact", "B?", "B."), ("style", "C?", "C."))
    assert [draft.question for draft in read_drafts(reply, ["fact"])] == ["A?"]


@pytest.mark.parametrize(
    ("reply", "problem"),
    [
        ("Here are your pairs: none.", "not JSON"),
        ('Here: ```json\n{"pairs": []}\n```', "not JSON"),
        ("[" * 100_000, "not JSON"),
        ('{"pairs": [], "pairs": []}', 'the key "pairs" twice'),
        ('{"pairs": NaN}', "holds NaN, which is no JSON"),
        ("[]", "an array, not an object"),
        ('{"pairs": [], "note": "x"}', "keys"),
        ('{"pairs": {}}', '"pairs" is an object'),
        ('{"pairs": [1]}', r"pairs\[0\] is not an object"),
        ('{"pairs": [{"kind": "fact", "question": "Q?"}]}', r"pairs\[0\] is not an object"),
        (written(("joke", "Q?", "A.")), r"pairs\[0\].kind"),
        (written(("fact", " ", "A.")), r"pairs\[0\].question"),
        (written(("fact", "Q?", "")), r"pairs\[0\].answer"),
        (written(("fact", "Q?", "A" * 4_001)), r"pairs\[0\].answer"),
        (json.dumps({"pairs": [{"kind": "fact", "question": 1, "answer": "A."}]}), r"pairs\[0\].question"),
    ],
)
def test_anything_else_is_refused_with_its_reason(reply: str, problem: str) -> None:
    with pytest.raises(ReplyError, match=problem):
        read_drafts(reply, ["fact"])


def test_a_verdict_is_read() -> None:
    assert read_verdict(SUPPORTED, SUPPORT_VERDICTS).keeps


@pytest.mark.parametrize(
    ("reply", "problem"),
    [
        ('{"verdict": "supported", "reason": "x"}', "must come before"),
        ('{"reason": "", "verdict": "supported"}', "not a sentence"),
        ('{"reason": "x", "verdict": "Yes"}', "allowed: supported, unsupported"),
        ('{"reason": "x", "verdict": ["supported"]}', "allowed: supported"),
        ('{"reason": "x", "verdict": "unanswerable"}', "allowed: supported"),
        ("Supported.", "not JSON"),
    ],
)
def test_a_verdict_gives_its_reason_first_and_is_one_of_those_allowed(reply: str, problem: str) -> None:
    with pytest.raises(ReplyError, match=problem):
        read_verdict(reply, SUPPORT_VERDICTS)


@pytest.mark.parametrize("question", ["What does the passage say?", "According to the text, why?", "In this excerpt?"])
def test_a_question_about_the_passage_is_known(question: str) -> None:
    assert not Draft("fact", "Which document must be signed?", "A.").points_at_passage
    assert Draft("fact", question.replace("does the passage say", "is in the passage"), "A.").points_at_passage
