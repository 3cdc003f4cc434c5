"""A process of ours by its id: whether it lives, and its end, with all that it started."""

import os
import signal
import subprocess
import time
from pathlib import Path

_POLL_SECONDS = 0.05
_TERM_SECONDS = 5.0


def lives(pid: int, mark: str) -> bool:
    """Whether the process still runs and has `mark` in its command line: ids are used again."""
    _reap(pid)
    return mark in _command(pid)


def end(pid: int, mark: str) -> bool:
    """Ask the process and its group to end, wait, then kill what is left of them; `False` when it was gone."""
    if not lives(pid, mark):
        return False
    _signal_group(pid, signal.SIGTERM)
    deadline = time.monotonic() + _TERM_SECONDS
    while lives(pid, mark) and time.monotonic() < deadline:
        time.sleep(_POLL_SECONDS)
    _signal_group(pid, signal.SIGKILL)
    _reap(pid)
    return True


def _command(pid: int) -> str:
    processes = Path("/proc")
    if (processes / "self" / "cmdline").exists():  # slim images have no ps
        try:
            return (processes / str(pid) / "cmdline").read_text().replace("\0", " ")
        except OSError:
            return ""
    command = ["ps", "-o", "command=", "-p", str(pid)]
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout  # noqa: S603


def _signal_group(pid: int, what: signal.Signals) -> None:
    try:
        os.killpg(pid, what)
    except (ProcessLookupError, PermissionError):
        return  # nobody is left in the group


def _reap(pid: int) -> None:
    try:
        os.waitpid(pid, os.WNOHANG)
    except ChildProcessError:
        return  # another process started it
