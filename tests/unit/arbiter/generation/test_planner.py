"""A run is planned once, and nothing is written of a plan that is refused."""

import json
from dataclasses import replace

import pytest

from arbiter.answering.prompts import Passage
from arbiter.generation.estimate import Ceiling
from arbiter.generation.order import GenerationRejected
from arbiter.generation.planner import Planner
from tests.unit.arbiter.generation.fakes import (
    DOCUMENTS,
    EVENT,
    GENERATOR,
    VERIFIER,
    FixedSearch,
    MemoryObjects,
    opened,
    planner,
)


def test_a_run_whose_models_cannot_be_called_is_refused_before_it_is_planned() -> None:
    results = MemoryObjects("results")
    known = planner(results)
    closed = replace(known, access=lambda models: [f"{model} is closed." for model in models])
    with pytest.raises(GenerationRejected, match=f"{GENERATOR} is closed.\n{VERIFIER} is closed."):
        closed.plan(EVENT)
    assert not results.contents


def test_a_run_that_goes_on_tries_its_models_again_and_one_that_is_looked_at_does_not() -> None:
    results = MemoryObjects("results")
    known = planner(results)
    planned = known.plan(EVENT)
    closed = replace(known, access=lambda models: [f"{model} is closed." for model in models])
    assert closed.plan(EVENT) == planned
    with pytest.raises(GenerationRejected, match=f"{GENERATOR} is closed.\n{VERIFIER} is closed."):
        closed.plan({**EVENT, "begins": True})
    assert known.plan({**EVENT, "begins": True}) == planned


def test_a_plan_is_written_with_its_estimate_and_is_what_the_map_needs() -> None:
    results = MemoryObjects("results")
    planned = planner(results).plan(EVENT)
    lines = [json.loads(line) for line in results.contents[planned["plan_key"]].splitlines()]

    assert sum(line["pairs"] for line in lines) == planned["estimate"]["asked"] == 13
    assert planned["estimate"]["left_out"].keys() == {"scan.pdf"}
    assert {"run", "target", "kinds", "plan_key"} <= planned.keys()


def test_a_run_keeps_its_plan_when_documents_change_meanwhile() -> None:
    results = MemoryObjects("results")
    first = planner(results).plan(EVENT)
    before = dict(results.contents)
    again = Planner(MemoryObjects("documents"), results, FixedSearch(), opened, planner(results).planning).plan(EVENT)

    assert (again, results.contents) == (first, before)


def test_a_run_is_not_planned_for_something_else() -> None:
    results = MemoryObjects("results")
    planner(results).plan(EVENT)
    with pytest.raises(GenerationRejected, match="was planned for purpose training, pairs 10"):
        planner(results).plan({**EVENT, "pairs": 20})


def test_nothing_is_written_of_a_plan_that_is_refused() -> None:
    results = MemoryObjects("results")
    with pytest.raises(GenerationRejected, match="5 allowed"):
        planner(results, ceiling=Ceiling(tokens=5, usd=None)).plan(EVENT)
    assert results.contents == {}


def test_samples_with_context_need_a_knowledge_base_that_finds_something() -> None:
    combined = {**EVENT, "target": "combined"}
    with pytest.raises(GenerationRejected, match="ingest the documents first"):
        planner(MemoryObjects("results")).plan(combined)
    assert planner(MemoryObjects("results"), (Passage("x", "s3://d/a.md", 1.0),)).plan(combined)


def test_a_thousand_documents_left_out_fit_into_the_state_of_the_pipeline() -> None:
    results = MemoryObjects("results")
    scans = {f"{'scan' * 200}/{n}.pdf": b"%PDF" for n in range(1000)}
    crowded = Planner(
        MemoryObjects("documents", DOCUMENTS | scans), results, FixedSearch(), opened, planner(results).planning
    )
    planned = crowded.plan(EVENT)
    assert len(json.dumps(planned).encode()) < 256 * 1024
    assert planned["estimate"]["left_out"]["and 982 more"] == "generation/run-1/estimate.json names all"
    assert len(json.loads(results.contents["generation/run-1/estimate.json"])["estimate"]["left_out"]) == 1001
