"""Feedback is noted under the request it is about, its text only where texts may be kept."""

import json
from typing import Any

import pytest

from arbiter.aws.clients import Client, new_session
from arbiter.aws.feedback.kept import keeping
from arbiter.errors import Throttled
from arbiter.feedback import Feedback, Rated, body_of, given_in, joined, key_of
from tests.unit.arbiter.answering.router_fakes import World, http, paths, settings
from tests.unit.cli.fakes import StubbedSession

GIVEN = {"feedback": {"request_id": "r-1", "rating": "bad", "text": "Ninety days."}}


@pytest.mark.parametrize(("log_text", "text"), [(True, "Ninety days."), (False, None)])
def test_the_text_is_kept_only_where_the_settings_allow_it(log_text: bool, text: str | None) -> None:
    world = World(settings=settings(log_text=log_text))
    reply = world.respond(GIVEN)
    (line,) = world.log

    noted = {"request_id": "r-1", "rating": "bad", "text_kept": log_text, "answer_kept": log_text}
    assert reply == {"feedback": noted}
    assert (line["message"], line["request_id"], line["rating"], line.get("text")) == ("feedback", "r-1", "bad", text)
    assert (world.model.calls, world.retriever.queries, world.tuned_models.reads) == ([], [], [])


@pytest.mark.parametrize(("log_text", "keeps"), [(False, False), (False, True), (True, False)])
def test_question_and_answer_are_kept_beside_the_log_by_a_setting_of_their_own(log_text: bool, keeps: bool) -> None:
    kept: list[Feedback] = []
    world = World(settings=settings(log_text=log_text), keep=kept.append if keeps else None)
    texts = {"question": "How late?", "answer": "Sixty days."}
    noted = world.respond({"feedback": GIVEN["feedback"] | texts})["feedback"]

    assert (noted["text_kept"], noted["answer_kept"]) == (log_text or keeps, log_text or keeps)
    assert kept == ([Feedback("r-1", "bad", "Ninety days.", "How late?", "Sixty days.")] if keeps else [])
    assert [text in world.lines[0] for text in ("Ninety", "How late", "Sixty")] == [log_text, False, False]


def test_a_rating_without_its_question_keeps_no_text() -> None:
    kept: list[Feedback] = []
    noted = World(keep=kept.append).respond(GIVEN)["feedback"]

    assert (kept, noted["text_kept"], noted["answer_kept"]) == ([], False, False)


def test_a_question_without_its_answer_is_refused() -> None:
    error = World().respond({"feedback": {"request_id": "r-1", "rating": "good", "question": "How late?"}})

    assert list(paths(error)) == ["feedback.answer"]


def test_texts_go_to_the_bucket_of_the_setting_and_to_none_without_it() -> None:
    stub = StubbedSession()
    stored = {"Bucket": "results", "Key": key_of("r-1"), "ContentType": "application/json"}
    given = Feedback("r-1", "good", None, "How late?", "Never.")
    stub.stub("s3").add_response("put_object", {}, stored | {"Body": body_of(given)})
    stub.stub("s3").add_client_error("put_object", "SlowDown", http_status_code=503)
    client = Client(new_session(), "s3")
    client._client = stub.client("s3")
    keep = keeping(settings(feedback_bucket="results"), client)

    assert keep
    keep(given)
    with pytest.raises(Throttled):
        keep(given)
    assert keeping(settings(), client) is None
    assert given_in(body_of(given)) == given
    assert given_in(b'{"rating": "good"}') is None


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
