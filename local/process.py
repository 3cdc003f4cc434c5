"""A process of ours by its id: whether it lives, and its end, with all that it started."""

import os
import signal
import subprocess
import time
from pathlib import Path

_POLL_SECONDS = 0.02
_PATIENCE_SECONDS = 5.0


def lives(pid: int, mark: str) -> bool:
    """Whether the process still runs and has `mark` in its command line: ids are used again."""
    _reap(pid)
    return mark in _command(pid)


def end(pid: int, mark: str) -> bool:
    """Kill the process and its group, and wait until it is gone; `False` when it was gone before.

    What it holds is in its memory, so an orderly end saves nothing; it takes seconds while clients keep connections.
    """
    if not lives(pid, mark):
        return False
    _kill_group(pid)
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while lives(pid, mark) and time.monotonic() < deadline:
        time.sleep(_POLL_SECONDS)
    return True


def _command(pid: int) -> str:
    processes = Path("/proc")
    if (processes / "self" / "cmdline").exists():  # slim images have no ps
        try:
            return (processes / str(pid) / "cmdline").read_text(encoding="utf-8").replace("\0", " ")
        except OSError:
            return ""
    command = ["ps", "-o", "command=", "-p", str(pid)]
    return subprocess.run(command, capture_output=True, encoding="utf-8", errors="replace", check=False).stdout  # noqa: S603


def _kill_group(pid: int) -> None:
    try:
        os.killpg(pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        return  # nobody is left in the group


def _reap(pid: int) -> None:
    try:
        os.waitpid(pid, os.WNOHANG)
    except ChildProcessError:
        return  # another process started it
