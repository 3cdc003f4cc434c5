"""The local AWS from outside: started, found and stopped as a process on loopback."""

import json
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from local import process
from local.interpreters import PROJECT, LauncherError, emulator_environment, emulator_python
from local.locks import locked

_HOST = "127.0.0.1"
_MARK = "local.emulator"
_LOG_LINES_SHOWN = 25
_POLL_SECONDS = 0.05
_BUSY_SECONDS = 20


@dataclass(frozen=True)
class LocalAws:
    """A running local AWS."""

    endpoint: str
    pid: int
    port: int
    log: Path
    authorizations: Path
    account: str = "000000000000"
    region: str = "us-east-1"

    def environment(self, base: Mapping[str, str] | None = None) -> dict[str, str]:
        """The environment of a child process that uses this AWS: `base` with this AWS's settings for its own."""
        kept = {name: value for name, value in (base or {}).items() if not name.startswith("AWS_")}
        return {
            **kept,
            **self.offline(),
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            **dict.fromkeys(("NO_PROXY", "no_proxy"), "127.0.0.1,localhost"),
        }

    @classmethod
    def offline(cls) -> dict[str, str]:
        """The settings of a child process that needs no AWS: this account and region, and no credentials to find."""
        return {
            "AWS_REGION": cls.region,
            "AWS_DEFAULT_REGION": cls.region,
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "AWS_EC2_METADATA_DISABLED": "true",
            "CDK_DEFAULT_ACCOUNT": cls.account,
            "CDK_DEFAULT_REGION": cls.region,
        }


def start(root: Path, *, wait_seconds: float = 60, faults: bool = False) -> LocalAws:
    """Start the local AWS whose state lives under `root`; the one that runs already is returned as it is.

    With `faults` it takes orders of faults (local/emulator/base/faults.py), for tests.

    Raises:
        LauncherError: when its interpreter is missing, or it ends or stays silent instead of serving.
    """
    home = _home(root)
    home.mkdir(parents=True, exist_ok=True)
    with locked(home / "lock"):
        running = status(root)
        if running:
            return running
        _end(_remembered(home))
        _forget(home)
        (home / "authorizations.jsonl").unlink(missing_ok=True)
        return _started(root, home, wait_seconds, faults=faults)


def stop(root: Path) -> bool:
    """Stop it and what it started; `False` when none was running."""
    home = _home(root)
    if not home.is_dir():
        return False
    with locked(home / "lock"):
        stopped = _end(_remembered(home))
        _forget(home)
        return stopped


def status(root: Path) -> LocalAws | None:
    """The local AWS that runs under `root`, if it runs and answers."""
    home = _home(root)
    remembered = _remembered(home)
    if remembered is None:
        return None
    pid, port = remembered
    # One that is busy is not gone: what is meant for it would go to an account, and a start would begin it anew.
    runs = process.lives(pid, _MARK) and _answers(port, _BUSY_SECONDS)
    return _described(home, pid, port) if runs else None


def _started(root: Path, home: Path, wait_seconds: float, *, faults: bool) -> LocalAws:
    interpreter = emulator_python(root)
    port = _free_port()
    (home / "tmp").mkdir()
    options = ["--port", str(port), "--journal", str(home / "authorizations.jsonl"), *(["--faults"] if faults else [])]
    with (home / "emulator.log").open("wb") as log:
        child = subprocess.Popen(  # noqa: S603 - our own module, on an interpreter that make install made
            [str(interpreter), "-m", _MARK, *options],
            cwd=PROJECT,
            env=emulator_environment(root, home),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # its own group: stopping it stops the Lambda workers too
        )
    (home / "state.json").write_text(json.dumps({"pid": child.pid, "port": port}) + "\n", encoding="utf-8")
    try:
        _await_answer(child, port, home, wait_seconds)
    except BaseException:  # Ctrl-C as well: what nobody waits for is not left running.
        _end((child.pid, port))
        _forget(home)
        raise
    return _described(home, child.pid, port)


def _await_answer(child: subprocess.Popen[bytes], port: int, home: Path, wait_seconds: float) -> None:
    deadline = time.monotonic() + wait_seconds
    while not _answers(port):
        ended = child.poll()
        if ended is not None or time.monotonic() > deadline:
            why = f"ended with status {ended}" if ended is not None else f"did not answer within {wait_seconds:g} s"
            raise LauncherError(f"the local AWS {why}; the end of {home / 'emulator.log'}:\n{_log_end(home)}")
        time.sleep(_POLL_SECONDS)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((_HOST, 0))
        return int(probe.getsockname()[1])


def _answers(port: int, seconds: float = 2) -> bool:
    import urllib.request  # Slow to import, and every command imports this module.

    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(f"http://{_HOST}:{port}/_ministack/health", timeout=seconds) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def _end(remembered: tuple[int, int] | None) -> bool:
    return remembered is not None and process.end(remembered[0], _MARK)


def _remembered(home: Path) -> tuple[int, int] | None:
    try:
        state = json.loads((home / "state.json").read_text(encoding="utf-8"))
        return int(state["pid"]), int(state["port"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _forget(home: Path) -> None:
    """Remove what only a running process needs; its log and journal stay to be read."""
    (home / "state.json").unlink(missing_ok=True)
    shutil.rmtree(home / "tmp", ignore_errors=True)


def _described(home: Path, pid: int, port: int) -> LocalAws:
    return LocalAws(f"http://{_HOST}:{port}", pid, port, home / "emulator.log", home / "authorizations.jsonl")


def _home(root: Path) -> Path:
    return root.resolve() / ".arbiter" / "local"


def _log_end(home: Path) -> str:
    return "\n".join(
        (home / "emulator.log").read_text(encoding="utf-8", errors="replace").splitlines()[-_LOG_LINES_SHOWN:]
    )
