"""The conclusion names the winner and the cheapest; the doubts hold every reason for care, each once."""

from collections.abc import Iterable
from random import Random
from typing import Any

import pytest

from arbiter.evaluation.numbers import statistics
from arbiter.evaluation.numbers.records import Answer, Failure, Timing, Verdict, Verdicts
from arbiter.evaluation.run.plan import Plan
from arbiter.evaluation.summary.conclusion import conclude
from arbiter.evaluation.summary.document import Summary
from arbiter.evaluation.summary.groups import headline
from arbiter.evaluation.summary.summary import summarise
from bench.synthetic_judges import Judges
from bench.synthetic_plan import document

Record = dict[str, Any]
JUDGES = ("one", "two")


@pytest.fixture(autouse=True)
def few_resamples(monkeypatch: pytest.MonkeyPatch) -> None:
    """These tests are about what is said of an interval; how exact it is has its own."""
    monkeypatch.setattr(statistics, "RESAMPLES", 199)


def planned(arms: Iterable[Any], **fields: Any) -> Plan:
    return Plan.load(document("r", list(arms), JUDGES, **fields))


def summary(qualities: dict[str, float], *, n: int = 60, agree: bool = True, **fields: Any) -> Summary:
    """A run with planted qualities; an arm costs a dollar more, and writes as much more, than the one before."""
    random, judges = Random(4), Judges(judges=1)
    answers, verdicts = [], []
    for case in range(n):
        ease = random.gauss(0, 1)
        for index, (arm, quality) in enumerate(qualities.items()):
            price = fields.get("prices", {}).get(arm, 1.0 + index)
            written = Answer(
                str(case), arm, 0, None, False, Timing(0, 100.0 * (index + 1), 1), 9, 50 * index + 50, price
            )
            answers.append(written)
            given = [judges.score(quality + ease if agree else random.gauss(6, 2), random) for _ in JUDGES]
            judged = [Verdict(j, 0, None, s, (None,) * 5, 0.0) for j, s in zip(JUDGES, given, strict=True)]
            verdicts.append(Verdicts(str(case), arm, tuple(judged)))
    plan = planned(qualities, local=fields.get("local", False))
    tags: dict[str, tuple[str, ...]] = {str(case): () for case in range(n)}
    unreadable = fields.get("unreadable", ())
    return summarise(plan, tags, answers, verdicts, unreadable=unreadable)


def conclusion(qualities: dict[str, float], **fields: Any) -> list[str]:
    return summary(qualities, **fields)["conclusion"]


def told(qualities: dict[str, float], **fields: Any) -> list[str]:
    return summary(qualities, **fields)["caveats"]


def doubted(qualities: dict[str, float], **fields: Any) -> list[str]:
    return summary(qualities, **fields)["doubts"]


def test_a_winner_is_named_with_its_lead_and_interval() -> None:
    first, *others = conclusion({"base": 5.0, "rag": 5.0, "combined": 7.0})
    assert first.startswith("combined scores highest, ")
    assert "points better than base (95 % interval " in first
    assert "points better than rag (95 % interval " in first
    assert others[0].startswith(
        "Cheapest technique that is not distinguishably worse than the best: combined, $3,000.00 per"
    )
    assert others[0].endswith("; it is also the best.")


def test_arms_that_are_not_distinguishable_from_the_best_are_named() -> None:
    found = conclusion({"rag": 7.0, "base": 4.0, "combined": 7.0})
    assert found[1].startswith("Not distinguishable from ")
    assert "60 questions show a difference of" in found[1]
    assert any(
        one.startswith("Cheapest technique that is not distinguishably worse than the best: rag") for one in found
    )


def test_each_technique_that_is_cheaper_than_the_best_has_the_doubt_of_its_own_comparison() -> None:
    found = summary({"base": 4.0, "fine_tuned": 7.0, "rag": 7.0, "combined": 7.1})
    shown = {("fine_tuned", "combined"): 2.3, ("rag", "combined"): 0.5, ("fine_tuned", "rag"): 2.5}
    for comparison in found["comparisons"]:
        pair = (comparison["a"], comparison["b"])
        comparison["smallest_detectable"] = shown.get(pair, comparison["smallest_detectable"])
    sentences = conclude(found)
    assert sentences[1] == (
        "Not distinguishable from combined: fine_tuned and rag (60 questions show a difference of 2.3 points or more)."
    )
    near, doubtful = (one for one in sentences if "heaper" in one)
    assert near == (
        "Cheaper than combined, and within 0.5 points of it by these questions: rag, $3,000.00 per 1,000 answers "
        "(combined: $4,000.00)."
    )
    assert doubtful.startswith("Whether fine_tuned, which is cheaper ($2,000.00 per 1,000 answers), is as good as ")


def test_without_a_winner_the_conclusion_says_what_the_questions_could_show() -> None:
    first, *_ = conclusion({"base": 6.0, "rag": 6.0}, n=10)
    assert first.startswith("No winner: base and rag are not distinguishable on these questions (10 questions show a")


def test_a_shorter_answer_is_said_to_be_faster() -> None:
    assert any("a shorter answer is faster" in one for one in conclusion({"base": 6.0, "rag": 6.0}))


def test_judges_that_disagree_are_named() -> None:
    assert any("Judges one and two agree poorly" in one for one in doubted({"base": 6.0}, agree=False))


def test_what_was_not_scored_is_said_in_one_sentence_with_its_reasons() -> None:
    plan = planned(["base", "rag"])
    answers = [
        Answer("0", "base", 0, Failure("throttled", "AWS asks to slow down.")),
        Answer("0", "rag", 0, None, False, Timing(0, 1, 1)),
    ]
    (sentence,) = (one for one in summarise(plan, {"0": (), "1": ()}, answers)["doubts"] if "scored, and" in one)
    assert sentence == (
        "Not every answer could be scored, and none of these counts as a zero: base 2 of 2 "
        "(1 throttled: AWS asks to slow down, 1 missing); rag 2 of 2 (1 missing, 1 without a verdict of every judge). "
        "`arbiter evaluate` with --run r asks for these again."
    )


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"prices": {"rag": None}}, "The price is unknown for rag"),
        ({"unreadable": ["evaluations/r/answers/1/rag.json"]}, "left out: evaluations/r/answers/1/rag.json."),
        ({"unreadable": list("abcdefg")}, "left out: a, b, c, d, e and 2 more."),
    ],
)
def test_every_reason_for_doubt_is_said_where_it_holds(fields: dict[str, Any], sentence: str) -> None:
    qualities = {"base": 6.0, "rag": 6.0}
    assert sum(sentence in one for one in doubted(qualities, **fields)) == 1
    assert not any(sentence in one for one in doubted(qualities))
    assert not any(sentence in one for one in conclusion(qualities, **fields))


def test_that_stand_ins_answered_is_said_before_the_conclusion() -> None:
    (caveat,) = told({"base": 6.0, "rag": 6.0}, local=True)
    assert caveat.startswith("Stand-ins answered and judged everything on the local AWS")
    assert told({"base": 6.0, "rag": 6.0}) == []


def scored(scores: dict[str, dict[int, int]], cases: int) -> Summary:
    """A run of planted scores; where an arm has none, it failed."""
    answers, verdicts = [], []
    for index, (arm, own) in enumerate(scores.items()):
        for case in map(str, range(cases)):
            given = Answer(case, arm, 0, None, False, Timing(0, 9, 9), 9, 50, 1.0 + index)
            answers.append(given if int(case) in own else Answer(case, arm, 0, Failure("content_filtered", "No.")))
        for case, score in own.items():
            both = tuple(Verdict(judge, 0, None, score, (None,) * 5, 0.0) for judge in JUDGES)
            verdicts.append(Verdicts(str(case), arm, both))
    return summarise(planned(scores), {str(case): () for case in range(cases)}, answers, verdicts)


def test_differences_between_others_are_not_denied_for_want_of_a_winner() -> None:
    scores = {"base": [5, 6] * 10, "rag": [6, 7] * 10, "combined": [2, 10, 10, 5] * 5}
    first, second, *_ = scored({arm: dict(enumerate(own)) for arm, own in scores.items()}, 20)["conclusion"]
    assert first.startswith("No winner: combined scores highest, not distinguishable from base and rag")
    assert second.startswith("rag is better than base by 1.00 points")


def test_who_failed_on_the_hard_questions_wins_nothing_by_its_mean() -> None:
    scores = {"base": dict.fromkeys(range(20), 8), "rag": {case: 9 if case < 20 else 6 for case in range(100)}}
    found = scored(scores, 100)
    first, second, third, *_ = found["conclusion"]
    assert first.startswith("rag wins on the questions in common (6.60 of 10 on all its own): 1.00 points better than")
    assert second == "base has a score on 20 of 100 questions alone: its mean of 8.00 says nothing of the others."
    assert "not distinguishably worse than the best: rag" in third
    assert headline(found) == "Rag answers best"


def test_nothing_scores_highest_below_a_mean_of_easy_questions() -> None:
    rag = {case: 9 if case < 20 else 5 for case in range(100)}
    combined = {case: (3, 10)[case % 2] for case in range(100)}
    found = scored({"base": dict.fromkeys(range(20), 8), "rag": rag, "combined": combined}, 100)
    assert found["conclusion"][0].startswith("No winner: combined is beaten by none, not distinguishable from base and")
    assert headline(found) == "No winner: combined is beaten by none, but not distinguishably"


def test_a_technique_that_lacks_most_scores_is_not_recommended_as_the_cheapest() -> None:
    every, cheap = dict.fromkeys(range(60), 7), [8, 6, 6, 8, 7, 6] * 10
    for part, recommended in ((60, "base"), (12, "rag")):
        found = scored({"base": {case: cheap[case] for case in range(part)}, "rag": every}, 60)
        assert any(f"worse than the best: {recommended}, " in one for one in found["conclusion"])


def test_a_price_that_is_not_known_is_told_beside_the_cheapest() -> None:
    told = conclusion({"base": 6.0, "rag": 6.0}, n=200, prices={"rag": None})
    assert any("than the best: base, $1,000.00 per 1,000 answers" in one and "rag" in one for one in told)


def test_what_is_hosted_by_the_hour_has_no_cost_by_tokens() -> None:
    arms = [{"name": "base", "mode": "base"}, {"name": "fine_tuned", "mode": "fine_tuned"}]
    arn = "arn:aws:bedrock:us-east-1:123456789012:{}/abcdefghijkl"
    for kind, hourly in (("provisioned-model", True), ("custom-model-deployment", False)):
        model = {"model": arn.format(kind), "custom_model": "m", "base_model": "amazon.nova-micro-v1:0", "run": "t"}
        plan = Plan.load(document("r", arms, JUDGES, tuned={"in_service": model}))
        told = [one for one in summarise(plan, {}, [])["caveats"] if "billed by the hour" in one]
        assert [one.startswith("fine_tuned answered from throughput") for one in told] == [True] * hourly
