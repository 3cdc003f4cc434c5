"""A summary counts every record once, scores no failure, and says what it does not know."""

import json
from typing import Any

import pytest

from arbiter.evaluation.numbers import extraction
from arbiter.evaluation.numbers.extraction import cites
from arbiter.evaluation.run.plan import Plan
from arbiter.evaluation.summary.summary import summarise
from bench.synthetic_plan import document

Record = dict[str, Any]
ARMS = ("base", "rag")
SLOW = "AWS asks to slow down."


def plan(**fields: Any) -> Plan:
    return Plan.load(document("r", ARMS, ["j", "k"], **{"pairwise": True, "repeat": 2, **fields}))


def answer(case: str, arm: str, *, document: str | None = None, uri: str = "s3://b/x.md", **response: Any) -> Record:
    given = {
        "mode": arm,
        "citations": [{"uri": uri}],
        "usage": {"input_tokens": 10, "output_tokens": 2},
        "latency_ms": {"retrieve": 10.0, "generate": 90.0, "total": 100.0},
        "cost_usd": 0.5,
        "degraded": [],
        **response,
    }
    return {"case": {"id": case, "document": document}, "arm": arm, "throttles": 1, "response": given}


def failed(case: str, arm: str, code: str = "throttled") -> Record:
    return {"case": {"id": case}, "arm": arm, "throttles": 2, "error": {"code": code, "message": SLOW}}


def scored(judge: str, score: float, repeat: int = 0, **criteria: int | None) -> Record:
    return {"judge": judge, "repeat": repeat, "scores": criteria, "score": score, "cost_usd": 0.25}


def unscored(judge: str, code: str = "unparseable", **fields: Any) -> Record:
    return {"judge": judge, "repeat": 0, "failure": {"code": code}, **fields}


def verdicts(case: str, arm: str, *given: Record) -> Record:
    return {"case_id": case, "arm": arm, "verdicts": list(given)}


def summary(answers: list[Record], judged: list[Record] | None = None, cases: int = 3, **fields: Any) -> Any:
    tags = {str(number): ("even",) if number % 2 == 0 else () for number in range(cases)}
    read = map(extraction.answer, answers), map(extraction.verdicts, judged or [])
    return summarise(plan(**fields), tags, *read, map(extraction.pair, fields.get("pairs", [])))


def row(found: Record, arm: str) -> Record:
    return next(one for one in found["arms"] if one["name"] == arm)


def test_answers_are_counted_by_arm() -> None:
    found = summary(
        [
            answer("0", "base"),
            answer("1", "base", degraded=["no reranking"], latency_ms={"generate": 300.0, "total": 400.0}),
            failed("2", "base"),
            answer("0", "rag", document="a/b.md", uri="s3://bucket/docs/a/b.md"),
            answer("1", "rag", document="a/b.md", uri="s3://bucket/docs/xa/b.md"),
        ]
    )
    base, rag = row(found, "base"), row(found, "rag")
    assert (base["answered"], base["failed"], base["missing"], base["degraded"]) == (2, {"throttled": 1}, 0, 1)
    assert base["throttles"] == 4
    assert base["latency_ms"]["total"] == {"mean": 250.0, "median": 250.0, "p95": 385.0}
    assert base["latency_ms"]["per_output_token"]["median"] == 97.5
    assert base["tokens"] == {"input": 20, "output": 4, "mean_input": 10.0, "mean_output": 2.0}
    assert base["cost"] == {"total_usd": 1.0, "per_answer_usd": 0.5, "per_1000_usd": 500.0}
    assert (base["citations"]["citable"], base["latency_ms"]["retrieve"]) == (0, None)
    assert (rag["missing"], rag["citations"]) == (1, {"citable": 2, "cited": 1, "share": 0.5})
    assert rag["latency_ms"]["retrieve"]["mean"] == 10.0
    assert json.loads(json.dumps(found)) == found


def test_a_score_is_the_mean_over_judges_of_their_means_over_repeats() -> None:
    judged = verdicts("0", "base", scored("j", 8), scored("j", 6, repeat=1), scored("k", 3))
    found = summary([answer("0", "base")], [judged])
    assert row(found, "base")["quality"]["mean"] == 5.0


def test_a_case_that_one_judge_gave_no_verdict_on_does_not_count() -> None:
    judged = [verdicts("0", "base", scored("j", 8), unscored("k")), verdicts("1", "base", scored("j", 2))]
    found = summary([answer("0", "base"), answer("1", "base")], judged)
    base = row(found, "base")
    assert (base["quality"], base["unjudged"], found["complete"]) == (None, 2, False)
    assert found["judges_agreement"]["failures"] == {"j": {}, "k": {"unparseable": 1}}


def test_the_reason_of_a_failure_is_told_once_a_judge_and_once_an_arm() -> None:
    denied = {"code": "error", "message": "Judge k is not open\nto this account."}
    judged = [
        verdicts(case, "base", scored("j", 8), {"judge": "k", "repeat": 0, "failure": failure})
        for case, failure in (("1", {**denied, "message": "x" * 1_000}), ("0", denied))
    ]
    found = summary([answer("0", "base"), answer("1", "base"), failed("2", "base")], judged)
    assert found["judges_agreement"]["failures"] == {"j": {}, "k": {"error": 2}}
    assert found["judges_agreement"]["reasons"] == {"j": {}, "k": {"error": "Judge k is not open to this account."}}
    assert row(found, "base")["reasons"] == {"throttled": SLOW}
    told = "\n".join(found["doubts"])
    assert "k 2 error: Judge k is not open to this account" in told
    assert "base 3 of 3 (1 throttled: AWS asks to slow down, 2 without a verdict of every judge)" in told


def test_a_reason_is_as_long_as_a_summary_has_room_for() -> None:
    long = {"judge": "k", "repeat": 0, "failure": {"code": "error", "message": "x" * 1_000}}
    found = summary([answer("0", "base")], [verdicts("0", "base", long)])
    assert found["judges_agreement"]["reasons"]["k"] == {"error": "x" * 400}


def test_a_verdict_on_an_answer_that_failed_or_never_came_counts_for_nothing() -> None:
    judged = [verdicts(case, "base", scored("j", 9), scored("k", 9)) for case in ("0", "1")]
    found = summary([failed("0", "base")], judged)
    assert row(found, "base")["quality"] is None
    assert found["judges_agreement"]["severity"] == []


def test_records_of_another_case_arm_or_judge_are_left_out() -> None:
    judged = [verdicts("0", "base", scored("j", 5), scored("k", 5), scored("stranger", 0))]
    found = summary([answer("0", "base"), answer("99", "base"), answer("0", "elsewhere")], judged)
    assert (row(found, "base")["answered"], row(found, "base")["quality"]["mean"]) == (1, 5.0)
    assert [one["name"] for one in found["arms"]] == list(ARMS)


def test_a_criterion_counts_where_it_applies() -> None:
    judged = [
        verdicts("0", "rag", scored("j", 5, accuracy=4, faithfulness=8), scored("k", 5, accuracy=6, faithfulness=None)),
        verdicts("1", "rag", scored("j", 5, accuracy=9), scored("k", 5, accuracy=9)),
    ]
    found = summary([answer("0", "rag"), answer("1", "rag")], judged)
    criteria = row(found, "rag")["quality"]["criteria"]
    assert (criteria["accuracy"], criteria["faithfulness"], criteria["clarity"]) == (7.0, 8.0, None)


def test_one_unknown_price_makes_every_sum_that_holds_it_unknown() -> None:
    judged = [verdicts("0", "base", scored("j", 5), scored("k", 5), unscored("k", repeat=1))]
    found = summary([answer("0", "base"), answer("0", "rag", cost_usd=None)], judged, estimate={"usd": 2.0})
    assert found["cost"] == {"answers_usd": None, "judging_usd": 0.5, "total_usd": None, "estimate_usd": 2.0}
    assert row(found, "rag")["cost"] == {"total_usd": None, "per_answer_usd": None, "per_1000_usd": None}
    assert row(found, "base")["cost"]["total_usd"] == 0.5


def test_a_failed_verdict_that_was_billed_is_paid_for() -> None:
    judged = [verdicts("0", "base", scored("j", 5), unscored("k", cost_usd=0.125))]
    assert summary([answer("0", "base")], judged)["cost"]["judging_usd"] == 0.375


def test_a_run_without_any_record_is_wholly_missing() -> None:
    found = summary([], cases=2)
    assert [(one["answered"], one["missing"], one["quality"]) for one in found["arms"]] == [(0, 2, None)] * 2
    assert row(found, "base")["latency_ms"] == dict.fromkeys(("retrieve", "generate", "total", "per_output_token"))
    assert found["comparisons"][0]["verdict"] == "too_few"
    assert found["conclusion"][0] == "No answer has a verdict of every judge: quality cannot be told."


@pytest.mark.parametrize("cases", [0, 1])
def test_runs_of_no_or_one_case_do_not_crash(cases: int) -> None:
    judged = [verdicts("0", arm, scored("j", 5), scored("k", 6)) for arm in ARMS]
    found = summary([answer("0", arm) for arm in ARMS], judged, cases=cases)
    assert found["cases"] == cases
    assert found["complete"]


def test_tags_are_compared_on_their_own_cases() -> None:
    judged = [
        verdicts(str(case), arm, *(scored(judge, 8 if arm == "rag" and case % 2 == 0 else 5) for judge in ("j", "k")))
        for case in range(40)
        for arm in ARMS
    ]
    found = summary([answer(str(case), arm) for case in range(40) for arm in ARMS], judged, cases=40)
    (even,) = found["tags"]
    assert (even["tag"], even["cases"], even["arms"]["rag"]["mean"], even["arms"]["base"]["n"]) == ("even", 20, 8.0, 20)
    assert even["comparisons"][0]["difference"] == -3.0
    assert found["comparisons"][0]["difference"] == -1.5


def test_a_preference_that_turns_with_the_order_is_inconsistent() -> None:
    def choice(judge: str, order: str, winner: str) -> Record:
        return {"judge": judge, "order": order, "winner": winner, "cost_usd": 0.0}

    choices = [
        choice("j", "ab", "a"),
        choice("j", "ba", "a"),
        choice("k", "ab", "a"),
        choice("k", "ba", "b"),
    ]
    half = [choice("j", "ab", "b"), {"judge": "j", "order": "ba", "failure": {"code": "refused"}}]
    pairs = [
        {"case_id": "0", "a": "base", "b": "rag", "verdicts": choices},
        {"case_id": "1", "a": "base", "b": "rag", "verdicts": half},
    ]
    found = summary([], pairs=pairs)
    assert found["pairwise"] == [
        {"a": "base", "b": "rag", "n": 2, "a_wins": 1, "b_wins": 0, "ties": 0, "inconsistent": 1}
    ]
    assert found["judges_agreement"]["failures"]["j"] == {"refused": 1}


def test_an_answer_that_asked_no_model_has_no_tokens_and_no_time_per_token() -> None:
    rag = row(summary([answer("0", "rag", usage=None)]), "rag")
    assert (rag["tokens"]["input"], rag["latency_ms"]["per_output_token"]) == (0, None)


@pytest.mark.parametrize(
    ("uri", "document", "cited"),
    [
        ("s3://b/guides/x.md", "guides/x.md", True),
        ("s3://b/x.md", "x.md", True),
        ("s3://b/guides/x.md", "x.md", True),
        ("s3://b/max.md", "x.md", False),
        ("s3://b/x.md", "guides/x.md", False),
    ],
)
def test_a_citation_names_the_whole_document(uri: str, document: str, cited: bool) -> None:
    assert cites({"citations": [{"uri": uri}]}, document) is cited


@pytest.mark.parametrize("score", [-1, 11, "7", True, None])
def test_a_score_off_the_scale_makes_the_record_unreadable(score: Any) -> None:
    with pytest.raises((ValueError, TypeError)):
        extraction.verdicts(verdicts("0", "base", {**scored("j", 5), "score": score}))


def test_verdicts_that_the_plan_no_longer_asks_for_do_not_count() -> None:
    judged = verdicts("0", "base", scored("j", 8), scored("j", 2, repeat=1), scored("k", 8), scored("former", 0))
    pairs = [{"case_id": "0", "a": "base", "b": "rag", "verdicts": [
        {"judge": "j", "order": order, "winner": "a", "cost_usd": 9.0} for order in ("ab", "ba")
    ]}]  # fmt: skip
    found = summary([answer("0", "base")], [judged], repeat=1, pairwise=False, pairs=pairs)
    assert row(found, "base")["quality"]["mean"] == 8.0
    assert found["judges_agreement"]["noise"][0]["repeats"] == 1
    assert (found["pairwise"], found["cost"]["judging_usd"]) == ([], 0.5)
    assert row(summary([answer("0", "base")], [judged], repeat=2), "base")["quality"]["mean"] == 6.5


def test_questions_that_a_model_may_have_seen_are_counted_and_told() -> None:
    leaked = [{**answer(case, "rag"), "leaked": True} for case in ("0", "1")]
    found = summary([*leaked, {**answer("0", "base"), "leaked": False}], trained_on={"run-1": 3})
    assert found["leakage"] == {"training": {"run-1": 3}, "documents": 2}
    assert [one["leaked"] for one in found["arms"]] == [0, 2]
    training, documents = (one for one in found["doubts"] if " of 3 questions " in one)
    assert training.startswith("3 of 3 questions are asked in the training set of run run-1 too")
    assert documents.startswith("2 of 3 questions stand word for word in a document that an answer was given (rag 2)")
    assert not any(" of 3 questions " in one for one in summary([answer("0", "base")])["doubts"])


def test_arms_of_one_price_are_known_by_its_name_even_if_nobody_knows_the_price() -> None:
    names = ("base", "candidate", "in_service", "absent")
    modes = ("base", "fine_tuned", "combined", "fine_tuned")
    arms = [{"name": name, "mode": mode, "tuned": name} for name, mode in zip(names, modes, strict=True)]
    tuned = {"candidate": {"base_model": "nova"}, "in_service": {"base_model": "nova"}}
    planned = Plan.load(document("r", arms, [], tuned=tuned, base_model="micro"))
    rows = summarise(planned, {"0": ()}, [])["arms"]
    assert [one["priced_as"] for one in rows] == ["micro", "custom:nova", "custom:nova", None]


def test_many_arms_are_compared_by_tag_with_base_alone() -> None:
    names = ["zero", "base", *(f"arm-{number}" for number in range(5))]
    planned = Plan.load(document("r", [{"name": name, "mode": "base"} for name in names], ["j"]))
    cases = {str(number): ("tag",) for number in range(3)}
    given = [extraction.answer(answer(case, name)) for case in cases for name in names]
    judged = [extraction.verdicts(verdicts(case, name, scored("j", 5))) for case in cases for name in names]
    found = summarise(planned, cases, given, judged)
    assert len(found["comparisons"]) == 21
    assert [(one["a"], one["b"]) for one in found["tags"][0]["comparisons"]] == [
        ("zero", "base"), *(("base", name) for name in names[2:])
    ]  # fmt: skip
