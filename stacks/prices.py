"""The price book: dated figures of `cdk.json`, each with its source, unknown ones left open."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from stacks.models import foundation_model
from stacks.settings import SettingsError

TOKEN_PRICES = ("input_per_1k", "output_per_1k", "cached_per_1k")


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Price(_Entry):
    """One figure and where it comes from; `usd` is null while unknown."""

    usd: Annotated[float, Field(ge=0)] | None = None
    source: str = Field(min_length=10)


class ModelPrices(_Entry):
    """What one model costs."""

    input_per_1k: Price | None = None
    output_per_1k: Price | None = None
    cached_per_1k: Price | None = None
    training_per_1k: Price | None = None
    storage_per_month: Price | None = None


class PriceBook(_Entry):
    """Prices of one region on one date."""

    as_of: date
    region: str
    currency: str
    models: dict[str, ModelPrices]

    @classmethod
    def parse(cls, book: object) -> "PriceBook":
        """The book in `cdk.json`.

        Raises:
            SettingsError: naming every entry that is not a price.
        """
        if not isinstance(book, Mapping):
            raise SettingsError(
                "cdk.json has no prices in its context; a book without prices has an empty models block"
            )
        try:
            return cls.model_validate(book)
        except ValidationError as error:
            lines = [f"  {'.'.join(map(str, e['loc']))}: {e['msg'].lower()}" for e in error.errors()]
            raise SettingsError("\n".join(["cdk.json: prices cannot be read:", *lines])) from error

    def per_token(self, models: Iterable[str], *, region: str) -> dict[str, Any]:
        """Known token prices of `models`, as the router reads them; half a price, or another region's, is none."""
        known = {model: self._token_prices(model) for model in models if region == self.region}
        return {model: prices for model, prices in known.items() if prices}

    def _token_prices(self, model: str) -> dict[str, float]:
        entry = self.models.get(model) or self.models.get(foundation_model(model)) or ModelPrices()
        figures = {name: getattr(entry, name) for name in TOKEN_PRICES}
        known = {name: price.usd for name, price in figures.items() if price and price.usd is not None}
        return known if {"input_per_1k", "output_per_1k"} <= known.keys() else {}
