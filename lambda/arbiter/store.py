"""A bucket as the domain uses it, and the error for an object that is not there."""

from collections.abc import Iterator
from typing import IO, Protocol


class ObjectMissingError(LookupError):
    """An object that does not exist, or that may not be read."""


class Stored(Protocol):
    """An object in a listing."""

    @property
    def key(self) -> str: ...
    @property
    def size(self) -> int: ...


class ReadableStore(Protocol):
    """Reads and lists objects; reading one that is missing raises `ObjectMissingError`."""

    def read(self, key: str) -> bytes: ...
    def listing(self, prefix: str = "") -> Iterator[Stored]: ...


class Store(ReadableStore, Protocol):
    """Reads, lists and writes objects."""

    def uri(self, key: str) -> str: ...
    def size(self, key: str) -> int: ...
    def read_range(self, key: str, offset: int, size: int) -> bytes: ...
    def stream(self, key: str) -> Iterator[bytes]: ...
    def create(self, key: str, body: bytes, *, content_type: str) -> bool: ...
    def write(self, key: str, body: bytes | IO[bytes], *, content_type: str) -> object: ...


def exists(store: ReadableStore, key: str) -> bool:
    """Whether there is an object: listed, for S3 tells a missing one from a forbidden one only to who may list."""
    return any(stored.key == key for stored in store.listing(key))
