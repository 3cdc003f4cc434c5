"""Pointers and records of tuned models, in memory."""

from collections.abc import Mapping
from datetime import UTC, datetime

from arbiter.store import ObjectMissingError
from arbiter.tuned_models.hosting.readiness import Host, HostUnknown
from arbiter.tuned_models.service.pointer import TunedModel
from arbiter.tuned_models.service.promotion import Pointer, Version

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
OLD, NEW = (
    TunedModel(f"arn:deployment/{run}", f"arn:custom-model/{run}", "amazon.nova-micro-v1:0:128k", run)
    for run in ("run-a", "run-b")
)


class Pointers:
    """Two parameters with their history."""

    def __init__(self, candidate: TunedModel | None, in_service: Pointer) -> None:
        self.texts = {"c": [candidate.dump() if candidate else "none"], "s": [in_service.dump()]}

    def read(self, name: str) -> str:
        return self.texts[name][-1]

    def write(self, name: str, value: str) -> None:
        self.texts[name].append(value)

    def versioned(self, name: str) -> "Versioned":
        return Versioned(self.texts[name])


class Versioned:
    """One of them."""

    def __init__(self, texts: list[str]) -> None:
        self.texts = texts

    def read(self, number: int | None = None) -> Version:
        number = number or len(self.texts)
        return Version(self.texts[number - 1], number)

    def write(self, text: str) -> int:
        self.texts.append(text)
        return len(self.texts)


class Hosts:
    """Deployments of the two models, unless they are gone, or Bedrock says nothing."""

    def __init__(self, *gone: TunedModel, unknown: bool = False) -> None:
        self.gone, self.unknown = gone, unknown

    def host(self, arn: str) -> Host | None:
        if self.unknown:
            raise HostUnknown(arn, "Rate exceeded")
        there = (one for one in (OLD, NEW) if one.model == arn and one not in self.gone)
        return next((Host("Active", one.custom_model) for one in there), None)


class Records:
    """A bucket."""

    def __init__(self, objects: Mapping[str, bytes] | None = None, *, full: bool = False) -> None:
        self.objects, self.full = dict(objects or {}), full

    def write(self, key: str, body: bytes, *, content_type: str) -> None:
        if self.full:
            raise OSError("the bucket is gone")
        self.objects[key] = body

    def read(self, key: str) -> bytes:
        if key not in self.objects:
            raise ObjectMissingError(f"There is no {key}.")
        return self.objects[key]
