"""AWS's Price List: which of its products is the price of what, and in which unit."""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

BEDROCK = "AmazonBedrock"
MARKETPLACE = "AmazonBedrockFoundationModels"
# Where the Price List is served; it knows the prices of every region.
ENDPOINT_REGION = "us-east-1"

# The end of a usage type of AmazonBedrock, after `<region code>-<model key>`: observed in 2026, documented nowhere.
_TOKENS = {
    "input_per_1k": "-input-tokens",
    "output_per_1k": "-output-tokens",
    "cached_per_1k": "-cache-read-input-token-count",
    "cache_write_per_1k": "-cache-write-input-token-count",
    "batch_input_per_1k": "-input-tokens-batch",
    "batch_output_per_1k": "-output-tokens-batch",
}
_CUSTOM = {
    "input_per_1k": "-input-tokens-custom-model",
    "output_per_1k": "-output-tokens-custom-model",
    "training_per_1k": "-Customization-Training",
    "storage_per_month": "-Customization-Storage",
    "provisioned_per_hour": "-ProvisionedThroughput-NoCommit-ModelUnits",
}
# The other offer has two names for one thing: USE1_InputTokenCount-Units, USE1_input_tokens_standard-Units.
_MARKETPLACE = {
    "input_per_1k": re.compile(r"_(InputTokenCount|input_tokens_standard)-Units$"),
    "output_per_1k": re.compile(r"_(OutputTokenCount|output_tokens_standard)-Units$"),
    "batch_input_per_1k": re.compile(r"_(InputTokenCount_Batch|input_tokens_batch)-Units$"),
    "batch_output_per_1k": re.compile(r"_(OutputTokenCount_Batch|output_tokens_batch)-Units$"),
}
_MARKETPLACE_GLOBAL = {
    "input_per_1k": re.compile(r"_(InputTokenCount_Global|input_tokens_global_standard)-Units$"),
    "output_per_1k": re.compile(r"_(OutputTokenCount_Global|output_tokens_global_standard)-Units$"),
    "batch_input_per_1k": re.compile(r"_(InputTokenCount_Global_Batch|input_tokens_global_batch)-Units$"),
    "batch_output_per_1k": re.compile(r"_(OutputTokenCount_Global_Batch|output_tokens_global_batch)-Units$"),
}
_PER_THOUSAND = {"1k tokens": 1.0, "1m tokens": 0.001}


@dataclass(frozen=True)
class Product:
    """One product of the Price List with its on-demand price."""

    usage_type: str
    service: str
    unit: str
    usd: float

    @classmethod
    def parse(cls, text: str) -> "Product | None":
        """A product as GetProducts lists it; `None` without a price in dollars."""
        entry = json.loads(text)
        attributes = entry.get("product", {}).get("attributes", {})
        for term in entry.get("terms", {}).get("OnDemand", {}).values():
            for dimension in term.get("priceDimensions", {}).values():
                if (usd := dimension.get("pricePerUnit", {}).get("USD")) is not None:
                    service = attributes.get("servicename", "")
                    return cls(attributes.get("usagetype", ""), service, dimension.get("unit", ""), float(usd))
        return None


@dataclass(frozen=True)
class Figure:
    """A price that was found, and the product that says so."""

    usd: float
    usage_type: str


def figures(model: str, lookup: Mapping[str, Any], products: Iterable[Product]) -> dict[str, Figure]:
    """The prices of a model among the products of its offer and region.

    Args:
        model: as the price book names it; `custom:<base model>` is a tuned model, `global.` a global profile.
        lookup: `{"offer": …, "key": …}`: the offer, and the model's part of a usage type or its service's name.
    """
    if lookup["offer"] == MARKETPLACE:
        return _marketplace(model, lookup["key"], products)
    ends = _CUSTOM if model.startswith("custom:") else _TOKENS
    wanted = {f"{lookup['key']}{end}": name for name, end in ends.items()}
    named: dict[str, Figure] = {}
    for product in products:
        name = wanted.get(product.usage_type.partition("-")[2])
        if name:
            named[name] = Figure(_normal(product, name), product.usage_type)
    return named


def _marketplace(model: str, service: str, products: Iterable[Product]) -> dict[str, Figure]:
    patterns = _MARKETPLACE_GLOBAL if model.startswith("global.") else _MARKETPLACE
    return {
        name: Figure(product.usd / 1000, product.usage_type)
        for product in products
        if product.service == service
        for name, pattern in patterns.items()
        if pattern.search(product.usage_type)
    }


def _normal(product: Product, name: str) -> float:
    """Dollars a thousand tokens; a month or an hour stays what it is."""
    if not name.endswith("_per_1k"):
        return product.usd
    factor = _PER_THOUSAND.get(product.unit.lower())
    if factor is None:
        raise ValueError(f"{product.usage_type} is priced by {product.unit!r}; known: {', '.join(_PER_THOUSAND)}")
    return product.usd * factor
