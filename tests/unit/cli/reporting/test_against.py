"""A comparison with another run is weighed by its interval, and told in words."""

import json
from dataclasses import replace
from statistics import fmean
from typing import Any

import pytest

from arbiter.evaluation.summary.document import load
from cli.reporting.comparisons.measures import Change, measured, relative_change
from cli.reporting.comparisons.other_run import against_run
from cli.reporting.comparisons.published import against_case_study, case_study, says
from cli.reporting.run.records import Records, StoredRun
from tests.unit.cli.reporting.synthetic_run import Synthetic, make
from tests.unit.cli.reporting.synthetic_summary import summarised


def _stored(made: Synthetic) -> StoredRun:
    return StoredRun(made.plan, summarised(made), made.records)


@pytest.mark.parametrize(
    ("published", "interval", "at_least", "verdict"),
    [
        (0.30, (0.2, 0.4), False, "agrees"),
        (0.30, (0.34, 0.5), False, "agrees"),
        (0.30, (0.4, 0.5), False, "agrees in direction, not in size"),
        (0.30, (-0.1, 0.4), False, "cannot tell"),
        (0.30, (-0.1, 0.1), False, "contradicts"),
        (0.30, (-0.5, -0.4), False, "contradicts"),
        (-0.50, (-0.6, -0.45), False, "agrees"),
        (-0.50, (-0.3, -0.1), False, "agrees in direction, not in size"),
        (-0.50, (-0.7, 0.2), False, "cannot tell"),
        (1.00, (4.0, 5.0), True, "agrees"),
        (1.00, (0.2, 0.5), True, "agrees in direction, not in size"),
        (1.00, (-0.4, 0.2), True, "contradicts"),
        (1.00, None, True, "cannot tell"),
    ],
)
def test_a_published_effect_is_borne_out_only_by_the_interval(
    published: float, interval: tuple[float, float] | None, at_least: bool, verdict: str
) -> None:
    ours = Change(0.0, interval, 60)
    assert says(published, ours, at_least=at_least, rounding=case_study()["rounding"]) == verdict


def test_a_relative_change_is_that_of_the_means_on_common_cases() -> None:
    base = {"a": 10.0, "b": 20.0, "c": 30.0, "only base": 900.0}
    ours = {"a": 12.0, "b": 27.0, "c": 36.0, "only ours": 900.0}
    change = relative_change(ours, base, seed="test")
    assert change is not None
    assert change.value == pytest.approx(fmean((12, 27, 36)) / fmean((10, 20, 30)) - 1)
    assert change.n == 3
    assert change.interval is not None
    assert change.interval[0] < change.value < change.interval[1]


def test_a_change_that_is_the_same_everywhere_is_known_exactly() -> None:
    base = {str(index): float(index) for index in range(1, 20)}
    change = relative_change({case: 2 * value for case, value in base.items()}, base, seed="test")
    assert change is not None
    assert change.interval == pytest.approx((1.0, 1.0))


@pytest.mark.parametrize(("ours", "base"), [({}, {"a": 1.0}), ({"a": 1.0}, {}), ({"a": 1.0}, {"a": 0.0})])
def test_nothing_is_divided_by_nothing(ours: dict[str, float], base: dict[str, float]) -> None:
    assert relative_change(ours, base, seed="test") is None


def test_the_case_study_stands_beside_every_arm_that_it_speaks_of() -> None:
    stored = _stored(make(60))
    part = against_case_study(stored.plan, stored.summary, stored.records)
    assert len(part.sentences) == len(case_study()["effects"]) == 7
    assert any("rag, tokens: published more than +100%" in sentence for sentence in part.sentences)
    assert all(sentence.rstrip(".").endswith(("agrees", "size", "contradicts", "tell")) for sentence in part.sentences)
    assert {chart.name for chart in part.charts} == {"study-quality", "study-latency", "study-tokens"}
    assert "10 questions" in " ".join(part.notes)
    assert "provisioned throughput" in " ".join(part.notes)
    assert part.source.startswith("https://aws.amazon.com/")


def test_a_run_of_stand_ins_neither_agrees_with_the_case_study_nor_contradicts_it() -> None:
    stored = _stored(make(40, local=True))
    part = against_case_study(stored.plan, stored.summary, stored.records)
    assert part.sentences[0].startswith("Stand-ins answered and judged this run on the local AWS")
    effects = [sentence for sentence in part.sentences if "published" in sentence]
    assert len(effects) == 7
    assert all(sentence.endswith(": not comparable.") for sentence in effects)


@pytest.mark.parametrize(
    ("base_model", "warning"),
    [
        ("amazon.nova-pro-v1:0", "here amazon.nova-pro-v1:0 answered: another model may gain more or less"),
        ("amazon.nova-micro-v1:0", "the techniques do not all stand on one base model"),
        (None, "Which models answered in every technique is not known of this run."),
    ],
)
def test_other_models_than_the_case_studys_are_named_before_its_figures(base_model: str | None, warning: str) -> None:
    made = make(20)
    plan = replace(made.plan, base_model=base_model)
    stored = _stored(replace(made, plan=plan))
    part = against_case_study(stored.plan, stored.summary, stored.records)
    assert any(warning in sentence for sentence in part.sentences[:3])
    assert not any(word in sentence for sentence in part.sentences for word in (": agrees", ": contradicts"))


@pytest.mark.parametrize("modes", [["rag"], ["base"]])
def test_without_base_or_another_arm_the_case_study_has_nothing_beside_it(modes: list[str]) -> None:
    stored = _stored(make(4, modes=modes))
    part = against_case_study(stored.plan, stored.summary, stored.records)
    assert "nothing to set beside it" in part.sentences[0]
    assert part.charts == ()


def test_the_same_run_twice_differs_in_nothing() -> None:
    stored = _stored(make(20))
    part = against_run(stored, stored)
    assert part.sentences[0] == "20 questions and 4 techniques are in both runs."
    assert all("not distinguishable" in sentence for sentence in part.sentences[1:])
    assert [table.rows for table in part.tables if "moved" in table.caption] == [()]
    assert part.notes == []


def test_a_run_that_got_worse_is_told_from_the_one_before_by_arm_and_question() -> None:
    before, after = _stored(make(60, name="before")), _stored(make(60, name="after", lift=-2.0))
    part = against_run(after, before)
    told = {sentence.split(":")[0]: sentence for sentence in part.sentences[1:]}
    assert "not distinguishable" in told["base"]
    assert all("worse than in before" in told[arm] for arm in ("rag", "fine_tuned", "combined"))
    [moved] = [table for table in part.tables if "moved" in table.caption]
    assert len(moved.rows) == 30


def test_questions_are_matched_by_their_text_and_never_by_their_number() -> None:
    before = make(10, name="before")
    turned = tuple({**case, "id": f"other-{case['id']}"} for case in before.records.cases)
    names = {case["id"]: case for case in turned}
    answers = tuple({**record, "case": names[f"other-{record['case']['id']}"]} for record in before.records.answers)
    verdicts = tuple({**record, "case_id": f"other-{record['case_id']}"} for record in before.records.verdicts)
    renamed = StoredRun(before.plan, load({}), Records(turned, answers, verdicts))
    assert measured(before.plan, before.records) == measured(renamed.plan, renamed.records)


def test_a_follow_up_is_another_question_after_another_conversation() -> None:
    made = make(4)
    cases = tuple(
        {**case, "question": "And how much is it?", "history": [{"role": "user", "text": f"About {case['id']}."}]}
        for case in made.records.cases
    )
    asked = {case["id"]: case for case in cases}
    answers = tuple({**record, "case": asked[record["case"]["id"]]} for record in made.records.answers)
    found = measured(made.plan, replace(made.records, cases=cases, answers=answers))
    assert [len(series) for series in found["latency"].values()] == [
        len(series) for series in measured(made.plan, made.records)["latency"].values()
    ]


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"judges": ("a", "b")}, "other judges"),
        (
            {"arms": tuple(arm._replace(prompting="few_shot") for arm in make(1).plan.arms)},
            "set up otherwise: prompting",
        ),
        ({"base_model": "cohere.command-r-v1:0"}, "base was set up otherwise: model."),
        ({"local": True}, "Stand-ins answered and judged one of the two runs"),
    ],
)
def test_what_else_changed_between_the_runs_is_said(changed: dict[str, Any], sentence: str) -> None:
    stored = _stored(make(5))
    other = StoredRun(replace(stored.plan, **changed), stored.summary, stored.records)
    assert sentence in " ".join(against_run(stored, other).notes)


def test_runs_without_a_common_question_are_not_compared() -> None:
    one = _stored(make(2))
    strange = make(2)
    cases = tuple({**case, "question": f"Else? {case['id']}"} for case in strange.records.cases)
    other = StoredRun(strange.plan, load({}), Records(cases))
    assert "share 0 questions" in against_run(one, other).sentences[0]


def test_the_case_study_names_its_source_and_what_differs() -> None:
    study = case_study()
    assert json.dumps(study)
    assert {effect["mode"] for effect in study["effects"]} == {"rag", "fine_tuned", "combined"}
    assert len(study["differs"]) >= 4
