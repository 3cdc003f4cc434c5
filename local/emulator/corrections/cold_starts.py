"""Cold starts of Python functions, made cheap: forks of one interpreter with boto3 imported, code unpacked once."""

import hashlib
import json
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import IO, Any

from local import forking
from local.emulator.base.internals import replace


def install(interpreter: str | None) -> None:
    """Fork what `interpreter` is to run; Linux alone forks a process safely whatever its libraries have done."""
    replace("core.lambda_runtime", "zipfile", lambda original: SimpleNamespace(**{**vars(original), "ZipFile": _Code}))
    if interpreter and sys.platform == "linux":
        template = _Template(interpreter)
        replace("core.lambda_runtime", "subprocess", lambda original: _forking(original, interpreter, template))


class _Code(zipfile.ZipFile):
    """A function's code or a layer, which all who run it share: on AWS nobody can write to it."""

    _unpacking = threading.Lock()

    def extractall(self, path: Any = None, members: Any = None, pwd: bytes | None = None) -> None:
        """Put a link to the unpacked code in place of the empty folder `path`; unpack what is no Python as ever."""
        if not any(name.endswith(".py") for name in self.namelist()):
            super().extractall(path, members, pwd)
            return
        digest = hashlib.sha256(Path(str(self.filename)).read_bytes()).hexdigest()
        shared = Path(tempfile.gettempdir()) / f"code-{digest[:32]}"
        with self._unpacking:
            if not shared.exists():
                partial = Path(tempfile.mkdtemp(prefix="code-"))
                super().extractall(partial)
                partial.rename(shared)
        Path(path).rmdir()
        Path(path).symlink_to(shared)


def _forking(original: Any, interpreter: str, template: "_Template") -> SimpleNamespace:
    """The module `subprocess`, of which `Popen` forks the interpreter's scripts."""

    def popen(command: Sequence[str], **options: Any) -> Any:
        if command[0] != interpreter:
            return original.Popen(command, **options)
        return template.fork(command[1], options["cwd"], options["env"])

    return SimpleNamespace(**{**vars(original), "Popen": popen})


class _Template:
    """The interpreter that is forked, started when the first function is."""

    def __init__(self, interpreter: str) -> None:
        self._interpreter = interpreter
        self._control: socket.socket | None = None
        self._lock = threading.Lock()

    def fork(self, script: str, folder: str, environment: Mapping[str, str]) -> "_Process":
        """A process that runs the script, as `Popen` with pipes and text shows one."""
        request = json.dumps({"script": script, "folder": folder, "environment": dict(environment)}).encode()
        pipes = [os.pipe() for _ in range(forking.STREAMS + 1)]
        (stdin, to_script), *outputs = pipes
        theirs = [stdin, *(write for _, write in outputs)]
        with self._lock:
            control = self._started()
            socket.send_fds(control, [request], theirs)
            answer = control.recv(forking.LARGEST_PACKET)
        for handle in theirs:
            os.close(handle)
        return _Process(int(answer), os.fdopen(to_script, "w", 1), *(read for read, _ in outputs))

    def _started(self) -> socket.socket:
        if self._control is None:
            self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            subprocess.Popen(  # noqa: S603 - our own program, on the functions' interpreter
                [self._interpreter, "-P", str(Path(forking.__file__)), str(theirs.fileno())],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
            )
            theirs.close()
        return self._control


class _Process:
    """As much of `Popen` as is used, for a process that is no child of this one, whose end closes a pipe."""

    def __init__(self, pid: int, stdin: IO[str], stdout: int, stderr: int, alive: int) -> None:
        self.pid, self.stdin = pid, stdin
        self.stdout, self.stderr = os.fdopen(stdout), os.fdopen(stderr)
        self.returncode: int | None = None
        self._end = select.poll()
        self._end.register(alive)
        self._alive = os.fdopen(alive)  # closed with this

    def poll(self) -> int | None:
        """0 once it has ended, however it has."""
        if self.returncode is None and self._end.poll(0):
            self.returncode = 0
        return self.returncode

    def wait(self, timeout: float) -> int:
        """Wait for its end, so many seconds.

        Raises:
            TimeoutExpired: it goes on.
        """
        if self.returncode is None and not self._end.poll(timeout * 1000):
            raise subprocess.TimeoutExpired(str(self.pid), timeout)
        self.returncode = 0
        return self.returncode

    def terminate(self) -> None:
        """Ask it to end."""
        self._signal(signal.SIGTERM)

    def kill(self) -> None:
        """End it."""
        self._signal(signal.SIGKILL)

    def _signal(self, what: signal.Signals) -> None:
        if self.poll() is None:
            os.kill(self.pid, what)
