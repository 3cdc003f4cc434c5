"""Planted runs: where a technique wins by a lot, by nothing, or confounded with its model, the decision says so."""

from dataclasses import replace
from typing import Any

import pytest

from arbiter.evaluation.numbers.comparison import FEWEST_QUESTIONS as FEWEST
from cli.advice.evidence.effects import WORTH
from cli.advice.evidence.findings import evidence_of
from cli.advice.record.flips import flips
from cli.advice.record.sentences import confidence
from cli.advice.rules.options import Status
from tests.unit.cli.advice.known import KNOWN, decided
from tests.unit.cli.advice.planted import LITE, MICRO, planted

FLAT = {"base": 5.0, "rag": 5.0, "fine_tuned": 5.0, "combined": 5.0}
PARTS = {"base": set(), "rag": {"retrieval"}, "fine_tuned": {"fine_tuning"}, "combined": {"retrieval", "fine_tuning"}}
STYLE = {"requirements": ("style",), "examples": 300}
FACTS = {"requirements": ("facts",)}


@pytest.mark.parametrize("winner", ["base", "rag", "fine_tuned", "combined"])
@pytest.mark.parametrize("answers", [STYLE, FACTS])
def test_a_technique_that_wins_by_a_lot_is_recommended_whatever_the_rules_say(
    winner: str, answers: dict[str, Any]
) -> None:
    found = decided(planted({**FLAT, winner: 8.0}), **answers)
    assert found.evidence is not None
    assert found.evidence.winner == winner
    assert set(found.advice.recommended) & {"retrieval", "fine_tuning"} == PARTS[winner]


def test_a_mean_of_the_easy_questions_alone_wins_nothing() -> None:
    stored = planted({**FLAT, "combined": 8.0})
    arms = [{**arm, "quality": {**arm["quality"], "n": 20, "mean": 9.0}} if arm["mode"] == "base" else arm
            for arm in stored.summary["arms"] if arm["quality"]]  # fmt: skip
    for prior in ("base", "combined"):
        assert evidence_of(stored._replace(summary={**stored.summary, "arms": arms}), prior).winner == "combined"


def test_a_rule_that_lost_against_a_measurement_is_told_with_it() -> None:
    found = decided(planted({**FLAT, "rag": 2.0, "combined": 2.0}), **FACTS)
    verdict = found.advice.approaches["retrieval"]
    assert verdict.status is Status.NOT_NOW
    assert found.by_rule.approaches["retrieval"].status is Status.RECOMMENDED
    assert ("step2.facts", "measured.retrieval") in {(loser.id, winner.id) for loser, winner in verdict.lost}


def test_a_measurement_overrules_a_band_of_examples_and_names_it() -> None:
    """Few examples, and still the model tuned on them wins: the band is a rule of thumb."""
    found = decided(planted({**FLAT, "fine_tuned": 8.0}), requirements=("style",), examples=50)
    verdict = found.advice.approaches["fine_tuning"]
    assert verdict.status is Status.RECOMMENDED
    assert "step3.10_to_100_experiment" in {loser.id for loser, _ in verdict.lost}


@pytest.mark.parametrize(
    "limit", [{"data_may_train": False}, {"deadline_weeks": 1}, {"expertise": "little"}, {"compute": "little"}]
)
def test_no_measurement_overrules_a_condition_of_the_owner(limit: dict[str, object]) -> None:
    found = decided(planted({**FLAT, "fine_tuned": 9.0}), **{**STYLE, **limit})
    tuned = found.advice.approaches["fine_tuning"].status
    assert tuned is Status.RECOMMENDED if "compute" in limit else tuned < Status.RECOMMENDED
    assert found.advice.methods["full_tuning"].status < Status.LATER


def test_what_adds_nothing_for_sure_is_left_out() -> None:
    found = decided(
        planted({"base": 5.0, "rag": 8.0, "fine_tuned": 5.0, "combined": 8.0}, cases=300, noise=0.3), **STYLE
    )
    assert found.evidence is not None
    finding = found.evidence.finding("fine_tuning")
    assert finding is not None
    assert finding.outcome == "too_little"
    assert finding.interval is not None
    assert finding.interval[1] < WORTH
    assert found.advice.approaches["fine_tuning"].status is Status.NOT_NOW


def test_where_the_questions_cannot_tell_the_rule_stands_and_their_number_is_told() -> None:
    found = decided(planted({**FLAT, "rag": 5.3}, cases=20, noise=2.0), **FACTS)
    assert found.evidence is not None
    finding = found.evidence.finding("retrieval")
    assert finding is not None
    assert finding.outcome == "cannot_tell"
    assert finding.needed is not None
    assert finding.needed > 20
    assert f"About {finding.needed:,} questions" in finding.words
    assert found.advice.approaches["retrieval"].status is found.by_rule.approaches["retrieval"].status
    assert confidence(found).level == "moderate"


def test_as_many_questions_as_were_told_do_tell() -> None:
    few = evidence_of(planted({"base": 5.0, "rag": 5.7}, cases=12, noise=1.5), "base").finding("retrieval")
    assert few is not None
    assert few.outcome == "cannot_tell"
    assert few.needed is not None
    many = evidence_of(planted({"base": 5.0, "rag": 5.7}, cases=few.needed, noise=1.5), "base").finding("retrieval")
    assert many is not None
    assert many.outcome == "adds"


@pytest.mark.parametrize("with_plan", [True, False])
def test_technique_and_model_that_differ_together_decide_nothing(with_plan: bool) -> None:
    run = planted({**FLAT, "fine_tuned": 9.0, "combined": 9.0}, base_model=LITE, tuned_from=MICRO, with_plan=with_plan)
    found = decided(run, **FACTS)
    assert found.evidence is not None
    assert "confounded" in " ".join(found.evidence.doubts[:2])
    assert found.evidence.finding("fine_tuning") is None
    assert found.advice.approaches["fine_tuning"].status is found.by_rule.approaches["fine_tuning"].status
    assert "was not measured on the same model" in confidence(found).reason


def test_stand_ins_decide_nothing_and_the_record_says_so_first() -> None:
    found = decided(planted({**FLAT, "fine_tuned": 9.0}, local=True), **FACTS)
    assert found.evidence is not None
    assert not found.evidence.counts
    assert found.advice.recommended == found.by_rule.recommended
    assert "local AWS" in confidence(found).reason


def test_fewer_questions_than_the_least_decide_nothing() -> None:
    found = decided(planted({**FLAT, "fine_tuned": 9.5}, cases=FEWEST - 1, noise=0.1), **FACTS)
    assert found.evidence is not None
    assert found.evidence.winner is None
    assert f"below {FEWEST} nothing can be said" in " ".join(found.evidence.doubts)
    assert found.advice.recommended == found.by_rule.recommended


def test_a_way_of_prompting_that_wins_is_recommended() -> None:
    run = planted({"base": 5.0, "base.cot": 7.0}, prompting={"base.cot": "chain_of_thought"})
    found = decided(run, requirements=())
    assert found.advice.methods["chain_of_thought"].status is Status.RECOMMENDED
    worse = planted({"base": 7.0, "base.cot": 5.0}, prompting={"base.cot": "chain_of_thought"})
    assert decided(worse, requirements=("reasoning",)).advice.methods["chain_of_thought"].status is Status.NOT_NOW


def test_a_technique_that_was_measured_too_slow_is_ruled_out() -> None:
    run = planted({**FLAT, "rag": 8.0, "combined": 8.0}, wait=3_000.0)
    assert decided(run, **FACTS).advice.approaches["retrieval"].status is Status.RECOMMENDED
    assert decided(run, **FACTS, latency_limit_ms=2_000).advice.approaches["retrieval"].status is Status.RULED_OUT


def test_confidence_is_high_where_every_layer_was_told() -> None:
    found = decided(planted({"base": 4.0, "rag": 7.0, "fine_tuned": 5.5, "combined": 8.5}), **FACTS)
    assert confidence(found).level == "high"
    assert "measured on 80 of your questions" in confidence(found).reason


def test_tokens_of_the_run_make_the_bill() -> None:
    found = decided(planted(FLAT), **FACTS)
    assert found.volumes.tokens("rag").input == 1_700
    assert found.volumes.tokens("fine_tuned").output == 60


def test_a_layer_that_comes_too_late_hides_nothing_that_can_be_done_now() -> None:
    run = planted({"base": 4.0, "rag": 6.0, "fine_tuned": 9.0, "combined": 9.0})
    found = decided(run, requirements=("facts",), examples=300, deadline_weeks=1)
    assert found.evidence is not None
    assert found.evidence.winner == "rag"
    assert found.advice.recommended == ("prompting", "retrieval")


def test_a_demand_of_quality_leaves_out_what_does_not_reach_it() -> None:
    run = planted({"base": 5.0, "rag": 7.0, "fine_tuned": 5.0, "combined": 7.3}, cases=400, noise=0.3)
    assert "fine_tuning" not in decided(run, **FACTS).advice.recommended
    assert "fine_tuning" in decided(run, **FACTS, least_quality=7.2).advice.recommended
    [flip] = [one for one in flips(decided(run, **FACTS), replace(KNOWN, stored=run)) if one.field == "least_quality"]
    assert flip.words == f"if answers to what matters most must score {flip.value:g} of 10 or more"
    assert flip.added == ("fine_tuning",)


def test_a_demand_that_nothing_reaches_is_told() -> None:
    found = decided(planted(FLAT), **FACTS, least_quality=9.5)
    assert found.evidence is not None
    assert any("No technique that is open reaches the 9.5" in doubt for doubt in found.evidence.doubts)
