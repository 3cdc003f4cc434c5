"""The cost of a deployment that nobody uses: every resource that bills, by the month."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from arbiter.costs.amount import Amount, Charge

MONTH = "month"
HOURS = 730
"""Of a month, as AWS's own calculator counts."""
POLLS = 5 * 3 * 60 * HOURS
"""Lambda developer guide: five connections look into an SQS queue for up to 20 seconds at a time."""
LOOK_MINUTES = 5
"""A look for hosting by the hour comes so often."""
CHECKS = 60 // LOOK_MINUTES * HOURS
LOOK_EVERY = f"rate({LOOK_MINUTES} minutes)"
CHECK_GB_SECONDS = 0.25 * 0.5
"""256 MB for half a second: an assumption, the function lists throughput and its tags."""
CHECK_LOG_BYTES = 600
"""Lambda's own lines of one look."""
GB = 1e9
LOOKS = {
    "schedule_calls_per_1m": (CHECKS / 1e6, 14),
    "lambda_requests_per_1m": (CHECKS / 1e6, 1),
    "lambda_gb_second": (CHECKS * CHECK_GB_SECONDS, 400_000),
    "logs_gb": (CHECKS * CHECK_LOG_BYTES / GB, 5),
}
"""What the looks of a month take, and how much of it is free in an account, by the figure that prices it."""


class Priced(Protocol):
    """The price of a figure of the services, or of a model, in its own unit."""

    def __call__(self, figure: str, model: str | None = None) -> Amount: ...


@dataclass(frozen=True, kw_only=True)
class Resident:
    """Everything of a deployment that is there while nobody uses it."""

    alarm_metrics: int
    """Metrics that its alarms watch."""
    keys: int
    """Customer managed encryption keys."""
    checks_hosting: bool
    """Whether a function looks for hosting by the hour."""
    firewalls: int = 0
    """Firewalls before an API; the API itself and its keys are paid for by use."""
    document_bytes: float
    vector_bytes: float
    managed_bytes: float = 0
    """Kept by a managed knowledge base."""


class _Item(NamedTuple):
    name: str
    figure: str
    units: float
    """In the figure's own unit."""
    free: float = 0.0
    """Units that AWS gives every account, in every month and for ever."""


def idle(resident: Resident, priced: Priced) -> list[Charge]:
    """A line for each resource that bills while nobody uses it, at list price, and beyond the free allowance."""
    lines: dict[str, Charge] = {}
    for item in _items(resident):
        if item.units:
            lines[item.name] = _charge(item, priced, lines.get(item.name))
    return list(lines.values())


def _charge(item: _Item, priced: Priced, before: Charge | None) -> Charge:
    price = priced(item.figure)
    amount, beyond = price.times(item.units), price.times(max(0.0, item.units - item.free))
    if before is not None:
        return Charge(item.name, before.amount + amount, MONTH, before.least + beyond)
    return Charge(item.name, amount, MONTH, beyond if item.free else None)


def _items(resident: Resident) -> Iterator[_Item]:
    """Allowances: the pricing pages of CloudWatch, SQS, Lambda and EventBridge, as quoted in 2026."""
    yield _Item(f"{resident.alarm_metrics} metrics watched by alarms", "alarm_metric_month", resident.alarm_metrics, 10)
    yield _Item("1 dashboard", "dashboard_month", 1, 3)
    yield _Item("a queue of changed documents, polled by Lambda", "sqs_requests_per_1m", POLLS / 1e6, 1)
    if resident.checks_hosting:
        look = "a look every five minutes for hosting by the hour"
        yield from (_Item(look, figure, units, free) for figure, (units, free) in LOOKS.items())
    yield _Item("customer managed keys", "key_month", resident.keys)
    yield _Item("a firewall before the API", "firewall_month", resident.firewalls)
    kept = (
        "documents in S3 and a managed knowledge base" if resident.managed_bytes else "documents in S3 and S3 Vectors"
    )
    yield _Item(kept, "s3_gb_month", resident.document_bytes / GB)
    yield _Item(kept, "vectors_gb_month", resident.vector_bytes / GB)
    yield _Item(kept, "managed_gb_month", resident.managed_bytes / GB)
