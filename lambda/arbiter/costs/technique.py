"""The cost of a technique as a function of its use: straight lines, so that break-even volumes can be solved."""

from dataclasses import dataclass
from typing import Any

from arbiter.costs.amount import NOTHING, Amount, total


@dataclass(frozen=True, kw_only=True)
class Use:
    """The use of a technique in a month."""

    requests: float = 0
    syncs: float = 0
    """Times that all documents are embedded anew."""
    trainings: float = 0
    """Trainings a month: one over the months that a tuned model is used."""
    hosted_hours: float = 0
    """Hours of hosting by the hour; none where hosting is paid by the token."""


@dataclass(frozen=True, kw_only=True)
class TechniqueCost:
    """The parts of a technique's cost, each for one of its unit."""

    idle_month: Amount = NOTHING
    """A month of what is there without being used, the storage of documents and vectors included."""
    request: Amount = NOTHING
    sync: Amount = NOTHING
    training: Amount = NOTHING
    """One training, as a one-off."""
    storage_month: Amount = NOTHING
    """A month of the tuned model's storage."""
    hosting_hour: Amount = NOTHING

    def month(self, use: Use) -> Amount:
        """The cost of a month of such use: `fixed` and the requests."""
        return self.fixed(use) + self.request.times(use.requests)

    def fixed(self, use: Use) -> Amount:
        """The part of a month's cost that does not depend on the requests."""
        return total(
            (
                self.idle_month,
                self.storage_month,
                self.sync.times(use.syncs),
                self.training.times(use.trainings),
                self.hosting_hour.times(use.hosted_hours),
            )
        )

    def dump(self) -> dict[str, Any]:
        """The parts as JSON."""
        return {name: getattr(self, name).dump() for name in self.__dataclass_fields__}
