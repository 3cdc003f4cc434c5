"""Feedback is noted under the request it is about, its text only where texts may be kept."""

import json
from typing import Any

import pytest

from arbiter.feedback import Rated, joined
from tests.unit.arbiter.answering.router_fakes import World, http, paths, settings

GIVEN = {"feedback": {"request_id": "r-1", "rating": "bad", "text": "Ninety days."}}


@pytest.mark.parametrize(("log_text", "text"), [(True, "Ninety days."), (False, None)])
def test_the_text_is_kept_only_where_the_settings_allow_it(log_text: bool, text: str | None) -> None:
    world = World(settings=settings(log_text=log_text))
    reply = world.respond(GIVEN)
    (line,) = world.log

    assert reply == {"feedback": {"request_id": "r-1", "rating": "bad", "text_kept": log_text}}
    assert (line["message"], line["request_id"], line["rating"], line.get("text")) == ("feedback", "r-1", "bad", text)
    assert (world.model.calls, world.retriever.queries, world.tuned_models.reads) == ([], [], [])


def test_the_same_goes_over_http() -> None:
    world = World()
    reply = world.respond(http(json.dumps({"feedback": {"request_id": "r-1", "rating": "good"}})))

    assert (reply["statusCode"], json.loads(reply["body"])["feedback"]["text_kept"]) == (200, None)
    assert world.respond(http(json.dumps(GIVEN), method="GET"))["statusCode"] == 405


def test_every_problem_of_feedback_is_told_and_its_text_stays_out_of_the_log() -> None:
    world = World()
    error = world.respond({"feedback": {"rating": "fine", "text": "secret" * 1000}, "question": "How early?"})

    assert sorted(paths(error)) == ["feedback.rating", "feedback.request_id", "feedback.text", "question"]
    assert "secret" not in "".join(world.lines)


def test_feedback_is_joined_with_the_answer_it_is_about_and_the_last_word_counts() -> None:
    world = World(settings=settings(log_text=True))
    asked = world.respond({"question": "How early?"})["request_id"]
    world.respond({"question": "How late?"})
    for rating in ("good", "bad"):
        world.respond({"feedback": {"request_id": asked, "rating": rating, "text": "84 days."}})
    world.respond({"feedback": {"request_id": "unknown", "rating": "good"}})

    assert joined(world.log) == [Rated("How early?", "an answer", "bad", "84 days.")]


def test_where_no_text_is_kept_nothing_can_be_joined() -> None:
    world = World()
    asked: Any = world.respond({"question": "How early?"})
    world.respond({"feedback": {"request_id": asked["request_id"], "rating": "good"}})

    assert joined(world.log) == []
