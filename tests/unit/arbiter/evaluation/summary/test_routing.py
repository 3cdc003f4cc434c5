"""`auto` is measured by the answers of the arms it chose: its shares, its loss to the best and to the oracle."""

from typing import Any

import pytest

from arbiter.evaluation.numbers import extraction
from arbiter.evaluation.numbers.comparison import compare_all
from arbiter.evaluation.run.arms import Arm
from arbiter.evaluation.run.plan import Plan
from arbiter.evaluation.summary.routing import Routed, measured_modes, routed, sentence_on
from arbiter.evaluation.summary.summary import summarise
from arbiter.modes import Mode
from bench.synthetic_plan import document
from tests.unit.arbiter.evaluation.summary.test_summary import answer, plan, scored, verdicts

SCORES = {"base": [2, 8, 5, 4], "rag": [9, 6, 5, 8]}


def choice(case: int, mode: Mode) -> Routed:
    return Routed(str(case), mode, 0.5, 0.5)


def auto(choices: list[Routed], cases: int = 4) -> Any:
    tags = {str(number): () for number in range(cases)}
    answers = [answer(str(n), arm, cost_usd=n + 1.0) for arm in SCORES for n in range(cases)]
    judged = [
        verdicts(str(n), arm, scored("j", score), scored("k", score))
        for arm, scores in SCORES.items()
        for n, score in enumerate(scores[:cases])
    ]
    read = map(extraction.answer, answers), map(extraction.verdicts, judged)
    return summarise(plan(repeat=1, pairwise=False), tags, *read, routing=choices)


def test_auto_is_scored_by_the_answers_of_what_it_chose() -> None:
    modes = [Mode.RAG, Mode.BASE, Mode.BASE, Mode.BASE]
    summary = auto([choice(case, mode) for case, mode in enumerate(modes)])
    found = summary["auto"]

    assert found["shares"] == {"base": 0.75, "rag": 0.25, "fine_tuned": 0.0, "combined": 0.0}
    assert (found["routed"], found["n"], found["unmeasured"]) == (4, 4, 0)
    assert found["mean"] == pytest.approx((9 + 8 + 5 + 4) / 4)
    assert (found["best"], found["best_mean"]) == ("rag", pytest.approx((9 + 6 + 5 + 8) / 4))
    assert found["against_best"]["difference"] == pytest.approx(found["mean"] - found["best_mean"])
    # Judges that agree choose and score the same, so this is the whole loss.
    assert found["oracle_loss"] == pytest.approx((9 + 8 + 5 + 8) / 4 - found["mean"])
    assert found["per_answer_usd"] == pytest.approx(2.5)
    assert summary["conclusion"][-1] == (
        "auto chose base 75%, rag 25%: 6.50 of 10, 0.50 points below rag, the best single technique (too few "
        "questions to tell them apart), and not distinguishably below the best answer to each of 4 questions (95 % "
        "interval -1.41 to 6.05, each answer chosen by other judges than score it)."
    )


def test_a_loss_that_the_questions_show_is_told_without_a_doubt() -> None:
    scores = {case: 5.0 + case % 2 for case in range(40)}
    (against,) = compare_all({"auto": scores, "rag": {case: score + 2 for case, score in scores.items()}}, seed="r")
    found = auto([choice(0, Mode.RAG)])["auto"]
    lost = {**found, "mean": 5.5, "best": "rag", "best_mean": 7.5, "against_best": against}
    assert "2.00 points below rag, the best single technique; how far" in sentence_on(lost)  # type: ignore[arg-type]


def test_one_rating_alone_tells_nothing_of_a_better_answer() -> None:
    judged = [verdicts("0", arm, scored("j", 5)) for arm in ("base", "rag")]
    run = Plan.load(document("r", ["base", "rag"], ["j"], pairwise=False, repeat=1))
    read = [extraction.answer(answer("0", arm)) for arm in ("base", "rag")], map(extraction.verdicts, judged)
    found = summarise(run, {"0": ()}, *read, routing=[choice(0, Mode.RAG)])["auto"]
    assert found["oracle_loss"] is None
    assert sentence_on(found) == (
        "auto chose rag 100%: 5.00 of 10, level with base, the best single technique (too few questions to tell them "
        "apart); how far below the best answer to each question cannot be said."
    )


def test_a_mode_that_is_no_arm_counts_as_the_same_without_the_tuned_model_and_is_told() -> None:
    summary = auto([choice(0, Mode.COMBINED), choice(1, Mode.FINE_TUNED)])

    assert (summary["auto"]["n"], summary["auto"]["unmeasured"]) == (2, 2)
    assert summary["auto"]["mean"] == pytest.approx((9 + 8) / 2)
    assert "; 2 of its choices are no technique of the run." in summary["conclusion"][-1]


def test_a_run_without_choices_knows_no_auto() -> None:
    assert "auto" not in auto([])
    assert auto([choice(9, Mode.RAG)])["auto"]["mean"] is None


def test_what_is_no_record_of_choices_is_refused() -> None:
    one = {"case": "a", "mode": "rag", "decision": {"grounded": {"score": 0.4}, "specialised": {"score": 0.2}}}

    assert routed({"decisions": [one]}) == [Routed("a", Mode.RAG, 0.4, 0.2)]
    for bad in ({}, {"decisions": [{**one, "mode": "best"}]}, {"decisions": [{"case": "a"}]}):
        with pytest.raises((KeyError, ValueError)):
            routed(bad)


def test_the_time_and_length_of_answers_are_kept_by_mode() -> None:
    summary = auto([choice(0, Mode.RAG)])

    assert measured_modes(summary, plan().arms) == {
        arm: {"milliseconds": 100.0, "output_tokens": 2.0} for arm in ("base", "rag")
    }
    assert measured_modes(summary, [Arm("base", Mode.BASE, prompting="few_shot")]) == {}
