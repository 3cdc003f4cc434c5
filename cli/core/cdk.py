"""The CDK command line, run as a person would run it, its output kept in a log."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Lock

from cli.core.errors import CliError

ALL_STACKS_IN_PARALLEL = "7"


class Cdk:
    """The pinned CDK CLI against one AWS: an account, or the local one.

    Args:
        root: the repository, which holds `cdk.json` and `node_modules`.
        environment: variables that name the AWS to talk to (endpoint, credentials, region).
        log: file that gets everything the CLI prints.
    """

    def __init__(self, root: Path, *, environment: Mapping[str, str], log: Path) -> None:
        self.root = root
        self.log = log
        self._beginning = Lock()
        self._process: subprocess.Popen[str] | None = None
        self._stopped = False
        tools = os.pathsep.join((str(Path(sys.executable).parent), str(root / "node_modules" / ".bin")))
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("AWS_")},
            "JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION": "1",
            "CI": "true",
            "CDK_DISABLE_CLI_TELEMETRY": "true",
            **environment,
            "PATH": os.pathsep.join((tools, os.environ.get("PATH", ""))),
        }

    def bootstrap(self, *, account: str, region: str) -> None:
        """Create the CDK's own bucket and roles; runs outside the repository, so that nothing is synthesised."""
        with TemporaryDirectory() as empty:
            self._run(["bootstrap", f"aws://{account}/{region}"], folder=Path(empty))

    def synthesise(self, env: str, assembly: Path) -> None:
        """Write the templates and assets of one environment to a folder."""
        self._run(["synth", "--quiet", "--context", f"env={env}", "--output", str(assembly)], folder=self.root)

    def deploy(self, assembly: Path, *, on_line: Callable[[str], None] = lambda line: None) -> None:
        """Deploy every stack of an assembly."""
        options = ["--all", "--app", str(assembly), "--require-approval", "never", "--progress", "events"]
        self._run(["deploy", *options, "--concurrency", ALL_STACKS_IN_PARALLEL], folder=self.root, on_line=on_line)

    def stop(self) -> None:
        """Kill what another thread runs here, and let nothing begin any more."""
        with self._beginning:
            self._stopped = True
            if self._process:
                _kill(self._process)

    def _run(self, arguments: list[str], *, folder: Path, on_line: Callable[[str], None] = lambda line: None) -> None:
        executable = self.root / "node_modules" / ".bin" / "cdk"
        if not executable.exists():
            raise CliError("The CDK command line is not installed here. Run: make install")
        self.log.parent.mkdir(parents=True, exist_ok=True)
        lines: list[str] = []
        with self.log.open("a", encoding="utf-8") as log:
            process = self._begin([str(executable), *arguments, "--no-notices"], folder)
            assert process.stdout is not None  # noqa: S101
            try:
                for line in process.stdout:
                    log.write(line)
                    lines.append(line.rstrip())
                    on_line(line.rstrip())
                code = process.wait()
            finally:
                _kill(process)
                process.wait()
        if code != 0:
            raise CliError(f"`cdk {arguments[0]}` failed:\n{_what_failed(lines)}\nAll of its output: {self.log}")

    def _begin(self, command: list[str], folder: Path) -> subprocess.Popen[str]:
        with self._beginning:
            if self._stopped:
                raise CliError("The CDK command line was stopped before it began.", code="stopped")
            self._process = subprocess.Popen(  # noqa: S603
                command,
                cwd=folder,
                env=self.environment,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                encoding="utf-8",
                errors="replace",
                start_new_session=True,  # Its own group: its end is the end of the app that it runs too.
            )
            return self._process


def _kill(process: subprocess.Popen[str]) -> None:
    """Kill a process that still runs, with its group."""
    if process.poll() is None:
        with suppress(ProcessLookupError, PermissionError):  # It ended meanwhile.
            os.killpg(process.pid, signal.SIGKILL)


def _what_failed(lines: list[str]) -> str:
    """The lines that say why, or the last ones where none does."""
    telling = [line for line in lines if "_FAILED" in line or "error" in line.lower() or "not authorized" in line]
    return "\n".join((telling or lines)[-12:])
