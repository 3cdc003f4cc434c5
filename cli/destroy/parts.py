"""The parts of an environment as `arbiter destroy` lists them, each with its price a month."""

from dataclasses import dataclass
from typing import Any

from arbiter.costs.amount import NOTHING, Amount

HOURS_A_MONTH = 730


@dataclass(frozen=True, kw_only=True)
class Part:
    """One part: a stack, a resource or a job."""

    kind: str
    name: str
    id: str
    """The ARN, or what the service knows it by."""
    month: Amount = NOTHING
    """The price of leaving it there for a month."""
    note: str = ""
    """Why it is still there, or what becomes of it."""

    def dump(self) -> dict[str, Any]:
        """The part as JSON; the price is `null` where a part of it is unknown."""
        amount = self.month
        return {
            "kind": self.kind,
            "name": self.name,
            "id": self.id,
            "note": self.note,
            "usd_per_month": amount.known,
            "lower_bound": amount.lower_bound,
            "source": amount.source,
        }
