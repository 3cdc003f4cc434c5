"""The words on a calibration hold where nothing was scored, nothing is ahead, and a threshold lies above all scores."""

import io
from typing import Any

import pytest
from rich.console import Console

from cli.calibration.command import _show

LEVEL = {"mode": "rag", "difference": 0.0, "p": 1.0, "questions": None}
AHEAD = {"mode": "rag", "difference": 0.8, "p": 0.0001, "questions": 40}


def said(**fields: Any) -> str:
    told = {"questions": 120, "documents": 60, "thresholds": None, "p": 1.0, "wins": False, "prefer": "cost",
            "published": False, "questions_needed": None, "against": [LEVEL], **fields}  # fmt: skip
    console = Console(width=400, record=True, file=io.StringIO())
    _show(console, told)
    return console.export_text()


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"questions": 0, "documents": 0, "against": []}, "a score of every technique: nothing can be said."),
        ({"questions": 50}, "are not shown to beat each single mode. Some single mode is level or ahead on these"),
        (
            {"thresholds": {"grounded": 0.4, "specialised": 1.01}, "wins": True, "p": 0.0001, "against": [AHEAD]},
            "for cost: documents from 0.40, the tuned model never; better than each single mode on 120 questions",
        ),
    ],
)
def test_a_verdict_says_no_more_than_was_shown(fields: dict[str, Any], sentence: str) -> None:
    assert sentence in said(**fields)


@pytest.mark.parametrize(
    ("documents", "about"), [(35, "this run has 35 questions."), (1, "35 questions about 1 document.")]
)
def test_documents_are_counted_only_where_questions_name_them(documents: int, about: str) -> None:
    assert about in said(questions=35, documents=documents)


def test_a_small_p_is_no_zero() -> None:
    assert "< 0.001" in said(against=[AHEAD])
    assert "0.000" not in said(against=[AHEAD])
