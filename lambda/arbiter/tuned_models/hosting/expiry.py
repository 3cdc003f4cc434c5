"""Hosting that is paid by the hour: what of it has expired, and what it costs until then."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

ENVIRONMENT_TAG = "arbiter:environment"
EXPIRY_TAG = "arbiter:expires-at"
BILLED = frozenset({"Creating", "InService", "Updating"})


def expiry_of(tags: Mapping[str, str]) -> datetime | None:
    """When throughput was meant to end; `None` when its tag says nothing readable."""
    try:
        expiry = datetime.fromisoformat(tags.get(EXPIRY_TAG, ""))
    except ValueError:
        return None
    return expiry if expiry.tzinfo else None


class Throughput(NamedTuple):
    """Provisioned throughput, as Bedrock lists it."""

    arn: str
    name: str
    base_model: str
    """Foundation model id."""
    custom_model: str
    model_units: int
    status: str
    committed_until: datetime | None
    tags: Mapping[str, str]

    @property
    def expires_at(self) -> datetime | None:
        """When it was meant to end; `None` when its tag says nothing readable."""
        return expiry_of(self.tags)

    def usd_per_hour(self, per_unit: Mapping[str, float]) -> float | None:
        """The price of an hour; `None` while it is unknown."""
        if self.status not in BILLED:
            return 0.0
        # A base model's ARN may or may not end with its context size.
        prices = [usd for base, usd in per_unit.items() if base == self.base_model or f"{self.base_model}:" in base]
        return self.model_units * prices[0] if prices else None


class Plan(NamedTuple):
    """An environment's throughput, sorted by what is to be done about it."""

    expired: tuple[Throughput, ...]
    """Its time is over: to be deleted."""
    committed: tuple[Throughput, ...]
    """Its time is over, but it is committed, and billed, for longer."""
    endless: tuple[Throughput, ...]
    """It says no time: somebody must look."""


def plan(throughputs: Sequence[Throughput], now: datetime) -> Plan:
    """Decide what to delete now, and what to complain about."""
    over = [one for one in throughputs if one.expires_at and one.expires_at <= now]
    committed = tuple(one for one in over if one.committed_until and one.committed_until > now)
    return Plan(
        expired=tuple(one for one in over if one not in committed),
        committed=committed,
        endless=tuple(one for one in throughputs if one.expires_at is None),
    )


class Bill(NamedTuple):
    """The price of an hour of hosting."""

    model_units: int
    usd_per_hour: float | None
    """`None` while the price of any of them is unknown."""


def bill(throughputs: Sequence[Throughput], per_unit: Mapping[str, float]) -> Bill:
    """Add up what an environment's throughput costs."""
    billed = [one for one in throughputs if one.status in BILLED]
    prices = [one.usd_per_hour(per_unit) for one in billed]
    known = [usd for usd in prices if usd is not None]
    return Bill(sum(one.model_units for one in billed), sum(known) if len(known) == len(prices) else None)
