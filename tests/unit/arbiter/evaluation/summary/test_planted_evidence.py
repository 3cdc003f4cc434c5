"""Whatever was planted in a run is what its conclusion says, and what cannot be told is not said."""

import json
from collections.abc import Mapping
from random import Random
from typing import Any

import pytest

from arbiter.evaluation.numbers import extraction, statistics
from arbiter.evaluation.numbers.records import Answer, Timing, Verdict, Verdicts
from arbiter.evaluation.run.plan import Plan
from arbiter.evaluation.summary.document import Summary, load
from arbiter.evaluation.summary.groups import headline
from arbiter.evaluation.summary.summary import summarise
from bench.synthetic_plan import document

MICRO, LITE = "amazon.nova-micro-v1:0", "amazon.nova-lite-v1:0"
MODES = ("base", "rag", "fine_tuned", "combined")
JUDGES = ("one", "two")
TUNED = {
    "in_service": {"model": "a", "custom_model": "m", "base_model": f"{MICRO}:128k", "run": "micro-1"},
    "lite-1": {"model": "b", "custom_model": "n", "base_model": f"{LITE}:300k", "run": "lite-1"},
}


@pytest.fixture(autouse=True)
def few_resamples(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is concluded rests on the sign flips, not on how exact an interval is."""
    monkeypatch.setattr(statistics, "RESAMPLES", 99)


def summary(
    means: Mapping[str, float], n: int = 60, arms: Any = (), base_model: str = MICRO, noise: float = 1.0, **fields: Any
) -> Summary:
    """A run whose arms have these true means on questions of varying difficulty; each costs more than the last."""
    random, answers, verdicts = Random(11), [], []
    for case in range(n):
        ease = random.gauss(0, 1)
        for index, (arm, mean) in enumerate(means.items()):
            answers.append(Answer(str(case), arm, 0, None, False, Timing(0, 90, 99), 9, 50, 0.001 * (index + 1)))
            scores = [min(10.0, max(0.0, mean + ease + random.gauss(0, noise))) for _ in JUDGES]
            given = [
                Verdict(judge, 0, None, score, (None,) * 5, 0.0) for judge, score in zip(JUDGES, scores, strict=True)
            ]
            verdicts.append(Verdicts(str(case), arm, tuple(given)))
    planned = document("r", arms or list(means), JUDGES, base_model=base_model, tuned=TUNED, cases=n, **fields)
    found = summarise(Plan.load(planned), {str(case): () for case in range(n)}, answers, verdicts)
    return load(json.loads(json.dumps(found)))


def two_sizes() -> list[dict[str, Any]]:
    """Four techniques on each of two base models."""
    small = [{"name": mode, "mode": mode} for mode in MODES]
    plain = [{"name": f"{mode}.lite", "mode": mode, "model": LITE} for mode in MODES[:2]]
    return [*small, *plain, *({"name": f"{mode}.lite", "mode": mode, "tuned": "lite-1"} for mode in MODES[2:])]


@pytest.mark.parametrize("winner", MODES)
def test_the_technique_that_wins_by_a_lot_is_named_alone(winner: str) -> None:
    found = summary({mode: 7.5 if mode == winner else 4.5 for mode in MODES})
    assert found["conclusion"][0].startswith(f"{winner} scores highest, ")
    assert headline(found) == f"{winner[0].upper()}{winner[1:]} answers best"
    assert found["caveats"] == []


def test_techniques_that_differ_by_nothing_have_no_winner() -> None:
    found = summary(dict.fromkeys(MODES, 6.0))
    assert found["conclusion"][0].startswith("No winner: base, rag, fine_tuned and combined are not distinguishable")
    assert headline(found) == "No technique is shown to be better than another"


def test_the_models_that_answered_are_named_in_every_technique() -> None:
    arms = {arm["name"]: arm for arm in summary(dict.fromkeys(MODES, 6.0))["arms"]}
    assert {arm["base_model"] for arm in arms.values()} == {MICRO}
    assert [arms[mode]["tuned_run"] for mode in MODES] == [None, None, "micro-1", "micro-1"]


@pytest.mark.parametrize("base_model", [LITE, f"us.{LITE}"])
def test_a_tuned_model_beside_another_base_is_confounded_and_concluded_nothing_of(base_model: str) -> None:
    found = summary({"base": 4.0, "rag": 5.5, "fine_tuned": 8.0, "combined": 8.1}, base_model=base_model)
    (caveat,) = found["caveats"]
    assert caveat.startswith(
        f"Technique and model are confounded: base and rag on {LITE} and fine_tuned and combined on {MICRO}."
    )
    crossing = [row for row in found["comparisons"] if row["verdict"] == "confounded"]
    assert len(crossing) == 4
    text = " ".join(found["conclusion"])
    assert f"On {LITE}: rag scores highest" in text
    assert f"On {MICRO}: No winner: fine_tuned and combined are not distinguishable" in text
    assert not any(f"{a} is better than {b}" in text for a in MODES[2:] for b in MODES[:2])
    assert headline(found).startswith(f"On {LITE}, rag answers best; on {MICRO}, ")


def test_two_sizes_with_their_own_tuned_models_are_not_confounded() -> None:
    better = dict(zip(MODES, (4.0, 5.5, 6.0, 8.0), strict=True))
    found = summary({**better, **{f"{mode}.lite": mean + 1 for mode, mean in better.items()}}, arms=two_sizes(), n=90)
    assert found["caveats"] == []
    assert sum(row["verdict"] == "confounded" for row in found["comparisons"]) == 12
    sentences = found["conclusion"]
    assert any(one.startswith(f"On {MICRO}: combined scores highest") for one in sentences)
    assert any(one.startswith(f"On {LITE}: combined.lite scores highest") for one in sentences)
    assert any("on two models: base.lite is better than base by" in one for one in sentences)


def test_a_model_that_is_better_is_not_credited_to_the_technique() -> None:
    flat = {"base": 4.0, "rag": 4.0, "fine_tuned": 4.0, "combined": 4.0}
    found = summary({**flat, **{f"{mode}.lite": 8.0 for mode in flat}}, arms=two_sizes())
    within = [one for one in found["conclusion"] if one.startswith("On ") and "highest" in one]
    assert within == []
    assert sum("No winner" in one for one in found["conclusion"]) == 2


def test_a_tuned_model_of_an_unknown_base_is_said_to_be_one() -> None:
    elsewhere = {"in_service": {**TUNED["in_service"], "base_model": "elsewhere", "run": "elsewhere"}}
    planned = document("r", list(MODES), JUDGES, base_model=MICRO, tuned=elsewhere)
    (caveat,) = summarise(Plan.load(planned), {"0": ()}, [])["caveats"]
    assert caveat.startswith("Which base model fine_tuned and combined was tuned from is not known")


@pytest.mark.parametrize("n", [1, 2, 9])
def test_few_questions_draw_no_conclusion_and_the_number_that_would_is_said(n: int) -> None:
    found = summary({"base": 1.0, "rag": 9.0}, n=n)
    number = "1 question was" if n == 1 else f"{n} questions were"
    sentence = f"Nothing can be said: {number} scored for two techniques, and with fewer than 10 chance decides."
    assert found["conclusion"] == [sentence]
    assert headline(found).startswith("Nothing can be said: ")
    assert not any("Cheapest" in one for one in (*found["conclusion"], *found["doubts"]))


def test_the_cheaper_technique_is_not_called_as_good_where_the_questions_could_not_show_otherwise() -> None:
    found = summary({"base": 5.0, "rag": 7.0}, n=12, noise=2.0)
    (sentence,) = (one for one in found["conclusion"] if "cheaper" in one)
    assert sentence.startswith(
        "Whether base, which is cheaper ($1.00 per 1,000 answers), is as good as rag cannot be said: 12"
    )
    assert sentence.endswith("would show one of 1.")


def test_four_answers_say_nothing_on_whether_judges_agree() -> None:
    found = summary({"base": 2.0, "rag": 8.0}, n=2)
    (pair,) = found["judges_agreement"]["pairs"]
    assert (pair["n"], pair["spearman"], pair["kendall"], pair["weighted_kappa"]) == (4, None, None, None)
    assert (
        "Whether judges one and two agree cannot be said: 4 answers have a score of both, and it takes 20."
        in found["doubts"]
    )


def test_answers_that_do_not_know_are_an_outcome_of_their_own() -> None:
    texts = ["I do not know: I was given no documents.", "Two metres.", "The documents do not say."]
    given = [
        extraction.answer(
            {"case": {"id": str(number)}, "arm": "base",
             "response": {"answer": text, "mode": "base", "latency_ms": {"total": 1.0}, "cost_usd": 0.0}}
        )
        for number, text in enumerate(texts)
    ]  # fmt: skip
    planned = Plan.load(document("r", ["base"], []))
    (arm,) = summarise(planned, dict.fromkeys("012", ()), given)["arms"]
    assert (arm["answered"], arm["abstained"], arm["missing"], arm["failed"]) == (1, 2, 0, {})


def test_a_summary_of_a_former_version_is_still_read() -> None:
    new = summary({"base": 4.0, "rag": 7.0})
    arms = [
        {
            name: value
            for name, value in arm.items()
            if name not in ("base_model", "tuned_run", "abstained", "retrieval")
        }
        for arm in new["arms"]
    ]
    former = {name: part for name, part in new.items() if name not in ("local", "caveats")} | {"arms": arms}
    read = load(former)
    assert (read["local"], read["caveats"]) == (False, [])
    assert [(arm["base_model"], arm["abstained"]) for arm in read["arms"]] == [(None, 0)] * 2
    assert headline(read) == "Rag answers best"
