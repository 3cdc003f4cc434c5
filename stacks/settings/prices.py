"""The price book: dated figures of `cdk.json`, each with its source, unknown ones left open."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from arbiter.settings.tuning import TrainingPrices
from stacks.settings.model_catalogue import foundation_model
from stacks.settings.problems import SettingsError

TOKEN_PRICES = ("input_per_1k", "output_per_1k", "cached_per_1k")


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Price(_Entry):
    """One figure and where it comes from; `usd` is null while unknown."""

    usd: Annotated[float, Field(ge=0)] | None = None
    source: str = Field(min_length=10)


class Lookup(_Entry):
    """Where the Price List has a model: the offer, and the model's part of a usage type or its service's name."""

    offer: Literal["AmazonBedrock", "AmazonBedrockFoundationModels"]
    key: str = Field(min_length=2)


class ModelPrices(_Entry):
    """Prices of one model."""

    lookup: Lookup | None = None
    input_per_1k: Price | None = None
    output_per_1k: Price | None = None
    cached_per_1k: Price | None = None
    batch_input_per_1k: Price | None = None
    batch_output_per_1k: Price | None = None
    training_per_1k: Price | None = None
    storage_per_month: Price | None = None
    provisioned_per_hour: Price | None = None
    """One model unit without commitment."""


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

    def per_token_in_batch(self, models: Iterable[str], *, region: str) -> dict[str, Any]:
        """Known prices of batch inference, under the names that `arbiter.costs.tokens.in_batch` gives them."""
        names = {"input_per_1k": "batch_input_per_1k", "output_per_1k": "batch_output_per_1k"}
        known = {model: self._figures(model, names) for model in models if region == self.region}
        return {f"batch:{model}": prices for model, prices in known.items() if prices}

    def per_unit_hour(self, *, region: str) -> dict[str, float]:
        """Known prices of a model unit for an hour, by the base model that is tuned; another region's is none."""
        entries = {model: entry.provisioned_per_hour for model, entry in self.models.items() if region == self.region}
        return {
            model.removeprefix("custom:"): price.usd
            for model, price in entries.items()
            if model.startswith("custom:") and price and price.usd is not None
        }

    def of_training(self, base_model: str, *, region: str) -> TrainingPrices:
        """Prices of tuning a base model; another region's count as unknown."""
        entry = self.models.get(f"custom:{base_model}") if region == self.region else None
        if entry is None:
            return TrainingPrices()

        def usd(price: Price | None) -> float | None:
            return price.usd if price else None

        return TrainingPrices(
            per_1k=usd(entry.training_per_1k),
            storage_usd_per_month=usd(entry.storage_per_month),
            unit_usd_per_hour=usd(entry.provisioned_per_hour),
            as_of=self.as_of.isoformat(),
        )

    def _token_prices(self, model: str) -> dict[str, float]:
        return self._figures(model, {name: name for name in TOKEN_PRICES})

    def _figures(self, model: str, names: Mapping[str, str]) -> dict[str, float]:
        """A model's figures, each under the name that is asked for; none where input or output is unknown."""
        entry = self.models.get(model) or self.models.get(foundation_model(model)) or ModelPrices()
        figures = {name: getattr(entry, field) for name, field in names.items()}
        known = {name: price.usd for name, price in figures.items() if price and price.usd is not None}
        return known if {"input_per_1k", "output_per_1k"} <= known.keys() else {}
