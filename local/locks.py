"""Locks on files, by which one command at a time does what two at once would spoil."""

import platform
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from local.interpreters import LauncherError


@contextmanager
def locked(file: Path, *, wait: bool = True) -> Iterator[None]:
    """Keep two commands from the same work at once, by a lock on a file.

    Raises:
        LauncherError: this system has no such locks, nor a local AWS.
        BlockingIOError: another command holds the lock, and is not to be waited for.
    """
    try:
        import fcntl
    except ModuleNotFoundError:
        raise LauncherError(
            f"The local AWS does not run on {platform.system()}: use Linux, macOS or WSL, or an account of AWS."
        ) from None
    with file.open("wb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
