"""A model goes into service only where its host answers with it, now and in the next minutes."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from arbiter.tuned_models.hosting.readiness import Host, NotHosted, refuse_unhosted
from arbiter.tuned_models.service.pointer import TunedModel

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
MODEL = TunedModel("arn:host", "arn:custom-model", "amazon.nova-micro-v1:0:128k", "run-a")
HOST = Host("Active", MODEL.custom_model)
AN_HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    "answering",
    [
        {},
        {"status": "InService", "coming": MODEL.custom_model},
        {"status": "Updating", "coming": MODEL.custom_model},
        {"expires_at": NOW + AN_HOUR},
        {"expires_at": NOW - AN_HOUR, "committed_until": NOW + AN_HOUR},
    ],
)
def test_a_host_that_answers_is_let_through(answering: dict[str, Any]) -> None:
    refuse_unhosted(MODEL, HOST._replace(**answering), NOW)


@pytest.mark.parametrize(
    ("host", "reason"),
    [
        (None, "its hosting, arn:host, does not exist any more"),
        (HOST._replace(status="Creating"), "its hosting, arn:host, is Creating"),
        (HOST._replace(status="Failed"), "its hosting, arn:host, is Failed"),
        (HOST._replace(serves="arn:other"), "serves another model by now, arn:other"),
        (HOST._replace(coming="arn:other"), "is being given another model, arn:other"),
        (HOST._replace(expires_at=NOW), "the time of its hosting, arn:host, was over at 2026-11-21 12:00 UTC"),
        (HOST._replace(expires_at=NOW - AN_HOUR, committed_until=NOW), "was over at 2026-11-21 11:00 UTC"),
    ],
)
def test_one_that_does_not_is_named_with_what_to_do(host: Host | None, reason: str) -> None:
    with pytest.raises(NotHosted) as refused:
        refuse_unhosted(MODEL, host, NOW)
    sentence = str(refused.value)
    assert sentence.startswith("The model of run run-a is not put into service, for nothing would answer: ")
    assert reason in sentence
    assert "arbiter train FILE" in sentence
    assert "arbiter model rollback --to-none" in sentence
