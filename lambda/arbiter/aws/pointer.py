"""The pointer to the tuned model in service, in SSM Parameter Store, remembered for a short while."""

from collections.abc import Callable

from arbiter.aws.clients import Client
from arbiter.aws.errors import Callee
from arbiter.errors import Throttled, TunedModelUnavailable
from arbiter.tuned_models.service.pointer import MalformedPointerError, TunedModel


class TunedModelParameter:
    """One parameter; a promotion is seen once what is remembered is older than `ttl_seconds`."""

    def __init__(self, client: Client, name: str, ttl_seconds: float, now: Callable[[], float]) -> None:
        """`now` is the time of day: a monotonic clock may stand still while Lambda freezes the function."""
        self._client, self._name, self._ttl_seconds, self._now = client, name, ttl_seconds, now
        self._callee = Callee(
            f"the parameter {name}", missing=TunedModelUnavailable, failed=TunedModelUnavailable, field="request"
        )
        self._known: TunedModel | None = None
        self._read_at: float | None = None

    def current(self, timeout: float, *, fresh: bool = False) -> TunedModel | None:
        """The model in service; `fresh` when what was known has proved wrong."""
        now = self._now()
        if self._read_at is not None and not fresh and 0 <= now - self._read_at < self._ttl_seconds:
            return self._known
        try:
            self._known, self._read_at = self._read(timeout), now
        except (Throttled, TunedModelUnavailable) as error:
            if fresh or self._read_at is None or not error.retryable:
                raise
        return self._known

    def _read(self, timeout: float) -> TunedModel | None:
        response = self._client.call("get_parameter", self._callee, timeout, Name=self._name)
        try:
            return TunedModel.parse(response.get("Parameter", {}).get("Value", ""))
        except MalformedPointerError as error:
            raise TunedModelUnavailable(f"The parameter {self._name} does not name a model: {error}.") from error
