"""A whole session with the Price List, its requests and answers held to the API's model.

`price_list_session.json` has the form that AWS documents for GetProducts, with usage types and attributes that public
programs of 2026 read. It was not recorded in an account: tests/live does that where a variable asks for it.
"""

import json
import shutil
from datetime import date
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from cli.prices.price_book import CostResult, refresh

TODAY = date(2026, 11, 30)
SESSION = Path(__file__).with_name("price_list_session.json")
REGION = [{"Type": "TERM_MATCH", "Field": "regionCode", "Value": "us-east-1"}]


@pytest.fixture
def refreshed(root: Path, tmp_path: Path) -> tuple[CostResult, dict[str, Any]]:
    shutil.copy(root / "cdk.json", tmp_path)
    client = boto3.client("pricing", region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="x")
    pages = json.loads(SESSION.read_text())
    with Stubber(client) as stub:
        for number, page in enumerate(pages):
            offer, same = page["ServiceCode"], [one["ServiceCode"] for one in pages]
            after = {"NextToken": f"page-{number}"} if same[number - 1 : number] == [offer] else {}
            more = {"NextToken": f"page-{number + 1}"} if same[number + 1 : number + 2] == [offer] else {}
            listed = [json.dumps(product) for product in page["PriceList"]]
            answer = {"FormatVersion": "aws_v1", "PriceList": listed, **more}
            stub.add_response("get_products", answer, {"ServiceCode": offer, "Filters": REGION, **after})
        result = refresh(tmp_path, client, today=TODAY)
        stub.assert_no_pending_responses()
    return result, json.loads((tmp_path / "cdk.json").read_text())["context"]["prices"]


def test_every_page_is_read_and_each_unit_understood(refreshed: tuple[CostResult, dict[str, Any]]) -> None:
    models = refreshed[1]["models"]
    assert models["amazon.titan-embed-text-v2:0"]["input_per_1k"] == {
        "usd": 0.00002, "source": "Price List API, usage type USE1-TitanEmbeddingV2-Text-input-tokens",
        "as_of": "2026-11-30",
    }  # fmt: skip
    assert models["us.anthropic.claude-haiku-4-5-20251001-v1:0"]["input_per_1k"]["usd"] == 0.0011
    tuned = models["custom:amazon.nova-2-lite-v1:0:256k"]
    assert [tuned[name]["usd"] for name in ("training_per_1k", "storage_per_month", "provisioned_per_hour")] == [
        0.00378, 1.95, 60.5,
    ]  # fmt: skip


def test_another_tier_or_product_is_no_price(refreshed: tuple[CostResult, dict[str, Any]]) -> None:
    micro = refreshed[1]["models"]["amazon.nova-micro-v1:0"]
    assert (micro["input_per_1k"]["usd"], micro["output_per_1k"]["usd"]) == (0.000035, 0.00014)


def test_what_was_not_found_is_named_and_keeps_its_day(refreshed: tuple[CostResult, dict[str, Any]]) -> None:
    result, book = refreshed
    missing = set(result.dump()["missing"])
    tuned = "custom:amazon.nova-micro-v1:0:128k"

    assert missing >= {
        f"training_per_1k of {tuned}", f"storage_per_month of {tuned}", "rerank_per_1k of cohere.rerank-v3-5:0",
        "input_per_1k of us.meta.llama3-3-70b-instruct-v1:0", "alarm_metric_month of services",
    }  # fmt: skip
    assert not missing & {"input_per_1k of amazon.nova-micro-v1:0", f"input_per_1k of {tuned}"}
    assert book["models"][tuned]["training_per_1k"]["as_of"] == "2026-04-16"
    assert (book["as_of"], result.as_of.isoformat()) == ("2026-11-30", "2026-02-15")
