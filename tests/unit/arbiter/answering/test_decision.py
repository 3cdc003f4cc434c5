"""`auto` asks two questions separately, and can say why."""

import pytest

from arbiter.answering.asked.history import Turn
from arbiter.answering.decision import THRESHOLDS, Score, Scores, Thresholds, choose, decide
from arbiter.answering.request import Request, Retrieval
from arbiter.modes import Mode


@pytest.mark.parametrize(
    ("question", "mode"),
    [
        ("How many days of leave do employees get?", Mode.RAG),
        ("What does error A-145 mean?", Mode.RAG),
        ("May I return the tent a day late?", Mode.RAG),
        ("Write a reply to a customer whose parcel arrived late.", Mode.COMBINED),
        ("Explain to a customer how to open the locker.", Mode.COMBINED),
        ("Classify: the parcel was wet.", Mode.FINE_TUNED),
        ("Rewrite this sentence in the active voice: the letter was opened.", Mode.BASE),
        ("What is 17 * 23?", Mode.BASE),
        ("Hello!", Mode.BASE),
        ("Translate into French: The train is late.", Mode.BASE),
    ],
)
def test_a_question_goes_where_it_belongs(question: str, mode: Mode) -> None:
    assert decide(Request(question)).mode == mode


def test_a_filter_asks_for_the_documents() -> None:
    filtered = Retrieval(filter={"equals": {"key": "team", "value": "desk"}})

    assert decide(Request("Tell me more.", retrieval=filtered)).grounded.value


@pytest.mark.parametrize(
    ("before", "question", "grounded"),
    [
        ("How long may I keep a tent?", "And for two?", True),
        ("Hello!", "And you?", False),
        ("How long may I keep a tent?", "Thanks!", False),
        ("How long may I keep a tent?", "Translate that into French.", False),
    ],
)
def test_a_follow_up_goes_where_its_conversation_belongs(before: str, question: str, grounded: bool) -> None:
    history = (Turn("user", before), Turn("assistant", "Two days."))

    assert decide(Request(question, history=history)).grounded.value is grounded


def test_a_decision_gives_its_reasons_and_none_of_the_question() -> None:
    decision = decide(Request("How much is the deposit for Xylophone?")).to_object()

    assert decision["grounded"]["because"].startswith("it asks for a fact; ")
    assert "Xylophone" not in str(decision)
    assert decision["specialised"] == {
        "value": False, "score": 0.15, "threshold": 0.5, "because": "nothing speaks for it",
    }  # fmt: skip
    assert decision["policy"] == "default"


def test_a_score_at_its_threshold_is_enough() -> None:
    scores = Scores(Score(0.5, ""), Score(0.4999, ""))

    assert choose(scores, Thresholds(0.5, 0.5)).mode == Mode.RAG


def test_who_prefers_cost_or_latency_never_gets_more_than_who_prefers_quality() -> None:
    for preferred in THRESHOLDS.values():
        assert preferred.grounded >= THRESHOLDS["quality"].grounded
        assert preferred.specialised >= THRESHOLDS["quality"].specialised


@pytest.mark.parametrize(
    ("score", "grounded_for"),
    [
        (0.49, []),
        (0.5, ["quality"]),
        (0.64, ["quality"]),
        (0.65, ["quality", "latency"]),
        (0.74, ["quality", "latency"]),
        (0.75, ["quality", "latency", "cost"]),
    ],
)
def test_each_preference_has_a_threshold_of_its_own(score: float, grounded_for: list[str]) -> None:
    scores = Scores(Score(score, ""), Score(0.0, ""))

    assert [name for name in THRESHOLDS if choose(scores, THRESHOLDS[name]).mode.grounded] == grounded_for


@pytest.mark.parametrize(
    ("question", "grounded_for"),
    [("How long did it take?", ["quality"]), ("How long did Skarn 3 take?", ["quality", "latency"])],
)
def test_the_preference_of_the_request_decides(question: str, grounded_for: list[str]) -> None:
    assert [name for name in THRESHOLDS if decide(Request(question, prefer=name)).mode.grounded] == grounded_for
