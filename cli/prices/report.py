"""The report of `arbiter cost`: the price of one environment, each figure with its source."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from arbiter.costs.amount import Amount, Charge, total
from cli.core.errors import CliError
from cli.core.progress import Progress, silent
from cli.core.project import cdk_context
from cli.prices.basis import assumed, measured
from cli.prices.configuration import Pricing, summed
from cli.prices.evaluating import evaluation
from cli.prices.options import options
from cli.prices.price_book import read_book
from stacks.parsing import parse
from stacks.settings.problems import SettingsError

NOTHING = (
    "router, functions and state machines", "knowledge base", "on-demand deployment of a tuned model", "parameters",
    "roles and rules", "log groups, while nothing is written",
)  # fmt: skip
"""Parts of every deployment that bill nothing while nobody uses them."""


@dataclass(frozen=True, kw_only=True)
class Requests:
    """Requests of one kind, and what they cost."""

    mode: str
    count: int
    lines: tuple[Charge, ...]
    """Of one request."""

    @property
    def amount(self) -> Amount:
        return summed(list(self.lines)).times(self.count)

    def dump(self) -> dict[str, Any]:
        lines = [line.dump() for line in self.lines]
        return {"mode": self.mode, "requests": self.count, **self.amount.dump(), "lines_of_one": lines}


@dataclass(frozen=True, kw_only=True)
class Report:
    """Everything that the configuration of one environment costs."""

    environment: str
    region: str
    idle: tuple[Charge, ...]
    requests: tuple[Requests, ...]
    options: tuple[Charge, ...]
    """The most that each option adds to one request."""
    others: tuple[Charge, ...]
    """One sync, one training, one evaluation, the storage of a tuned model, an hour of hosting."""
    hosting_ends_after_hours: int | None
    metrics: Charge
    basis: tuple[str, ...]
    unmeasured: str | None
    """Why nothing could be measured."""

    @property
    def idle_amount(self) -> Amount:
        return total(line.amount for line in self.idle)

    @property
    def idle_beyond_allowance(self) -> Amount:
        return total(line.least for line in self.idle)

    @property
    def unknown(self) -> tuple[str, ...]:
        """Every figure whose price is not known."""
        amounts = [
            *(line.amount for line in (*self.idle, *self.others, *self.options)),
            *(one.amount for one in self.requests),
        ]
        return total(amounts).unknown

    def idle_line(self) -> str:
        """The sentence on what is paid while nobody uses it."""
        least = "at least " if self.idle_amount.lower_bound else ""
        return (
            f"Left alone, {self.environment} costs {least}${self.idle_amount.usd:,.2f} a month at list prices, and "
            f"${self.idle_beyond_allowance.usd:,.2f} where nothing else uses up AWS's free allowances."
        )

    def dump(self) -> dict[str, Any]:
        return {
            "environment": self.environment,
            "region": self.region,
            "idle_line": self.idle_line(),
            "idle": {
                **self.idle_amount.dump(),
                "usd_beyond_allowance": self.idle_beyond_allowance.usd,
                "lines": [line.dump() for line in self.idle],
                "nothing": list(NOTHING),
            },
            "requests": [one.dump() for one in self.requests],
            "options": [line.dump() for line in self.options],
            "others": [line.dump() for line in self.others],
            "hosting_ends_after_hours": self.hosting_ends_after_hours,
            "metrics": self.metrics.dump(),
            "basis": list(self.basis),
            "unmeasured": self.unmeasured,
            "unknown": list(self.unknown),
        }


def pricing_of(root: Path, environment: str) -> Pricing:
    """The pricing of an environment of `cdk.json`, by assumed counts.

    Raises:
        CliError: its settings or the price book cannot be read; names every problem.
    """
    book = read_book(root)
    try:
        blocks = cdk_context(root)["environments"]
        settings = parse(environment, blocks.get(environment), book)
    except (SettingsError, KeyError, TypeError) as error:
        raise CliError(str(error), code="bad_settings") from error
    return Pricing(settings, book, assumed(settings, root))


def report(
    root: Path, environment: str, *, requests: int = 1_000, look: bool = True, progress: Progress = silent
) -> Report:
    """The cost of an environment; with `look`, by what its deployment has measured."""
    pricing, unmeasured = pricing_of(root, environment), None
    if look:
        basis, unmeasured = measured(pricing.basis, environment, progress)
        pricing = Pricing(pricing.settings, pricing.book, basis)
    hosting = pricing.hosting()
    one_of = [pricing.training(), evaluation(pricing), pricing.storage(), hosting[0] if hosting else None]
    one_of += [pricing.feedback(), _shadowed_day(pricing)]
    synced = Charge(f"sync of {pricing.basis.documents:,} documents", summed(pricing.sync()), "sync")
    return Report(
        environment=environment,
        region=pricing.settings.region,
        idle=tuple(pricing.idle()),
        requests=tuple(_requests(pricing, requests)),
        options=tuple(options(pricing)),
        others=(synced, *(line for line in one_of if line)),
        hosting_ends_after_hours=hosting[1] if hosting else None,
        metrics=pricing.metrics(),
        basis=pricing.basis.sentences(),
        unmeasured=unmeasured,
    )


def _requests(pricing: Pricing, count: int) -> list[Requests]:
    kinds = [(mode.value, mode, False) for mode in pricing.modes]
    if pricing.settings.models.rerank:
        kinds += [(f"{mode.value}, reranked", mode, True) for mode in pricing.modes if mode.grounded]
    requests = [
        Requests(mode=name, count=count, lines=tuple(pricing.request(mode, rerank=rerank)))
        for name, mode, rerank in kinds
    ]
    shadow = pricing.settings.router.shadow
    if shadow.share:
        name, again = f"auto, {shadow.share:.0%} again in {shadow.mode}", round(count * shadow.share)
        requests.append(Requests(mode=name, count=again, lines=tuple(pricing.answered_again())))
    return requests


def _shadowed_day(pricing: Pricing) -> Charge | None:
    """The most that answering again costs a day, by its budget; `None` where nothing is answered again."""
    shadow = pricing.settings.router.shadow
    if not shadow.share:
        return None
    most = Amount(shadow.daily_usd, "router.shadow.daily_usd in cdk.json", pricing.book.as_of.isoformat())
    return Charge("requests of auto answered again, at most", most, "day")
