"""Two arms are told apart exactly as far as the permutations of their cases allow."""

import numpy as np
import pytest
import scipy

from arbiter.evaluation.numbers import significance
from arbiter.evaluation.numbers.comparison import compare_all, compare_parts, fewest_questions, questions_for
from arbiter.evaluation.numbers.significance import holm, sign_flip_p, smallest_detectable

SEED = 3


def differences(n: int, centre: float = 0.4, steps: int = 2) -> list[float]:
    drawn = np.random.default_rng((SEED, n)).normal(centre, 1.5, n)
    return [float(value) for value in np.rint(drawn * steps) / steps]


@pytest.mark.parametrize("n", [2, 5, 9, 12])
@pytest.mark.parametrize("steps", [1, 2, 3, 12])
def test_the_p_value_is_scipys_exact_permutation_test(n: int, steps: int) -> None:
    d = differences(n, steps=steps)
    exact = scipy.stats.permutation_test((np.array(d),), np.mean, permutation_type="samples", n_resamples=np.inf)
    assert sign_flip_p(d) == pytest.approx(exact.pvalue)


@pytest.mark.parametrize("n", [40, 150])
def test_the_p_value_is_scipys_for_more_cases_than_can_be_enumerated(n: int) -> None:
    d = differences(n, centre=0.2)
    drawn = scipy.stats.permutation_test((np.array(d),), np.mean, permutation_type="samples", n_resamples=20_000, rng=1)
    error = (drawn.pvalue * (1 - drawn.pvalue) / 20_000) ** 0.5
    assert sign_flip_p(d) == pytest.approx(drawn.pvalue, abs=4 * error + 1e-4)


def test_the_normal_limit_agrees_with_the_count_where_it_takes_over(monkeypatch: pytest.MonkeyPatch) -> None:
    d = differences(500, centre=0.13)
    counted = sign_flip_p(d)
    monkeypatch.setattr(significance, "EXACT_BITS", 0)
    limit = sign_flip_p(d)
    assert counted != limit
    assert counted == pytest.approx(limit, rel=0.05)
    assert 0.001 < counted < 0.5


@pytest.mark.parametrize("equal", [[], [0.0], [0.0] * 50])
def test_without_any_difference_the_p_value_is_one(equal: list[float]) -> None:
    assert sign_flip_p(equal) == 1.0


def test_holm_corrects_as_its_paper_does() -> None:
    assert holm([0.01, 0.04, 0.03, None]) == pytest.approx([0.03, 0.06, 0.06, None])
    assert holm([0.5, 0.9]) == [1.0, 1.0]
    assert holm([None]) == [None]


def test_the_smallest_detectable_difference_is_the_one_found_in_four_of_five_repetitions() -> None:
    spread, n, runs = 1.5, 40, 2_000
    noise = np.random.default_rng(SEED).normal(0, spread, (runs, n))
    planted = [smallest_detectable([float(value) for value in row]) or 0.0 for row in noise[:50]]
    found = scipy.stats.ttest_1samp(noise + np.mean(planted), 0, axis=1).pvalue <= 0.05
    assert found.mean() == pytest.approx(0.8, abs=0.04)


def test_more_comparisons_need_a_larger_difference() -> None:
    d = differences(30)
    alone, among_six = smallest_detectable(d), smallest_detectable(d, tests=6)
    assert alone is not None
    assert among_six is not None
    assert alone < among_six


def numbered(values: list[float]) -> dict[int, float]:
    return dict(enumerate(values))


def test_only_cases_of_both_arms_are_compared() -> None:
    (pair,) = compare_all({"a": {0: 5.0, 1: 8.0, 2: 9.0}, "b": {1: 6.0, 2: 9.0, 3: 1.0}}, seed="r")
    assert (pair["n"], pair["difference"], pair["wins"], pair["ties"], pair["losses"]) == (2, 1.0, 1, 1, 0)


def test_a_clear_difference_is_said_in_a_sentence() -> None:
    better = [8.0, 9.0, 7.0, 8.0, 9.0] * 6
    worse = [6.0, 6.0, 6.0, 5.0, 6.0] * 6
    (pair,) = compare_all({"base": numbered(worse), "rag": numbered(better)}, seed="r")
    assert pair["verdict"] == "worse"
    assert pair["sentence"].startswith("rag is better than base by 2.40 points (95 % interval ")
    assert pair["sentence"].endswith("30 questions); p < 0.001.")


def test_what_cannot_be_told_apart_is_said_so_with_what_could_be() -> None:
    values = differences(30, centre=5)
    (pair,) = compare_all({"a": numbered(values), "b": numbered(values[::-1])}, seed="r")
    assert pair["verdict"] == "not_distinguishable"
    assert pair["sentence"].startswith("a and b are not distinguishable: ")
    assert f"these would show {pair['smallest_detectable']:.1f} or more." in pair["sentence"]


def test_an_interval_above_zero_that_tells_nothing_apart_comes_with_its_p() -> None:
    arms = {name: numbered([5.0] * 24) for name in ("a", "b", "c")}
    arms["d"] = numbered([5.0] * 18 + [6.0, 6.5, 5.5, 7.0, 5.5, 6.0])
    pair = next(pair for pair in compare_all(arms, seed="r") if (pair["a"], pair["b"]) == ("a", "d"))
    assert pair["verdict"] == "not_distinguishable"
    assert pair["interval"] is not None
    assert pair["interval"][1] < 0
    assert f", but p = {pair['p_adjusted']:.3f} after correction for 6 comparisons; these" in pair["sentence"]


def test_a_difference_that_is_written_as_nothing_is_no_lead() -> None:
    level = {case: 5.0 + case % 3 for case in range(30)}
    (even,) = compare_all({"base": level, "rag": {case: 5.0 + (case + 1) % 3 for case in range(30)}}, seed="s")
    assert even["sentence"].startswith("base and rag are not distinguishable: neither is ahead (95 % interval ")
    (tiny,) = compare_all({"base": level, "rag": {case: score + 0.003 for case, score in level.items()}}, seed="s")
    assert tiny["sentence"].startswith("rag is better than base by less than 0.01 points (")


@pytest.mark.parametrize(
    ("a", "b", "sentence"),
    [
        ([], [], "a and b cannot be compared: no question has a score of both."),
        ([5.0], [7.0], "a and b: 1 question has a score of both; with fewer than 10 nothing can be said."),
        ([2.0] * 9, [9.0] * 9, "a and b: 9 questions have a score of both; with fewer than 10 nothing can be said."),
    ],
)
def test_too_few_questions_say_nothing_however_far_apart_their_scores_are(
    a: list[float], b: list[float], sentence: str
) -> None:
    (pair,) = compare_all({"a": numbered(a), "b": numbered(b)}, seed="r")
    assert (pair["verdict"], pair["sentence"]) == ("too_few", sentence)


def test_equal_scores_are_not_distinguishable() -> None:
    (pair,) = compare_all({"a": numbered([5.0] * 10), "b": numbered([5.0] * 10)}, seed="r")
    assert pair["verdict"] == "not_distinguishable"
    assert pair["sentence"] == "a and b are not distinguishable: every one of 10 questions has the same score."


@pytest.mark.parametrize("family", [1, 6, 21, 22, 276])
def test_the_fewest_questions_are_those_on_which_an_undivided_lead_can_be_told(family: int) -> None:
    least = fewest_questions(family)
    assert sign_flip_p([1.0] * least) * family <= 0.05
    assert least == 10 or sign_flip_p([1.0] * (least - 1)) * family > 0.05


def test_what_differs_in_technique_and_model_is_measured_but_not_concluded() -> None:
    scores = {"base": numbered([2.0, 3.0] * 20), "rag": numbered([4.0] * 40), "tuned": numbered([9.0, 8.0] * 20)}
    pairs = compare_all(scores, seed="r", confounded={("base", "tuned"), ("rag", "tuned")})
    assert [pair["verdict"] for pair in pairs] == ["worse", "confounded", "confounded"]
    assert [pair["difference"] for pair in pairs] == [-1.5, -6.0, -4.5]
    assert [pair["p"] is None for pair in pairs] == [False, True, True]
    assert "which of them makes a difference cannot be said" in pairs[1]["sentence"]
    (alone,) = compare_all({name: scores[name] for name in ("base", "rag")}, seed="r")
    assert alone["p_adjusted"] == pairs[0]["p_adjusted"], "the correction counts what is concluded"


def test_the_questions_that_would_show_a_difference_grow_with_the_square_of_its_smallness() -> None:
    values = differences(40, centre=5)
    (pair,) = compare_all({"a": numbered(values), "b": numbered(values[::-1])}, seed="r")
    shown = pair["smallest_detectable"]
    assert shown is not None
    assert questions_for(shown, pair) == 40
    assert questions_for(shown / 2, pair) == 160


def test_a_difference_that_never_varies_is_found_all_the_same() -> None:
    (pair,) = compare_all({"a": numbered([8.0] * 20), "b": numbered([5.0] * 20)}, seed="r")
    assert (pair["verdict"], pair["interval"], pair["smallest_detectable"]) == ("better", (3.0, 3.0), None)


def test_one_of_many_parts_that_differs_by_chance_is_not_told_apart() -> None:
    lead = {"a": numbered([6.0] * 11 + [5.0]), "b": numbered([5.0] * 11 + [6.0])}
    parts = {"r/0": lead} | {f"r/{tag}": dict.fromkeys("ab", numbered([5.0] * 12)) for tag in range(1, 40)}
    first, *others = (rows[0] for rows in compare_parts(parts))
    (alone,) = compare_all(lead, seed="r")
    assert alone["verdict"] == "better"
    assert first["smallest_detectable"] > alone["smallest_detectable"]  # type: ignore[operator]
    assert {row["verdict"] for row in (first, *others)} == {"not_distinguishable"}
