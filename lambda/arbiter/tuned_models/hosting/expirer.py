"""Ending provisioned throughput when its time is over, and counting what it costs until then."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from arbiter import log
from arbiter.settings.tuning import ExpireHostingSettings
from arbiter.tuned_models.hosting.expiry import Bill, Throughput, bill, plan
from arbiter.tuned_models.hosting.retirement import Kind, NotYet, Refused, Resource
from arbiter.tuned_models.service.pointer import Pointers, TunedModel


class Hosting(Protocol):
    """The account's provisioned throughput."""

    def throughputs(self, environment: str) -> Sequence[Throughput]: ...
    def delete(self, resource: Resource) -> None: ...


@dataclass(frozen=True)
class Expirer:
    """Ends what has expired, complains about what it cannot end, and reports the bill."""

    hosting: Hosting
    pointers: Pointers
    settings: ExpireHostingSettings
    now: Callable[[], datetime]

    def expire(self) -> dict[str, Any]:
        """Take one look; what cannot be deleted now is tried again at the next."""
        now, hosted = self.now(), self.hosting.throughputs(self.settings.environment)
        due = plan(hosted, now)
        for one in due.committed:
            self._log("hosting expired but committed", one, level="WARN", until=one.committed_until)
        for one in due.endless:
            self._log("hosting without an end", one, level="WARN")
        deleted = [one for one in due.expired if self._delete(one)]
        costs = bill([one for one in hosted if one not in deleted], self.settings.usd_per_unit_hour)
        # Custom metrics are billed for every month in which they are written: none is where nothing is hosted.
        if hosted:
            self._count(now, costs, self._lost(deleted))
        return {"deleted": [one.arn for one in deleted], **costs._asdict()}

    def _lost(self, deleted: Sequence[Throughput]) -> int:
        """How much of what was deleted was in service."""
        in_service = self._in_service()
        lost = [one for one in deleted if in_service and one.arn == in_service.model]
        for one in lost:
            self._log("hosting expired in service", one, level="ERROR", run=in_service and in_service.run)
        return len(lost)

    def _count(self, now: datetime, costs: Bill, lost: int) -> None:
        counts: dict[str, float] = {"HostedModelUnits": costs.model_units, "HostingExpiredInService": lost}
        if costs.usd_per_hour is not None:
            counts["HostingUsdPerHour"] = costs.usd_per_hour
        log.write("hosting by the hour", now=now, **log.metrics(self.settings.environment, now, counts))

    def _delete(self, one: Throughput) -> bool:
        try:
            self.hosting.delete(Resource(Kind.THROUGHPUT, one.arn))
        except (NotYet, Refused) as error:
            self._log("hosting not deleted", one, level="ERROR", reason=str(error))
            return False
        self._log("hosting expired", one, level="INFO", expired_at=one.expires_at)
        return True

    def _in_service(self) -> TunedModel | None:
        return TunedModel.parse(self.pointers.read(self.settings.in_service_parameter))

    @staticmethod
    def _log(message: str, one: Throughput, *, level: str, **fields: Any) -> None:
        log.write(message, level=level, throughput=one.arn, model_units=one.model_units, **fields)
