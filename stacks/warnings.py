"""Warnings at synthesis: settings that are accepted, and that their owner may not have meant."""

from collections.abc import Iterator

from stacks.refusals.models import doubted_models
from stacks.settings.environment import LOCAL, Settings
from stacks.settings.model_catalogue import base_to_tune
from stacks.settings.prices import PriceBook


def warnings(environment: str, settings: Settings, prices: PriceBook | None) -> Iterator[tuple[str, str]]:
    """Setting and sentence of each."""
    yield from _firewall(settings, prices)
    yield from _shadowed(settings)
    yield from doubted_models(settings)
    yield from _another_base(settings)
    if environment != LOCAL:
        yield from _unwatched(settings)


def _firewall(s: Settings, prices: PriceBook | None) -> Iterator[tuple[str, str]]:
    if s.edge.deployed and s.edge.waf:
        price = prices.amount("firewall_month", region=s.region).known if prices else None
        costs = f"about {price:.2f} US dollars a month" if price is not None else "an amount that is not known a month"
        yield "edge.waf", f"edge.waf: the firewall costs {costs}, asked or not; requests are billed beside it"


def _shadowed(s: Settings) -> Iterator[tuple[str, str]]:
    shadow = s.router.shadow
    if shadow.share:
        paid = f"{shadow.share:.0%} of the requests of auto are paid for twice, answered again in {shadow.mode}"
        yield "router.shadow.share", f"router.shadow.share: {paid}; at most {shadow.daily_usd:g} US dollars a day"


def _another_base(s: Settings) -> Iterator[tuple[str, str]]:
    tuning = s.fine_tuning
    if tuning.enabled and not tuning.tuned_model and tuning.base_model != base_to_tune(s.models.base):
        path = "fine_tuning.base_model"
        reason = f'models.base, "{s.models.base}", answers base and rag, and a tuned "{tuning.base_model}" the others'
        yield path, f"{path}: {reason}; a comparison of them compares two models, not only what tuning changes"


def _unwatched(s: Settings) -> Iterator[tuple[str, str]]:
    if s.alarm_email is None:
        yield "alarm_email", "alarm_email: is not set; alarms change their colour in the console and tell nobody"
    if s.monthly_budget_usd is None:
        yield "monthly_budget_usd", "monthly_budget_usd: is not set; no budget tells anybody of what is spent"
