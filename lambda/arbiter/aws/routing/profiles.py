"""The profiles of the router in S3, remembered for a while; read when `auto` is first asked for."""

import json
import math
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar

from arbiter.answering.decision import Profiles
from arbiter.aws.clients import Client
from arbiter.aws.errors import Callee
from arbiter.errors import AccessDenied, ArbiterError, DeadlineExceeded, ProfileUnavailable, Throttled
from arbiter.settings.answering import RouterSettings
from arbiter.tuned_models.service.pointer import TunedModel

if TYPE_CHECKING:
    from arbiter.routing.knowledge import KnowledgeProfile
    from arbiter.routing.policy import Policy
    from arbiter.routing.tuned import TunedProfile

REFRESH_SECONDS = 300.0
"""How long a profile is taken for current: the longest time until a sync is seen."""
RETRY_SECONDS = 30.0
"""... and how long after a failure, so that not every request waits for what is not there."""
PATIENCE = 1.0
"""Seconds to wait for a new profile while an older one is known."""

T = TypeVar("T")


class StoredProfiles:
    """The profile of one knowledge base, and of the tuned models that are asked about."""

    def __init__(
        self, client: Client, bucket: str, knowledge_base_id: str, now: Callable[[], float], *, house_style: bool
    ) -> None:
        """`now` is the time of day; `house_style`: the tuned model answers everybody."""
        self._client, self._bucket, self._now = client, bucket, now
        self._knowledge_base_id, self._house_style = knowledge_base_id, house_style
        self._knowledge: KnowledgeProfile | None = None
        self._tuned: dict[str, TunedProfile | None] = {}
        self._policy: Policy = {}
        self._measured: Mapping[str, Any] = {}
        self._next_look = self._next_measured = 0.0
        self._failure: ArbiterError | None = None

    @classmethod
    def of(cls, settings: RouterSettings, client: Client) -> Self:
        """The profiles of a deployment that keeps them."""
        kept = str(settings.profiles_bucket), settings.knowledge_base_id
        return cls(client, *kept, time.time, house_style=settings.house_style)

    def current(self, tuned: TunedModel | None, timeout: float) -> Profiles:
        """The profiles, within so many seconds.

        Raises:
            ProfileUnavailable, Throttled, DeadlineExceeded: there is no whole profile of the knowledge base.
        """
        ends = self._now() + timeout
        knowledge = self._current_knowledge(ends)
        return Profiles(knowledge, self._tuned_profile(tuned, ends - self._now()) if tuned else None, self._policy)

    def measured(self, timeout: float) -> Mapping[str, Any]:
        """The time and length of an answer by mode, as the last run measured them; empty before any run."""
        from arbiter.routing.artefact import MEASURED_KEY

        if self._now() >= self._next_measured:
            self._next_measured = self._now() + REFRESH_SECONDS
            try:
                self._measured = self._read(MEASURED_KEY, modes_of, timeout)
            except ProfileUnavailable:
                self._measured = {}
        return self._measured

    def _current_knowledge(self, ends: float) -> "KnowledgeProfile":
        if (now := self._now()) >= self._next_look:
            try:
                self._knowledge = self._whole_knowledge(min(ends, now + PATIENCE) if self._knowledge else ends)
                self._policy = self._current_policy(ends - self._now())
                self._failure, self._next_look = None, self._now() + REFRESH_SECONDS
            except (DeadlineExceeded, ProfileUnavailable, Throttled) as error:
                self._failure, self._next_look = error, self._now() + RETRY_SECONDS
        if self._knowledge is None:
            assert self._failure is not None  # noqa: S101 - for mypy: one of the two was set above or before
            raise self._failure
        return self._knowledge

    def _whole_knowledge(self, ends: float) -> "KnowledgeProfile":
        """The profile in force; the one before it where that is damaged, and no better one is remembered."""
        from arbiter.routing.artefact import former, knowledge_key
        from arbiter.routing.knowledge import loads

        key = knowledge_key(self._knowledge_base_id)
        try:
            return self._read(key, loads, ends - self._now())
        except DamagedProfile:
            if self._knowledge is not None:
                raise
            return self._read(former(key), loads, ends - self._now())

    def _current_policy(self, timeout: float) -> "Policy":
        """The policy in force, empty where none was published; the last one where it cannot be read."""
        from arbiter.routing.policy import loads, policy_key

        try:
            return self._read(policy_key(self._knowledge_base_id), loads, timeout).current
        except (DamagedProfile, DeadlineExceeded, Throttled):
            return self._policy
        except ProfileUnavailable as error:
            return self._policy if error.retryable else {}

    def _tuned_profile(self, model: TunedModel, timeout: float) -> "TunedProfile | None":
        from dataclasses import replace

        from arbiter.routing.artefact import tuned_key
        from arbiter.routing.tuned import build, loads

        if model.run not in self._tuned:
            try:
                self._tuned[model.run] = self._read(tuned_key(model.run), loads, timeout)
            except ProfileUnavailable as error:
                # Of a model made elsewhere or before there were profiles: the shipped marks do without.
                if not error.retryable:
                    self._tuned[model.run] = None
            except (DeadlineExceeded, Throttled):
                pass
        profile = self._tuned.get(model.run)
        return replace(profile or build(()), everybody=True) if self._house_style else profile

    def _read(self, key: str, load: Callable[[bytes], T], timeout: float) -> T:
        from arbiter.routing.artefact import DamagedProfileError

        where = f"profile s3://{self._bucket}/{key}"
        callee = Callee(f"the {where}", ProfileUnavailable, ProfileUnavailable, ProfileUnavailable, field=None)
        ends = self._now() + timeout
        try:
            # Listed first: to read what is not there would be a denial, and an alarm to somebody.
            listed = self._client.call("list_objects_v2", callee, timeout, Bucket=self._bucket, Prefix=key, MaxKeys=1)
            if not listed.get("KeyCount"):
                raise ProfileUnavailable(f"There is no {where}.")
            content = self._client.read(callee, ends - self._now(), Bucket=self._bucket, Key=key)
        except AccessDenied as error:
            raise ProfileUnavailable(f"The role lacks s3:ListBucket or s3:GetObject on the {where}.") from error
        try:
            return load(content)
        except DamagedProfileError as error:
            raise DamagedProfile(f"The {where} {error}.") from error


def modes_of(content: bytes) -> dict[str, dict[str, float]]:
    """The modes of an object whose figures are all above zero."""
    from arbiter.routing.artefact import DamagedProfileError

    try:
        modes = json.loads(content)["modes"]
        read = {str(mode): {name: float(value) for name, value in one.items()} for mode, one in modes.items()}
    except (AttributeError, KeyError, OverflowError, TypeError, ValueError, RecursionError):
        raise DamagedProfileError("is no measurement of modes") from None
    return {mode: one for mode, one in read.items() if all(0 < value < math.inf for value in one.values())}


class DamagedProfile(ProfileUnavailable):
    """A profile that must not be used."""
