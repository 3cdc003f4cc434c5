"""The default environment costs what a calculation by hand says, each figure with its source."""

import json
from dataclasses import replace
from math import ceil
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console
from typer.testing import CliRunner

from arbiter.answering.prompts import GROUNDING, SYSTEM
from arbiter.costs.prices import Prices
from arbiter.costs.tokens import Usage, estimated_tokens
from arbiter.modes import Mode
from cli.app import app
from cli.core.terminal import SafeConsole
from cli.prices import report as reporting
from cli.prices.configuration import Pricing
from cli.prices.evaluating import evaluation
from cli.prices.report import Report, pricing_of, report
from cli.prices.report_view import idle_rows, show_report
from cli.prices.view import in_words
from stacks.parsing import parse
from stacks.settings.prices import PriceBook

HOURS = 730
DOCUMENTS, DOCUMENT_BYTES = 23, 64_116
"""Of examples/documents, counted by `find -type f ! -name '*.metadata.json'`."""


@pytest.fixture(scope="module")
def dev(root: Path) -> Report:
    return report(root, "dev", look=False)


@pytest.fixture(scope="module")
def pricing(root: Path) -> Pricing:
    return pricing_of(root, "dev")


def changed(pricing: Pricing, **block: Any) -> Pricing:
    return replace(pricing, settings=parse("dev", block, pricing.book))


def test_idle_is_what_a_calculation_by_hand_says(dev: Report) -> None:
    # CloudWatch pricing page, us-east-1: 0.10 a metric that an alarm watches (10 + 1 + 3 + 4 + 1), 3.00 a dashboard.
    alarms, dashboard = 19 * 0.10, 3.00
    # SQS pricing page: 0.40 a million; Lambda developer guide: five pollers, each up to 20 seconds.
    polling = 5 * (3600 / 20) * HOURS * 0.40 / 1e6
    # EventBridge Scheduler 1.00 and Lambda 0.20 a million calls, 0.0000133334 a GB-second on arm64, logs 0.50 a GB.
    looks = 12 * HOURS
    looking = looks * (1.00e-6 + 0.20e-6 + 0.25 * 0.5 * 0.0000133334 + 600 * 0.50e-9)
    # S3 0.023 and S3 Vectors 0.06 a GB and month; 300 tokens of 4.5 bytes a passage, a fifth of them repeated.
    vectors = ceil(DOCUMENT_BYTES / 4.5 / 0.8 / 300)
    stored = DOCUMENT_BYTES * 0.023e-9 + vectors * (4 * 1024 + 500 + 300 * 4.5) * 0.06e-9

    assert vectors == 60
    assert [line.amount.usd for line in dev.idle] == pytest.approx([alarms, dashboard, polling, looking, stored])
    assert dev.idle_amount.usd == pytest.approx(alarms + dashboard + polling + looking + stored)


def test_what_is_free_for_every_account_is_left_out_beside_it(dev: Report) -> None:
    # Always free: 10 alarm metrics, 3 dashboards, 1,000,000 SQS requests, 14,000,000 schedules, 400,000 GB-seconds.
    stored = dev.idle[-1].amount.usd
    assert dev.idle_beyond_allowance.usd == pytest.approx(9 * 0.10 + stored)


def test_requests_are_what_a_calculation_by_hand_says(dev: Report) -> None:
    # Nova Micro, on demand and tuned alike: 0.035 and 0.14 a million tokens. Titan Text Embeddings V2: 0.02 a million.
    own = estimated_tokens(SYSTEM) + 25
    grounded = own + estimated_tokens(GROUNDING) + 5 * 300
    router = 0.20e-6 + 0.5 * 1.0 * 0.0000133334 + 1_200 * 0.50e-9
    base = own * 0.035e-6 + 150 * 0.14e-6
    # S3 Vectors: 2.50 a million queries, 0.004 a terabyte of vectors read.
    rag = grounded * 0.035e-6 + 150 * 0.14e-6 + 25 * 0.02e-6 + 2.50e-6 + 60 * (4 * 1024 + 500) * 0.004e-12

    expected = {"base": base, "rag": rag, "fine_tuned": base, "combined": rag}
    assert {one.mode: one.amount.usd for one in dev.requests} == pytest.approx(
        {mode: 1_000 * (cost + router) for mode, cost in expected.items()}
    )


def test_the_rest_is_what_a_calculation_by_hand_says(dev: Report) -> None:
    # S3 Vectors: 0.20 a GB written; S3: 0.005 a thousand writes. Nova Micro: 0.001 a thousand tokens trained, and 1.95
    # a month.
    tokens = DOCUMENT_BYTES / 4.5 / 0.8
    sync = tokens * 0.02e-6 + 60 * (4 * 1024 + 500 + 300 * 4.5) * 0.20e-9 + DOCUMENTS * 0.005e-3
    training = 1_000 * 200 * 2 * 0.001e-3
    costs = {line.per: line.amount.usd for line in dev.others}

    assert (costs["sync"], costs["training"], costs["month"]) == pytest.approx((sync, training, 1.95))
    assert dev.hosting_ends_after_hours is None
    assert dev.metrics.amount.usd == pytest.approx(9 * 0.30)
    assert dev.unknown == ()


def test_an_answer_and_its_price_beforehand_come_from_the_same_figures(pricing: Pricing) -> None:
    table = pricing.book.per_token(["amazon.nova-micro-v1:0"], region="us-east-1")
    price = Prices(table).of("amazon.nova-micro-v1:0")
    model = [line.amount.usd for line in pricing.request(Mode.BASE) if "put tokens" in line.name]

    assert price
    assert sum(model) == pytest.approx(price.cost(pricing.basis.usage[Mode.BASE]))


def test_every_number_has_a_source_and_a_date(dev: Report) -> None:
    lines = [*dev.idle, *dev.others, dev.metrics, *(line for one in dev.requests for line in one.lines)]
    for line in lines:
        assert line.amount.sources, line.name
        assert line.amount.as_of >= "2026-02-15", line.name


def test_reranking_is_a_kind_of_request_of_its_own(
    root: Path, pricing: Pricing, monkeypatch: pytest.MonkeyPatch
) -> None:
    reranked = changed(pricing, models={"rerank": "cohere.rerank-v3-5:0"})
    monkeypatch.setattr(reporting, "pricing_of", lambda *_: reranked)
    costs = {one.mode: one.amount.usd for one in report(root, "dev", look=False).requests}

    assert costs["rag, reranked"] - costs["rag"] == pytest.approx(1_000 * 0.002)


def test_an_evaluation_rests_on_its_searches_too_and_is_as_sure_as_its_figures(pricing: Pricing) -> None:
    models = dict(pricing.book.models)
    judge = models["us.meta.llama3-3-70b-instruct-v1:0"]
    assert judge.input_per_1k
    least = judge.model_copy(update={"input_per_1k": judge.input_per_1k.model_copy(update={"lower_bound": True})})
    models["us.meta.llama3-3-70b-instruct-v1:0"] = least
    unsure = replace(pricing, book=pricing.book.model_copy(update={"models": models}))

    assert not evaluation(pricing).amount.lower_bound
    assert evaluation(unsure).amount.lower_bound
    assert any("TitanEmbeddingsV2" in source for source in evaluation(pricing).amount.sources)


def test_a_distillation_costs_at_least_its_training(pricing: Pricing) -> None:
    tuning = {"customization_type": "DISTILLATION", "teacher_model": "amazon.nova-pro-v1:0"}
    book = json.loads(pricing.book.model_dump_json())
    book["models"]["custom:amazon.nova-micro-v1:0:128k"]["training_per_1k"]["lower_bound"] = False
    sure = replace(pricing, book=PriceBook.parse(book))
    (plain, distilled) = (sure.training(), changed(sure, fine_tuning=tuning).training())

    assert plain
    assert distilled
    assert (plain.amount.lower_bound, distilled.amount.lower_bound) == (False, True)
    assert distilled.name.endswith("without its teacher's answers")


def test_hosting_by_the_hour_says_its_price_and_its_end(
    root: Path, pricing: Pricing, monkeypatch: pytest.MonkeyPatch
) -> None:
    hosted = changed(
        pricing,
        models={"base": "amazon.nova-lite-v1:0"},
        fine_tuning={"hosting": "provisioned", "provisioned": {"ttl_hours": 24, "model_units": 2}},
    )
    monkeypatch.setattr(reporting, "pricing_of", lambda *_: hosted)
    made = report(root, "dev", look=False)
    costs = {line.per: line.amount for line in made.others}

    assert (costs["hour"].usd, made.hosting_ends_after_hours) == (2 * 108.15, 24)
    assert made.unknown == ("training_per_1k of custom:amazon.nova-lite-v1:0:300k",)
    assert in_words(made.unknown[0]) == "1,000 training tokens of custom:amazon.nova-lite-v1:0:300k"
    assert in_words("storage of an imported model") == "storage of an imported model"
    assert costs["training"].known is None
    assert "at least" not in made.idle_line()


def test_another_regions_prices_are_unknown_and_named(
    root: Path, pricing: Pricing, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = replace(pricing, book=pricing.book.model_copy(update={"region": "eu-west-1"}))
    monkeypatch.setattr(reporting, "pricing_of", lambda *_: elsewhere)
    made = report(root, "dev", look=False)

    assert made.idle_line().startswith("Left alone, dev costs at least $0.00 a month")
    assert "alarm_metric_month" in made.unknown


def test_measured_tokens_take_the_place_of_assumed_ones(pricing: Pricing) -> None:
    measured = replace(pricing.basis, usage={**pricing.basis.usage, Mode.BASE: Usage(1_000, 10)})
    (read, written, *_) = replace(pricing, basis=measured).request(Mode.BASE)

    assert (read.amount.usd, written.amount.usd) == pytest.approx((0.000035, 0.0000014))


def test_the_readme_says_what_the_command_says(root: Path, dev: Report) -> None:
    readme = (root / "README.md").read_text()
    table = "\n".join(f"| {' | '.join(row)} |" for row in idle_rows(dev))

    assert f"\n{table}\n" in readme
    assert f"\n{dev.idle_line()}" in readme


def test_a_narrow_terminal_cuts_nothing(dev: Report, tmp_path: Path) -> None:
    file = tmp_path / "out.txt"
    with file.open("w") as stream:
        console: Console = SafeConsole(stream)
        console.width = 80
        show_report(console, dev)
    text = file.read_text()

    assert all(len(line) <= 80 for line in text.splitlines() if line[:1] in "┃│┏└")
    assert dev.idle_line() in text
    for source in {source for line in dev.idle for source in line.amount.sources}:
        assert source in text


def test_the_command_needs_neither_account_nor_network(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_PROFILE", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")
    monkeypatch.setenv("AWS_CONFIG_FILE", "/dev/null")
    result = CliRunner().invoke(app, ["cost", "--env", "dev", "--requests", "5", "--json"])
    shown = json.loads(result.stdout)

    assert result.exit_code == 0
    assert shown["requests"][0]["requests"] == 5
    assert shown["unmeasured"]
    assert shown["idle"]["lines"][0]["source"]
