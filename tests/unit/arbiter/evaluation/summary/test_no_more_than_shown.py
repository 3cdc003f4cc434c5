"""No sentence says more of ties, gaps, few questions and several options at once than the run shows."""

from random import Random
from typing import Any

import pytest

from arbiter.evaluation.numbers.records import Answer, Timing, Verdict, Verdicts
from arbiter.evaluation.summary.groups import headline
from arbiter.evaluation.summary.options import entangled
from arbiter.evaluation.summary.summary import summarise
from tests.unit.arbiter.evaluation.summary.test_conclusion import JUDGES, planned, scored, summary

Record = dict[str, Any]


def test_a_judge_that_gives_everything_the_same_score_neither_agrees_nor_disagrees() -> None:
    answers = [Answer(str(case), "base", 0, None, False, Timing(0, 9, 9), 9, 50, 1.0) for case in range(40)]
    for given in (lambda case: 7, lambda case: 6 + case % 2):
        scores = {str(case): zip(JUDGES, (given(case), 6), strict=True) for case in range(40)}
        judged = [
            Verdicts(case, "base", tuple(Verdict(judge, 0, None, score, (None,) * 5, 0.0) for judge, score in own))
            for case, own in scores.items()
        ]
        told = summarise(planned(["base"]), {str(case): () for case in range(40)}, answers, judged)["doubts"]
        assert told == [
            "Whether judges one and two agree cannot be said: one of them gave every answer the same score."
        ]


@pytest.mark.parametrize(("documents", "told"), [(1, "one document"), (3, "3 documents"), (12, "")])
def test_questions_about_a_handful_of_documents_say_nothing_of_others(documents: int, told: str) -> None:
    about = {str(case): f"{case % documents}.md" for case in range(24)}
    caveats = summarise(planned(["base", "rag"]), dict.fromkeys(about, ()), [], documents=about)["caveats"]
    sentence = (
        f"The 24 questions are about {told}: what is concluded holds of these and says nothing of others, for which"
    )
    assert caveats == ([f"{sentence} it takes questions about 10 or more."] if told else [])


def test_what_costs_the_same_or_scores_the_same_is_told_so() -> None:
    found = summary({"base": 6.0, "rag": 6.0}, prices={"base": 1.0, "rag": 1.0})["conclusion"]
    cheapest = next(one for one in found if one.startswith("Cheapest"))
    assert cheapest.endswith(("base costs as much.", "rag costs as much."))
    tied = scored({"base": dict.fromkeys(range(20), 5), "rag": dict.fromkeys(range(20), 5)}, 20)["conclusion"]
    assert (
        tied[-1]
        == "Cheapest technique that is not distinguishably worse than the best: base, $1,000.00 per 1,000 answers."
    )


def test_the_difference_that_shows_is_told_with_the_questions_that_show_it() -> None:
    """Twelve questions have a score of combined, and forty of the others."""
    random = Random(3)
    noisy = {arm: {case: random.randint(3, 8) for case in range(40)} for arm in ("base", "rag")}
    found = scored({**noisy, "combined": {case: random.randint(0, 10) for case in range(12)}}, 40)
    first = found["conclusion"][0]
    detectable = max(row["smallest_detectable"] or 0.0 for row in found["comparisons"])
    assert first.startswith("No winner")
    assert f"(12 questions show a difference of {detectable:.1f} points or more)" in first


def test_a_winner_that_lacks_the_score_of_half_the_questions_answers_those_best() -> None:
    found = scored({"base": dict.fromkeys(range(40), 5), "rag": dict.fromkeys(range(20), 8)}, 40)
    assert headline(found) == "Rag answers best on the 20 of 40 questions that it has a score of"
    assert found["conclusion"][0].startswith("rag wins on the questions in common (8.00 of 10 on all its own)")


@pytest.mark.parametrize(
    ("arms", "told_of"),
    [
        ([("rag", {"prompting": "few_shot"})], ["base and x (documents and prompting)"]),
        ([("rag", {"prompting": "few_shot"}), ("rag", {})], []),
        ([("combined", {})], ["base and x (documents and the tuned model)"]),
        ([("rag", {"retrieval": {"results": 9}})], []),
    ],
)
def test_options_that_differ_at_once_are_not_told_apart(arms: list[tuple[str, Record]], told_of: list[str]) -> None:
    given = [("base", "base", {}), *((name, *arm) for name, arm in zip(("x", "y"), arms, strict=False))]
    plan = planned([{"name": name, "mode": mode, **fields} for name, mode, fields in given])
    row: Any = {"a": "base", "b": "x", "verdict": "worse"}
    assert entangled([row], plan) == told_of
    assert entangled([{**row, "verdict": "not_distinguishable"}], plan) == []
