"""A run is planned once, a document is gone on with where it ended, and what is collected is what was kept."""

import json
import time
from dataclasses import replace
from typing import Any

import pytest

from arbiter.answering.prompts import Prompt, Turn
from arbiter.answering.retry import Backoff
from arbiter.answering.writer import Generation
from arbiter.batch_inference.desk import Desk
from arbiter.batch_inference.models import RepliedModel
from arbiter.errors import AccessDenied, ArbiterError, Throttled
from arbiter.generation.collector import Collector
from arbiter.generation.drafting import Purpose
from arbiter.generation.generator import NO_TIME_LEFT, Generator, Unfinished
from arbiter.generation.order import GenerationRejected, drafts_key
from arbiter.settings.generating import CollectPairsSettings, GeneratePairsSettings
from tests.unit.arbiter.generation.fakes import (
    DOCUMENT,
    DOCUMENTS,
    EVENT,
    GENERATOR,
    NAMES,
    PRICES,
    SUPPORTED,
    VERIFIER,
    FixedSearch,
    MemoryObjects,
    ScriptedModel,
    planner,
    written,
)

NOWAIT = Backoff(first=0.0, sleep=lambda seconds: None)


def generator(results: MemoryObjects, model: ScriptedModel, documents: dict[str, bytes] = DOCUMENTS) -> Generator:
    settings = GeneratePairsSettings(
        documents_bucket="documents", results_bucket="results", knowledge_base_id="kb", generator=GENERATOR,
        verifier=VERIFIER, passage_tokens=100, results=5, minimum_score=0.0, held_out_percentage=20, prices=PRICES,
    )  # fmt: skip
    return Generator(
        settings,
        MemoryObjects("documents", documents),
        results,
        RepliedModel(model),
        FixedSearch(),
        NOWAIT,
        time.monotonic,
    )


def facts(asked: Generation) -> str:
    """A generator with a new fact for every call, and a verifier that finds it."""
    if asked.model == VERIFIER:
        return SUPPORTED
    name = next(name for name in NAMES if f"The {name} kettle" in asked.prompt.turns[0].text)
    return written(("fact", f"What does the {name} do with the {name[::-1]}?", f"The {name} boils water."))


def item(pairs: int = 6, document: str = "guides/1.md") -> dict[str, Any]:
    share = {"id": "d1", "document": document, "pairs": pairs, "tokens": 10**6, "usd": None}
    return {"run": "run-1", "target": "fine_tuned", "kinds": ["fact"], "share": share}


def test_what_an_attempt_took_before_it_failed_counts_for_the_next() -> None:
    def then_throttled(asked: Generation) -> str:
        if asked.model == VERIFIER:
            raise Throttled("slow down")
        return facts(asked)

    results = MemoryObjects("results")
    with pytest.raises(Throttled):
        generator(results, ScriptedModel(then_throttled)).generate(item(), lambda: 900)
    left = json.loads(results.contents[drafts_key("run-1", "d1")])
    assert left["used"][GENERATOR]["output_tokens"] > 0
    assert (left["passages_read"], left["pairs"], left["done"]) == (0, [], False)
    assert generator(results, ScriptedModel(facts)).generate(item(), lambda: 900)["pairs"] == 6


def test_a_document_gives_its_pairs_and_is_not_asked_again() -> None:
    results, model = MemoryObjects("results"), ScriptedModel(facts)
    made = generator(results, model).generate(item(), lambda: 900)
    calls = len(model.calls)

    assert made == {"document": "guides/1.md", "pairs": 6}
    assert generator(results, model).generate(item(), lambda: 900) == made
    assert len(model.calls) == calls


def test_a_long_document_is_gone_on_with_where_the_last_invocation_ended() -> None:
    results, model = MemoryObjects("results"), ScriptedModel(facts)
    attempts = 0
    while attempts < 20:
        attempts += 1
        try:
            generator(results, model).generate(item(), lambda: NO_TIME_LEFT - 1)
            break
        except Unfinished:
            continue
    kept = json.loads(results.contents[drafts_key("run-1", "d1")])

    assert 1 < attempts < 20
    assert len({pair["question"] for pair in kept["pairs"]}) == len(kept["pairs"]) == 6
    assert sum(call.model == GENERATOR for call in model.calls) == kept["passages_read"]
    assert kept["used"][GENERATOR]["input_tokens"] == 100 * kept["passages_read"]


def test_throttling_is_waited_out_and_costs_no_pair() -> None:
    errors: list[ArbiterError] = [Throttled("slow down"), Throttled("slow down")]
    model = ScriptedModel(lambda asked: errors.pop() if errors else facts(asked))
    assert generator(MemoryObjects("results"), model).generate(item(1), lambda: 900)["pairs"] == 1


@pytest.mark.parametrize("error", [Throttled("for ever"), AccessDenied("no")])
def test_what_does_not_pass_is_left_to_the_pipeline(error: ArbiterError) -> None:
    with pytest.raises(type(error)):
        generator(MemoryObjects("results"), ScriptedModel(lambda asked: error)).generate(item(), lambda: 900)


@pytest.mark.parametrize("content", [{}, {"guides/1.md": b"\xff\xfe"}])
def test_a_document_that_is_gone_or_unreadable_is_told_and_fails_nothing(content: dict[str, bytes]) -> None:
    results = MemoryObjects("results")
    made = generator(results, ScriptedModel(facts), content).generate(item(), lambda: 900)
    kept = json.loads(results.contents[drafts_key("run-1", "d1")])

    assert (made["pairs"], kept["done"]) == (0, True)
    assert kept["unreadable"]


def test_a_run_is_collected_from_what_its_documents_gave() -> None:
    results, model = MemoryObjects("results"), ScriptedModel(facts)
    planner(results).plan({**EVENT, "pairs": 4})
    generator(results, model).generate(item(), lambda: 900)
    settings = CollectPairsSettings(documents_bucket="documents", results_bucket="results", results=5, prices=PRICES)
    report = Collector(settings, results).collect("run-1")
    pairs = [json.loads(line) for line in results.contents["generation/run-1/pairs.jsonl"].splitlines()]
    sources = [json.loads(line) for line in results.contents["generation/run-1/sources.jsonl"].splitlines()]

    assert report == json.loads(results.contents["generation/run-1/report.json"])
    assert (report["pairs"], report["dropped"]) == (4, {"not_written": 14, "surplus": 2})
    assert [pair["id"] for pair in pairs] == [source["id"] for source in sources]
    span = sources[0]["passage"]
    assert DOCUMENT[span["start"] : span["end"]] == span["text"]
    assert report["tokens"] == 120 * len(model.calls)


def test_a_run_without_a_good_pair_is_refused_with_the_reasons() -> None:
    results = MemoryObjects("results")
    planner(results).plan(EVENT)
    generator(results, ScriptedModel(lambda asked: "Certainly!")).generate(item(), lambda: 900)
    settings = CollectPairsSettings(documents_bucket="documents", results_bucket="results", results=5)
    with pytest.raises(GenerationRejected, match=r"wrote no usable JSON, twice \(40\)"):
        Collector(settings, results).collect("run-1")


def batched(results: MemoryObjects, model: ScriptedModel) -> Generator:
    on_demand = generator(results, model)
    return replace(on_demand, settings=replace(on_demand.settings, batch_inference=True))


def job(results: MemoryObjects, model: str, answer: ScriptedModel) -> int:
    """Run the job of a model over everything that it was asked; how many requests there were."""
    desk = Desk(results, "generation/run-1/", fewest=1)
    merged = desk.merge(model, "execution", 1)
    if not merged["records"]:
        return 0
    out = []
    for line in results.contents[str(merged["input_key"])].splitlines():
        record = json.loads(line)
        asked = record["modelInput"]
        turns = tuple(Turn(turn["role"], turn["content"][0]["text"]) for turn in asked["messages"])
        prompt = Prompt(tuple(text["text"] for text in asked["system"]), turns)
        completion = answer.generate(Generation(model, prompt, 1, None, Purpose.VERIFY), 1.0)
        message = {"message": {"content": [{"text": completion.text}]}}
        usage = {"inputTokens": 100, "outputTokens": 20}
        out.append(json.dumps({**record, "modelOutput": {"output": message, "stopReason": "x", "usage": usage}}))
    results.contents["out"] = "\n".join(out).encode()
    return desk.share_out(model, "out")["answered"]


@pytest.mark.parametrize("asked_in_jobs", [(GENERATOR, VERIFIER), (VERIFIER,)])
def test_batch_inference_makes_the_same_pairs_with_as_few_calls(asked_in_jobs: tuple[str, ...]) -> None:
    on_demand, batch = MemoryObjects("results"), MemoryObjects("results")
    alone, jobs, rest = ScriptedModel(facts), ScriptedModel(facts), ScriptedModel(facts)
    generator(on_demand, alone).generate(item(pairs=12), lambda: 900.0)

    answered = {}
    for phase, model in (("generator", GENERATOR), ("verifier", VERIFIER)):
        batched(batch, rest).generate({**item(pairs=12), "defer": phase}, lambda: 900.0)
        answered[model] = job(batch, model, jobs) if model in asked_in_jobs else 0
    assert not [call for call in rest.calls if call.model == VERIFIER]
    batched(batch, rest).generate(item(pairs=12), lambda: 900.0)

    records = [json.loads(bucket.contents[drafts_key("run-1", "d1")]) for bucket in (on_demand, batch)]
    assert records[0]["pairs"] == records[1]["pairs"] != []
    assert answered == {GENERATOR: 2 if GENERATOR in asked_in_jobs else 0, VERIFIER: 2}
    assert len(jobs.calls) + len(rest.calls) == len(alone.calls)
    # The price of batch inference is not known here, and is not guessed from another one.
    assert (records[0]["cost_usd"], records[1]["cost_usd"]) == (pytest.approx(records[0]["cost_usd"]), None)
    batch = records[1]["used"][f"batch:{VERIFIER}"]
    assert (batch["input_tokens"], batch["output_tokens"]) == (200, 40)


def test_no_more_is_asked_at_once_than_a_documents_share_pays_for() -> None:
    results = MemoryObjects("results")
    event = item(pairs=12)
    event["share"]["tokens"] = 3_500
    batched(results, ScriptedModel(facts)).generate({**event, "defer": "generator"}, lambda: 900.0)
    assert Desk(results, "generation/run-1/", fewest=1).merge(GENERATOR, "e", 1)["asked"] == 1
