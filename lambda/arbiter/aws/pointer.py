"""The pointer to the tuned model in service, in SSM Parameter Store, remembered for a short while."""

import time
from collections.abc import Callable

from botocore.session import Session

from arbiter.aws.calls.text import object_of
from arbiter.aws.clients import Client
from arbiter.aws.errors import Callee
from arbiter.errors import DeadlineExceeded, Throttled, TunedModelUnavailable
from arbiter.settings.answering import RouterSettings
from arbiter.tuned_models.service.pointer import FixedTunedModel, MalformedPointerError, TunedModel, TunedModels

PATIENCE = 1.0
"""Seconds to wait for a new value while an older one is known."""
RETRY_SECONDS = 5.0
"""Seconds that an older value goes on after a failure, so that not every request waits for a service that hangs."""


class TunedModelParameter:
    """One parameter; a promotion is seen once what is remembered is older than `ttl_seconds`."""

    def __init__(self, client: Client, name: str, ttl_seconds: float, now: Callable[[], float]) -> None:
        """`now` is the time of day: a monotonic clock may stand still while Lambda freezes the function."""
        self._client, self._name, self._ttl_seconds, self._now = client, name, ttl_seconds, now
        self._callee = Callee(
            f"the parameter {name}",
            missing=TunedModelUnavailable,
            failed=TunedModelUnavailable,
            unreadable=TunedModelUnavailable,
            field=None,
        )
        self._known: TunedModel | None = None
        self._read_at: float | None = None

    def current(self, timeout: float, *, fresh: bool = False) -> TunedModel | None:
        """The model in service; `fresh` when the remembered one has proved wrong."""
        now = self._now()
        if self._read_at is not None and not fresh and 0 <= now - self._read_at < self._ttl_seconds:
            return self._known
        known = self._read_at is not None and not fresh
        try:
            self._known, self._read_at = self._read(min(timeout, PATIENCE) if known else timeout), now
        except (DeadlineExceeded, Throttled, TunedModelUnavailable) as error:
            if not (known and error.retryable):
                raise
            self._read_at = now - max(0.0, self._ttl_seconds - RETRY_SECONDS)
        return self._known

    def _read(self, timeout: float) -> TunedModel | None:
        response = self._client.call("get_parameter", self._callee, timeout, Name=self._name)
        value = object_of(response.get("Parameter")).get("Value")
        if not isinstance(value, str):
            raise TunedModelUnavailable(f"The parameter {self._name} cannot be read: it has no text.", retryable=True)
        try:
            return TunedModel.parse(value)
        except MalformedPointerError as error:
            raise TunedModelUnavailable(f"The parameter {self._name} does not name a model: {error}.") from error


def tuned_models(settings: RouterSettings, session: Session) -> TunedModels:
    """The tuned model that the settings name, or else whichever is in service."""
    if settings.tuned_model:
        return FixedTunedModel(settings.tuned_model)
    name, lifetime = settings.tuned_model_parameter, settings.tuned_model_ttl_seconds
    return TunedModelParameter(Client(session, "ssm"), name, lifetime, time.time)
