"""The price book: dated figures of `cdk.json`, each with its source, unknown ones left open."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from pydantic import ValidationError

from arbiter.costs.amount import Amount
from arbiter.settings.tuning import TrainingPrices
from stacks.settings.model_catalogue import foundation_model
from stacks.settings.price_entries import Entry, ModelPrices, Price, ServicePrices
from stacks.settings.problems import SettingsError

TOKEN_PRICES = ("input_per_1k", "output_per_1k", "cached_per_1k", "cache_write_per_1k")


class PriceBook(Entry):
    """Prices of one region, each of the day that it states or else of the book's."""

    as_of: date
    """The day of the last refresh, or of the first filling in."""
    region: str
    currency: str
    models: dict[str, ModelPrices]
    services: ServicePrices = ServicePrices()

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

    def oldest(self, models: Iterable[str]) -> date:
        """The day of the oldest known figure of some models; the book's where none is known."""
        entries = [entry for model in models if (entry := self._entry(model))]
        figures = [price for entry in entries for _, price in entry if isinstance(price, Price)]
        return min((price.as_of or self.as_of for price in figures if price.usd is not None), default=self.as_of)

    def amount(self, figure: str, model: str | None = None, *, region: str) -> Amount:
        """One figure of a model, or of the services, in its own unit; unknown in another region."""
        entry = self.services if model is None else self._entry(model)
        price = getattr(entry, figure, None) if region == self.region else None
        if price is None or price.usd is None:
            return Amount.of_unknown(f"{figure} of {model}" if model else figure)
        day = (price.as_of or self.as_of).isoformat()
        return Amount(price.usd, f"{price.source} ({day})", day, price.lower_bound)

    def per_screening(self, policies: Iterable[str], *, region: str) -> dict[str, Any]:
        """Prices of a guardrail's policies, under `guardrail`; null where one is unknown: no call has a price then."""
        figures = {name: self.amount(f"guardrail_{name}", region=region) for name in sorted(policies)}
        return {"guardrail": {name: None if figure.unknown else figure.usd for name, figure in figures.items()}}

    def per_token(self, models: Iterable[str], *, region: str) -> dict[str, Any]:
        """Known token prices of `models`, as the router reads them; half a price, or another region's, is none."""
        known = {model: self._token_prices(model) for model in models if region == self.region}
        return {model: prices for model, prices in known.items() if prices}

    def per_token_in_batch(self, models: Iterable[str], *, region: str) -> dict[str, Any]:
        """Known prices of batch inference, under the names that `arbiter.costs.prices.in_batch` gives them."""
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
            lower_bound=bool(entry.training_per_1k and entry.training_per_1k.lower_bound),
            as_of=self.oldest([f"custom:{base_model}"]).isoformat(),
        )

    def _token_prices(self, model: str) -> dict[str, float]:
        return self._figures(model, {name: name for name in TOKEN_PRICES})

    def _figures(self, model: str, names: Mapping[str, str]) -> dict[str, float]:
        """A model's figures, each under the name that is asked for; none where input or output is unknown."""
        entry = self._entry(model) or ModelPrices()
        figures = {name: getattr(entry, field) for name, field in names.items()}
        known = {name: price.usd for name, price in figures.items() if price and price.usd is not None}
        return known if {"input_per_1k", "output_per_1k"} <= known.keys() else {}

    def _entry(self, model: str) -> ModelPrices | None:
        """The entry of a model, or of the one behind a profile."""
        return self.models.get(model) or self.models.get(foundation_model(model))
