"""The confidence in a measurement is what its comparisons, its gaps and its doubts allow."""

import io
from dataclasses import replace
from typing import Any

from rich.console import Console

from cli.advice.evidence.effects import effect_of
from cli.advice.record.record import record_of
from cli.advice.record.sentences import confidence
from cli.advice.scenario.scenario import Scenario
from cli.advice.view import show_advice
from tests.unit.cli.advice.known import KNOWN, decided
from tests.unit.cli.advice.planted import planted

STYLE = {"requirements": ("style",), "examples": 300}
FACTS = {"requirements": ("facts",)}


def test_confidence_is_no_more_than_the_doubts_of_the_run_allow() -> None:
    stored = planted({"base": 4.0, "rag": 7.0, "fine_tuned": 5.5, "combined": 8.5})
    summary: Any = {**stored.summary, "doubts": ["Judges one and two agree poorly (weighted kappa 0.10)."]}
    told = confidence(decided(stored._replace(summary=summary), **FACTS))
    assert told.level == "moderate"
    assert told.reason.endswith("but there are doubts, the first of them: Judges one and two agree poorly (weighted "
                                "kappa 0.10).")  # fmt: skip
    alone: Any = {**stored.summary, "comparisons": []}
    told = confidence(decided(stored._replace(summary=alone), **FACTS))
    assert (told.level, "cannot tell about" in told.reason) == ("moderate", True)


def test_a_technique_that_answered_a_few_questions_alone_is_not_borne_out() -> None:
    """Nine answers, all of them right, are no reason to prefer what failed on the other seventy-one."""
    stored = planted({"base": 5.0, "rag": 8.0, "fine_tuned": 5.0})
    few: Any = {**stored.summary, "comparisons": [
        {**row, "verdict": "too_few"} if "fine_tuned" in (row["a"], row["b"]) else row
        for row in stored.summary["comparisons"]
    ], "arms": [
        {**arm, "quality": {**arm["quality"], "n": 9, "mean": 10.0}} if arm["mode"] == "fine_tuned" else arm
        for arm in stored.summary["arms"] if arm["quality"]
    ]}  # fmt: skip
    found = decided(stored._replace(summary=few), **STYLE)
    assert found.evidence is not None
    assert found.evidence.winner == "rag"
    assert "measured on 9 of your 80 questions" in confidence(found).reason


def test_no_fewer_questions_than_were_asked_are_said_to_tell() -> None:
    row: Any = {"n": 80, "difference": 0.3, "interval": (-0.1, 0.7), "verdict": "not_distinguishable"}
    words = {}
    for detectable in (0.4, 1.0):
        compared: Any = {("rag", "base"): {**row, "smallest_detectable": detectable}}
        found = effect_of("retrieval", "rag", compared)
        assert found is not None
        words[detectable] = found.words
    assert words[0.4].endswith("These questions cannot tell.")
    assert words[1.0].endswith("About 320 questions would show a difference of 0.5 points.")


def test_a_terminal_tells_what_was_overruled_in_words_and_by_no_identifier() -> None:
    case = Scenario(requirements=("facts",), given=frozenset({"requirements"}))
    stored = planted({"base": 5.0, "rag": 2.0, "fine_tuned": 5.0, "combined": 2.0})
    record = record_of("case", case, replace(KNOWN, stored=stored))
    console = Console(width=80, file=io.StringIO())
    with console.capture() as captured:
        show_advice(console, record)

    loser, winner = record.decision.advice.approaches["retrieval"].lost[0]
    assert f"“{loser.says}” is overruled by “{winner.says}”" in captured.get().replace("\n", "")
    assert loser.id not in captured.get()
