"""The local AWS starts once, listens on loopback only, tells why it cannot start, and leaves nothing behind."""

import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from threading import Timer

import pytest

from local import interpreters, launcher
from tests.local.account import Account

pytestmark = pytest.mark.local

LISTENING = "0A"


def listening(pid: int) -> set[str]:
    """Addresses that a process listens on, as the kernel writes them."""
    sockets = set()
    for handle in Path(f"/proc/{pid}/fd").iterdir():
        # One that is closed between the listing and the look listens no more.
        with suppress(FileNotFoundError):
            sockets.add(str(handle.readlink()))
    found = set()
    for table in ("tcp", "tcp6"):
        for line in Path(f"/proc/{pid}/net/{table}").read_text().splitlines()[1:]:
            _, local, _, state, *_, inode = line.split()[:10]
            if state == LISTENING and f"socket:[{inode}]" in sockets:
                found.add(local.split(":")[0])
    return found


def test_a_second_start_finds_the_first_and_stop_ends_it(tmp_path: Path) -> None:
    first = launcher.start(tmp_path)
    workers = tmp_path / ".arbiter" / "local" / "tmp"

    assert launcher.start(tmp_path) == first == launcher.status(tmp_path)
    assert launcher.stop(tmp_path)
    assert launcher.status(tmp_path) is None
    assert not launcher.stop(tmp_path)
    assert not workers.exists()
    assert first.log.is_file()


@pytest.mark.skipif(not Path("/proc/self/net/tcp").exists(), reason="the kernel lists sockets here on Linux only")
def test_nothing_but_loopback_listens(account: Account) -> None:
    assert listening(account.aws.pid) == {"0100007F"}


def test_an_interpreter_without_the_emulator_fails_with_the_end_of_the_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ARBITER_EMULATOR_PYTHON", sys.executable)

    with pytest.raises(interpreters.LauncherError, match=r"ended with status 1; the end of .*emulator.log:") as failure:
        launcher.start(tmp_path)
    assert "ministack" in str(failure.value)
    assert launcher.status(tmp_path) is None


def test_one_that_is_busy_is_not_taken_for_one_that_is_gone(tmp_path: Path) -> None:
    first = launcher.start(tmp_path)
    os.kill(first.pid, signal.SIGSTOP)
    goes_on = Timer(3, os.kill, (first.pid, signal.SIGCONT))
    goes_on.start()

    assert launcher.start(tmp_path) == first
    goes_on.join()
    assert launcher.stop(tmp_path)


def test_it_survives_a_kill_of_the_process(tmp_path: Path) -> None:
    first = launcher.start(tmp_path)
    subprocess.run(["kill", "-9", str(first.pid)], check=True)

    second = launcher.start(tmp_path)
    assert second.pid != first.pid
    assert launcher.stop(tmp_path)
