"""The price book of `cdk.json`: shown with its sources, and refreshed from AWS's Price List."""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

from cli.core.errors import CliError
from cli.core.progress import Progress, silent
from cli.prices.book_file import write_prices
from cli.prices.price_list import Figure, Product, figures
from stacks.settings.price_entries import Price
from stacks.settings.prices import PriceBook
from stacks.settings.problems import SettingsError

MARK = "\ufeff"
"""The byte order mark that editors on Windows begin a file with."""
SERVICES = "services"
"""Where a line has no model."""
FIGURES = (
    "input_per_1k",
    "output_per_1k",
    "cached_per_1k",
    "cache_write_per_1k",
    "batch_input_per_1k",
    "batch_output_per_1k",
    "training_per_1k",
    "storage_per_month",
    "provisioned_per_hour",
    "rerank_per_1k",
)


@dataclass(frozen=True)
class Line:
    """One figure of the book; `before` is what it was when a refresh changed it."""

    model: str
    figure: str
    usd: float | None
    source: str
    as_of: str
    lower_bound: bool = False
    before: float | None = None
    changed: bool = False
    found: bool = True
    """Whether the last refresh found it; always, where there was none."""


@dataclass(frozen=True)
class CostResult:
    """The price book, and whether it has just been refreshed."""

    as_of: date
    """The day of the oldest known figure."""
    region: str
    lines: tuple[Line, ...]
    refreshed: bool = False

    @property
    def unknown(self) -> tuple[Line, ...]:
        return tuple(line for line in self.lines if line.usd is None)

    @property
    def missing(self) -> tuple[Line, ...]:
        """Figures that the refresh did not find, and left as they were."""
        return tuple(line for line in self.lines if not line.found)

    def dump(self) -> dict[str, Any]:
        missing = [f"{line.figure} of {line.model}" for line in self.missing]
        return {**asdict(self), "as_of": self.as_of.isoformat(), "missing": missing}


def show_book(root: Path) -> CostResult:
    """The book as it stands.

    Raises:
        CliError: it cannot be read; with every entry that is wrong.
    """
    book = read_book(root)
    entries = [(SERVICES, book.services), *sorted(book.models.items())]
    lines = [
        Line(model, name, price.usd, price.source, (price.as_of or book.as_of).isoformat(), price.lower_bound)
        for model, entry in entries
        for name, price in entry
        if isinstance(price, Price)
    ]
    return CostResult(_oldest(lines, book.as_of), book.region, tuple(lines))


def read_book(root: Path) -> PriceBook:
    """The book of `cdk.json`.

    Raises:
        CliError: it cannot be read; with every entry that is wrong.
    """
    return _book(_text(root))


def _oldest(lines: list[Line], otherwise: date) -> date:
    return min((date.fromisoformat(line.as_of) for line in lines if line.usd is not None), default=otherwise)


def refresh(root: Path, client: Any, *, today: date, progress: Progress = silent) -> CostResult:
    """Look every price up in the Price List and write the book anew; what is not found stays as it was.

    Args:
        client: a boto3 client of `pricing`.

    Raises:
        CliError: the book cannot be read, or a price has a unit that is not known.
    """
    text = _text(root)
    book, raw = _book(text), _raw(text)
    lookups = {model: entry.lookup for model, entry in book.models.items() if entry.lookup}
    offers = sorted({lookup.offer for lookup in lookups.values()})
    products = {offer: list(_products(client, offer, book.region, progress)) for offer in offers}
    day = book.as_of.isoformat()
    lines = [
        Line(SERVICES, name, price["usd"], price["source"], price.setdefault("as_of", day), found=False)
        for name, price in raw.get("services", {}).items()
    ]
    for model, entry in sorted(raw["models"].items()):
        lookup = lookups.get(model)
        looked_up = _looked_up(model, lookup.model_dump(), products[lookup.offer]) if lookup else {}
        lines += _rewrite(model, entry, looked_up, today, day)
    raw["as_of"] = today.isoformat()
    write_prices(root / "cdk.json", text, raw)
    return CostResult(_oldest(lines, today), book.region, tuple(lines), refreshed=True)


def _looked_up(model: str, lookup: dict[str, Any], products: list[Product]) -> dict[str, Figure]:
    try:
        return figures(model, lookup, products)
    except ValueError as error:
        raise CliError(f"The price of {model} cannot be used: {error}. Nothing was written.", code="price") from error


def _rewrite(model: str, entry: dict[str, Any], looked_up: dict[str, Figure], today: date, day: str) -> Iterator[Line]:
    """Put what was found into an entry of the book, and say what became of each figure."""
    for name in FIGURES:
        if name not in entry and name not in looked_up:
            continue
        old = entry.get(name) or {"usd": None, "source": ""}
        if figure := looked_up.get(name):
            usd, source = float(f"{figure.usd:.10g}"), f"Price List API, usage type {figure.usage_type}"
            entry[name] = {"usd": usd, "source": source, "as_of": today.isoformat()}
        else:
            # The book's day becomes today; what was not found is as old as it was.
            entry[name].setdefault("as_of", day)
        new = entry[name]
        yield Line(
            model, name, new["usd"], new["source"], new.get("as_of", day), new.get("lower_bound", False), old["usd"],
            changed=new["usd"] != old["usd"], found=figure is not None,
        )  # fmt: skip


def _products(client: Any, offer: str, region: str, progress: Progress) -> Iterator[Product]:
    pages = client.get_paginator("get_products").paginate(
        ServiceCode=offer, Filters=[{"Type": "TERM_MATCH", "Field": "regionCode", "Value": region}]
    )
    read = 0
    for page in pages:
        for item in page["PriceList"]:
            read += 1
            if product := Product.parse(item):
                yield product
        progress(f"Reading the Price List: {offer}", read)


def _text(root: Path) -> str:
    """The file as it stands, the ends of its lines included."""
    try:
        return (root / "cdk.json").read_bytes().decode()
    except UnicodeDecodeError as error:
        raise CliError(f"cdk.json is not UTF-8: {error}.", code="bad_settings") from error


def _raw(text: str) -> dict[str, Any]:
    return dict(json.loads(text.removeprefix(MARK))["context"]["prices"])


def _book(text: str) -> PriceBook:
    try:
        return PriceBook.parse(json.loads(text.removeprefix(MARK)).get("context", {}).get("prices"))
    except json.JSONDecodeError as error:
        raise CliError(f"cdk.json is not JSON: {error}.", code="bad_settings") from error
    except SettingsError as error:
        raise CliError(str(error), code="bad_settings") from error
