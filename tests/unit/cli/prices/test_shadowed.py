"""The cost of answering requests again, and of keeping the texts of what is rated."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from cli.doctor.checks.settings import settings_of
from cli.doctor.findings.finding import Severity
from cli.prices import report as reporting
from cli.prices.report import pricing_of, report
from stacks.parsing import parse


def test_requests_that_are_answered_again_are_paid_for_by_their_share_and_within_their_budget(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shadow = {"router": {"log_text": True, "shadow": {"share": 0.1, "mode": "rag", "daily_usd": 2}}}
    pricing = pricing_of(root, "dev")
    block = {**shadow, "feedback": {"keep_text_days": 30}, "edge": "api"}
    again = replace(pricing, settings=parse("dev", block, pricing.book))
    monkeypatch.setattr(reporting, "pricing_of", lambda *_: again)
    told = report(root, "dev", look=False)
    rag, shadowed = next(one for one in told.requests if one.mode == "rag"), told.requests[-1]
    api = sum(line.amount.usd for line in rag.lines if line.name.startswith("API"))

    assert (shadowed.mode, shadowed.count) == ("auto, 10% again in rag", 100)
    # Beside the answer itself: two writes of what the day has cost, 0.005 a thousand in S3.
    assert shadowed.amount.usd == pytest.approx(100 * (rag.amount.usd / 1_000 - api + 2 * 0.005e-3))
    assert {line.per: line.amount.usd for line in told.others}["day"] == 2
    assert {line.per: line.amount.usd for line in told.others}["rating"] == pytest.approx(0.005e-3)


def test_synthesis_and_the_doctor_warn_of_answers_that_are_paid_for_twice(root: Path) -> None:
    context = json.loads((root / "cdk.json").read_text())["context"]
    context["environments"]["dev"] |= {"router": {"log_text": True, "shadow": {"share": 0.1, "daily_usd": 2}}}
    _, looked = settings_of(context, "dev")
    (found,) = (one for one in looked.findings if one.subject == "router.shadow.share")

    assert found.severity is Severity.WARNS
    assert found.problem.endswith("10% of the requests of auto are paid for twice, answered again in rag; "
                                  "at most 2 US dollars a day")  # fmt: skip
