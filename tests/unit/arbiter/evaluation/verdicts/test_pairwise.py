"""Two answers are compared in both orders, and the winner is an arm, whatever order it was shown in."""

import json

import pytest

from arbiter.evaluation.verdicts.judging import UnusableReply
from arbiter.evaluation.verdicts.pairwise import ORDERS, pairwise_request, read_preference

CASE = {"id": "c", "question": "How long?"}
A, B = {"answer": "Two metres."}, {"answer": "No idea."}


def said(winner: object) -> str:
    return json.dumps({"reason": "It answers.", "winner": winner})


@pytest.mark.parametrize(
    ("order", "shown", "winner"),
    [("ab", "first", "a"), ("ab", "second", "b"), ("ba", "first", "b"), ("ba", "second", "a"), ("ba", "tie", "tie")],
)
def test_the_winner_is_told_in_terms_of_the_arms(order: str, shown: str, winner: str) -> None:
    assert read_preference(said(shown), order).winner == winner  # type: ignore[arg-type]


def test_each_answer_is_shown_first_once_and_nothing_else_changes() -> None:
    texts = [pairwise_request(CASE, A, B, order).turns[0].text for order in ORDERS]
    assert [text.index("Two metres.") < text.index("No idea.") for text in texts] == [True, False]
    assert texts[0].replace("Two metres.", "*").replace("No idea.", "*") == texts[1].replace(
        "Two metres.", "*"
    ).replace("No idea.", "*")


@pytest.mark.parametrize("reply", [said("a"), said(1), said(None), '{"winner": "first"}', "first"])
def test_a_reply_without_a_preference_is_refused(reply: str) -> None:
    with pytest.raises(UnusableReply):
        read_preference(reply, "ab")
