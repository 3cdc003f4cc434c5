"""A refresh takes the right product's price in the right unit, and touches nothing else of `cdk.json`."""

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from cli.core.errors import CliError
from cli.prices.price_book import refresh, show_book
from cli.prices.price_list import MARKETPLACE, Product, figures
from stacks.settings.prices import PriceBook

TODAY = date(2026, 11, 30)
HAIKU = "Claude Haiku 4.5 (Amazon Bedrock Edition)"


def product(usage_type: str, usd: str, unit: str = "1K tokens", service: str = "Amazon Bedrock") -> str:
    """A product as GetProducts lists it."""
    dimension = {"unit": unit, "pricePerUnit": {"USD": usd}}
    return json.dumps(
        {
            "product": {"attributes": {"usagetype": usage_type, "servicename": service, "regionCode": "us-east-1"}},
            "terms": {"OnDemand": {"a.b": {"priceDimensions": {"a.b.c": dimension}}}},
        }
    )


LISTED = {
    "AmazonBedrock": [
        product("USE1-NovaMicro-input-tokens", "0.00004"),
        product("USE1-NovaMicro-input-tokens-batch", "0.00001"),
        product("USE1-NovaMicro-output-tokens-batch", "0.00007"),
        product("USE1-NovaMicro-cache-read-input-token-count", "0.00001"),
        product("USE1-NovaMicro-cache-write-input-token-count", "0"),
        product("USE1-NovaMicro-output-tokens", "0.00015"),
        product("USE1-NovaMicro-input-tokens-custom-model", "0.00005"),
        product("USE1-NovaMicro-output-tokens-custom-model", "0.2", "1M tokens"),
        product("USE1-NovaMicro-Customization-Training", "0.001"),
        product("USE1-NovaMicro-Customization-Storage", "1.95", "Month"),
        product("USE1-NovaMicro-ProvisionedThroughput-NoCommit-ModelUnits", "33.5", "Hrs"),
        json.dumps({"product": {"attributes": {"usagetype": "USE1-NovaLite-input-tokens"}}, "terms": {}}),
    ],
    MARKETPLACE: [
        product("USE1-MP:USE1_InputTokenCount-Units", "1.1", "Units", HAIKU),
        product("USE1-MP:USE1_InputTokenCount_Global-Units", "1.0", "Units", HAIKU),
        product("USE1-MP:USE1_InputTokenCount_Batch-Units", "0.55", "Units", HAIKU),
        product("USE1-MP:USE1_input_tokens_global_batch-Units", "0.5", "Units", HAIKU),
        product("USE1-MP:USE1_CacheReadInputTokenCount-Units", "0.1", "Units", HAIKU),
        product("USE1-MP:USE1_output_tokens_standard-Units", "5.5", "Units", HAIKU),
        product("USE1-MP:USE1_InputTokenCount-Units", "9", "Units", "Claude Opus (Amazon Bedrock Edition)"),
    ],
}


@dataclass
class PriceList:
    """The Price List with a few products, in pages of four."""

    listed: dict[str, list[str]]
    filters: list[Any] = field(default_factory=list)

    def get_paginator(self, operation: str) -> "PriceList":
        assert operation == "get_products"
        return self

    def paginate(self, **request: Any) -> Iterator[dict[str, list[str]]]:
        self.filters.append(request["Filters"])
        products = self.listed[request["ServiceCode"]]
        yield from ({"PriceList": products[i : i + 4]} for i in range(0, len(products), 4))


@pytest.fixture
def project(root: Path, tmp_path: Path) -> Path:
    shutil.copy(root / "cdk.json", tmp_path)
    return tmp_path


def prices(project: Path, model: str) -> dict[str, Any]:
    entry: dict[str, Any] = json.loads((project / "cdk.json").read_text())["context"]["prices"]["models"][model]
    return entry


def test_a_refresh_writes_what_the_price_list_says_with_its_source(project: Path) -> None:
    result = refresh(project, PriceList(LISTED), today=TODAY)

    micro = prices(project, "amazon.nova-micro-v1:0")
    assert micro["input_per_1k"] == {
        "usd": 0.00004,
        "source": "Price List API, usage type USE1-NovaMicro-input-tokens",
        "as_of": "2026-11-30",
    }
    tuned = prices(project, "custom:amazon.nova-micro-v1:0:128k")
    assert {name: tuned[name]["usd"] for name in tuned if name != "lookup"} == {
        "input_per_1k": 0.00005,
        "output_per_1k": 0.0002,
        "training_per_1k": 0.001,
        "storage_per_month": 1.95,
        "provisioned_per_hour": 33.5,
    }
    assert prices(project, "us.anthropic.claude-haiku-4-5-20251001-v1:0")["output_per_1k"]["usd"] == 0.0055
    assert result.refreshed
    assert {line.model for line in result.lines if line.changed} >= {"custom:amazon.nova-micro-v1:0:128k"}


def test_what_the_price_list_does_not_have_stays_as_it_was(project: Path) -> None:
    before, oldest = prices(project, "amazon.nova-pro-v1:0"), show_book(project).as_of
    day = json.loads((project / "cdk.json").read_text())["context"]["prices"]["as_of"]

    result = refresh(project, PriceList(LISTED), today=TODAY)

    after = prices(project, "amazon.nova-pro-v1:0")
    assert after == {name: {"as_of": day, **old} if "usd" in old else old for name, old in before.items()}
    missing = {(line.model, line.figure) for line in result.missing}
    assert missing >= {("amazon.nova-pro-v1:0", "input_per_1k"), ("services", "alarm_metric_month")}
    assert ("amazon.nova-micro-v1:0", "input_per_1k") not in missing
    assert "input_per_1k of amazon.nova-pro-v1:0" in result.dump()["missing"]
    assert result.as_of == oldest != TODAY, "what was not found is as old as it was"


def test_nothing_but_the_prices_changes_and_the_book_stays_readable(project: Path) -> None:
    def rest(text: str) -> Any:
        document = json.loads(text)
        return {k: v for k, v in document["context"].items() if k != "prices"}, list(document)

    before = (project / "cdk.json").read_text()
    refresh(project, PriceList(LISTED), today=TODAY)
    after = (project / "cdk.json").read_text()

    assert rest(after) == rest(before)
    assert after.partition('"prices"')[0] == before.partition('"prices"')[0]
    book = PriceBook.parse(json.loads(after)["context"]["prices"])
    assert book.oldest(["amazon.nova-micro-v1:0"]) == TODAY


def test_a_second_refresh_changes_nothing(project: Path) -> None:
    refresh(project, PriceList(LISTED), today=TODAY)
    once = (project / "cdk.json").read_text()

    again = refresh(project, PriceList(LISTED), today=TODAY)

    assert (project / "cdk.json").read_text() == once
    assert not any(line.changed for line in again.lines)


def test_a_file_of_windows_keeps_its_line_ends_and_its_mark_and_a_link_stays_one(project: Path) -> None:
    file, target = project / "cdk.json", project / "elsewhere.json"
    target.write_bytes(b"\xef\xbb\xbf" + file.read_bytes().replace(b"\n", b"\r\n"))
    file.unlink()
    file.symlink_to(target)

    refresh(project, PriceList(LISTED), today=TODAY)

    written = target.read_bytes()
    assert file.is_symlink()
    assert written.startswith(b"\xef\xbb\xbf{\r\n")
    assert written.count(b"\n") == written.count(b"\r\n")
    assert show_book(project).as_of


def test_only_the_books_own_region_is_asked_for(project: Path) -> None:
    listed = PriceList(LISTED)
    refresh(project, listed, today=TODAY)

    assert listed.filters == [[{"Type": "TERM_MATCH", "Field": "regionCode", "Value": "us-east-1"}]] * 2


def test_an_unknown_unit_is_refused_and_nothing_is_written(project: Path) -> None:
    before = (project / "cdk.json").read_text()
    odd = {**LISTED, "AmazonBedrock": [product("USE1-NovaMicro-input-tokens", "4", "1B tokens")]}

    with pytest.raises(CliError, match=r"amazon\.nova-micro-v1:0.*'1B tokens'"):
        refresh(project, PriceList(odd), today=TODAY)
    assert (project / "cdk.json").read_text() == before


def test_a_global_profile_has_the_global_price() -> None:
    products = [found for text in LISTED[MARKETPLACE] if (found := Product.parse(text))]
    lookup = {"offer": MARKETPLACE, "key": HAIKU}

    assert figures("global.anthropic.claude-haiku-4-5", lookup, products)["input_per_1k"].usd == pytest.approx(0.001)
    assert figures("us.anthropic.claude-haiku-4-5", lookup, products)["input_per_1k"].usd == pytest.approx(0.0011)


def test_batch_inference_has_prices_of_its_own(project: Path) -> None:
    refresh(project, PriceList(LISTED), today=TODAY)
    products = [found for text in LISTED[MARKETPLACE] if (found := Product.parse(text))]
    lookup = {"offer": MARKETPLACE, "key": HAIKU}

    micro = prices(project, "amazon.nova-micro-v1:0")
    assert (micro["batch_input_per_1k"]["usd"], micro["batch_output_per_1k"]["usd"]) == (0.00001, 0.00007)
    assert figures("us.anthropic.claude-haiku-4-5", lookup, products)["batch_input_per_1k"].usd == 0.00055
    assert figures("global.anthropic.claude-haiku-4-5", lookup, products)["batch_input_per_1k"].usd == 0.0005


def test_the_book_names_what_is_unknown(project: Path) -> None:
    unknown = {(line.model, line.figure) for line in show_book(project).unknown}

    assert ("custom:amazon.nova-lite-v1:0:300k", "training_per_1k") in unknown
    assert ("amazon.nova-micro-v1:0", "input_per_1k") not in unknown
