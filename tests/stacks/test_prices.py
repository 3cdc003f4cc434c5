"""The price book: dated, sourced, and open where a figure is unknown."""

import json
from typing import Any

import pytest

from arbiter.settings.tuning import TrainingPrices
from stacks.constructs.training.functions import unpriced
from stacks.parsing import parse
from stacks.settings.environment import Settings
from stacks.settings.prices import PriceBook
from stacks.settings.problems import SettingsError
from stacks.settings.search_prices import search_prices
from tests.stacks.pipelines import tasks
from tests.stacks.resolved import Deployment

IN_JOBS = {
    "Generation.PairsPlan": "generator verifier",
    "Generation.PairsGenerate": "generator verifier",
    "Generation.PairsCollect": "generator verifier",
    "Evaluation.EngineAnswer": "Answer1",
    "Evaluation.EngineJudge": "Judge1 Judge2",
}
"""A function -> the beginnings of the states of those jobs whose answers it counts."""
BY_WORDS = {"embedding_per_1k": 0.00002, "queries_per_1m": 2.5, "hybrid_queries": 1}
BY_AWS = {"embedding_per_1k": 0, "queries_per_1m": 1_000, "hybrid_queries": 1}


@pytest.fixture
def book(context: dict[str, Any]) -> PriceBook:
    return PriceBook.parse(context["prices"])


def test_a_profile_has_its_models_price(book: PriceBook) -> None:
    prices = book.per_token(["us.amazon.nova-micro-v1:0"], region="us-east-1")
    cached = {"cached_per_1k": 0.00000875, "cache_write_per_1k": 0.0}
    assert prices == {"us.amazon.nova-micro-v1:0": {"input_per_1k": 0.000035, "output_per_1k": 0.00014, **cached}}


def test_an_unknown_figure_is_left_out_not_guessed(book: PriceBook) -> None:
    unknown = ["custom:amazon.nova-premier-v1:0", "amazon.titan-embed-text-v2:0", "new.model-v1:0"]
    assert book.per_token(unknown, region="us-east-1") == {}


@pytest.mark.parametrize("size", ["micro-v1:0:128k", "lite-v1:0:300k", "pro-v1:0:300k"])
def test_a_tuned_nova_of_the_first_generation_answers_at_its_base_models_price(book: PriceBook, size: str) -> None:
    tuned, base = f"custom:amazon.nova-{size}", f"amazon.nova-{size.rpartition(':')[0]}"
    prices = book.per_token([tuned, base], region="us-east-1")
    assert prices[tuned].items() <= prices[base].items()
    assert set(prices[tuned]) == {"input_per_1k", "output_per_1k"}


def test_another_regions_prices_are_unknown(book: PriceBook) -> None:
    assert book.per_token(["amazon.nova-micro-v1:0"], region="eu-west-1") == {}


def test_no_reading_of_the_book_takes_a_figure_for_another_regions(book: PriceBook) -> None:
    tuned = "amazon.nova-micro-v1:0:128k"

    def readings(region: str) -> list[Any]:
        return [
            book.per_token(["amazon.nova-micro-v1:0"], region=region),
            book.per_token_in_batch(["amazon.nova-micro-v1:0"], region=region),
            book.per_unit_hour(region=region),
            [
                figure
                for figure in book.per_screening(["content_per_1k"], region=region)["guardrail"].values()
                if figure
            ],
            [] if book.amount("alarm_metric_month", region=region).unknown else ["known"],
            [] if book.of_training(tuned, region=region) == TrainingPrices() else ["known"],
        ]

    assert all(readings(book.region))
    assert not any(readings("eu-west-1"))


def test_an_hour_of_any_tuned_model_is_priced_where_it_is_known(book: PriceBook) -> None:
    assert book.per_unit_hour(region="us-east-1") == {
        "amazon.nova-2-lite-v1:0:256k": 60.5,
        "amazon.nova-lite-v1:0:300k": 108.15,
    }
    assert book.per_unit_hour(region="eu-west-1") == {}


def test_an_unknown_figure_is_an_amount_that_names_it(book: PriceBook) -> None:
    known = book.amount("training_per_1k", "custom:amazon.nova-micro-v1:0:128k", region="us-east-1")

    assert (known.usd, known.as_of, known.lower_bound) == (0.001, "2026-04-16", True)
    assert book.amount("storage_per_month", "custom:new", region="us-east-1").unknown == (
        "storage_per_month of custom:new",
    )
    assert book.amount("alarm_metric_month", region="eu-west-1").unknown == ("alarm_metric_month",)


def test_a_search_has_the_prices_that_are_known(book: PriceBook) -> None:
    def search(**blocks: Any) -> dict[str, Any]:
        return search_prices(book, Settings.model_validate(blocks))

    reranked = search(models={"rerank": "cohere.rerank-v3-5:0"})
    managed, others = search(knowledge_base={"store": "managed"}), search(knowledge_base={"existing": "ABCDEFGHIJ"})

    assert reranked == {"search": {"embedding_per_1k": 0.00002, "queries_per_1m": 2.5, "rerank_per_1k": 2.0}}
    assert search(models={"embedding": "another.embedding"}) == {"search": {"queries_per_1m": 2.5}}
    assert managed == {"search": {"embedding_per_1k": 0, "queries_per_1m": 1_000.0, "hybrid_queries": 1}}
    assert others["search"]["hybrid_queries"] == 1
    assert search(region="eu-west-1") == {}


def test_an_old_figure_says_its_own_day(book: PriceBook) -> None:
    tuned = "custom:amazon.nova-micro-v1:0:128k"

    assert book.oldest(["amazon.nova-micro-v1:0", tuned]).isoformat() == "2026-04-16"
    assert book.oldest(["unknown"]) == book.as_of


def test_every_figure_has_a_source(context: dict[str, Any]) -> None:
    book = context["prices"]
    book = {**book, "models": {"a.b": {"input_per_1k": {"usd": 1, "source": ""}}}}
    with pytest.raises(SettingsError, match=r"models\.a\.b\.input_per_1k\.source: string should have at least"):
        PriceBook.parse(book)


def test_batch_inference_is_priced_apart_and_never_guessed(book: PriceBook) -> None:
    known = book.per_token_in_batch(["us.amazon.nova-micro-v1:0"], region="us-east-1")
    assert known == {"batch:us.amazon.nova-micro-v1:0": {"input_per_1k": 0.0000175, "output_per_1k": 0.00007}}
    assert book.per_token_in_batch(["custom:amazon.nova-micro-v1:0:128k"], region="us-east-1") == {}


def test_a_gate_whose_judge_has_no_price_is_known_before_anything_is_trained(book: PriceBook) -> None:
    judges = ["us.meta.llama4-scout-17b-instruct-v1:0", "us.anthropic.claude-haiku-4-5-20251001-v1:0"]
    settings = parse("dev", {"evaluation": {"judges": judges}})
    accepted = parse("dev", {"evaluation": {"judges": judges, "max_cost_usd": None}})
    assert unpriced(settings, book) == {"unpriced": judges[:1], "max_cost_usd": 25.0}
    assert unpriced(accepted, book) == unpriced(parse("dev", {}), book) == {}


@pytest.mark.parametrize(
    ("block", "left_out", "named"),
    [
        ({"evaluation": {"gate": {"mode": "combined"}}}, "vector_queries_per_1m", ["search"]),
        ({}, "vector_queries_per_1m", []),
        ({"guardrail": {"content": "high"}}, "guardrail_content_per_1k", ["guardrail"]),
    ],
)
def test_a_gate_whose_searches_or_guardrail_have_no_price_is_known_as_well(
    context: dict[str, Any], block: dict[str, Any], left_out: str, named: list[str]
) -> None:
    prices = context["prices"]
    services = {name: figure for name, figure in prices["services"].items() if name != left_out}
    found = unpriced(parse("dev", block), PriceBook.parse({**prices, "services": services}))
    assert found.get("unpriced", []) == named


def test_a_function_knows_the_price_of_each_model_that_it_names(everything: Deployment, hosted: Deployment) -> None:
    for deployment in (everything, hosted):
        functions = {
            one.name: one.properties["Environment"]["Variables"]
            for one in deployment.resources("AWS::Lambda::Function")
            if "Environment" in one.properties
        }
        books = {name: json.loads(own["ARBITER_PRICES"]) for name, own in functions.items() if "ARBITER_PRICES" in own}
        priced = {model for book in books.values() for model in book if not model.startswith(("batch:", "custom:"))}
        for name, book in books.items():
            others = json.dumps({key: value for key, value in functions[name].items() if key != "ARBITER_PRICES"})
            assert {model for model in priced if f'{model}\\"' in others or f'"{model}"' in others} <= book.keys(), name


def test_who_counts_the_answers_of_jobs_knows_what_they_cost_in_jobs(everything: Deployment) -> None:
    """Else what was asked in a job is counted at the price of a call, or at none."""
    asked = {
        f"{graph.name.partition('.')[0]}.{name.removesuffix('Job')}": state["Arguments"]["ModelId"]
        for graph, name, state in tasks(everything)
        if state["Resource"].endswith(":createModelInvocationJob")
    }
    assert {f"{name.partition('.')[0]}.{job}" for name, jobs in IN_JOBS.items() for job in jobs.split()} == asked.keys()
    for name, jobs in IN_JOBS.items():
        prices = everything.one("AWS::Lambda::Function", name).properties["Environment"]["Variables"]["ARBITER_PRICES"]
        models = {asked[f"{name.partition('.')[0]}.{job}"] for job in jobs.split()}
        assert {one for one in json.loads(prices) if one.startswith("batch:")} == {f"batch:{one}" for one in models}


def test_a_knowledge_base_that_is_compared_has_the_prices_of_its_own_kind(managed: Deployment) -> None:
    for name in ("EnginePlan", "EngineAnswer"):
        variables = managed.one("AWS::Lambda::Function", name).properties["Environment"]["Variables"]
        bases = json.loads(variables["ARBITER_KNOWLEDGE_BASES"])
        assert {one["managed"] for one in bases.values()} == {True, False}
        for base in bases.values():
            assert base["prices"] == (BY_AWS if base["managed"] else BY_WORDS), name
