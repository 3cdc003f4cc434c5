"""The functions' code as it is deployed: the sources, with the bytecode that a read-only /var/task could not keep."""

import atexit
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

SOURCE = Path(__file__).resolve().parents[3] / "lambda"
TASK = "/var/task"
NOT_DEPLOYED = ("__pycache__", "*.pyc", ".mypy_cache", ".ruff_cache", ".pytest_cache")
MAGIC = "f30d0d0a"
"""How the bytecode of every Python 3.13, the functions' runtime, begins; a runtime of another kind would ignore it."""

_PROBE = "from importlib.util import MAGIC_NUMBER; print(MAGIC_NUMBER.hex())"
# Unchecked, because neither date nor digest of a source could tell anything: source and bytecode are deployed together.
_COMPILE = """
import compileall, py_compile, sys
unchecked = py_compile.PycInvalidationMode.UNCHECKED_HASH
folder, task = sys.argv[1:]
done = compileall.compile_dir(
    folder, quiet=1, force=True, stripdir=folder, prependdir=task, optimize=0, invalidation_mode=unchecked
)
sys.exit(not done)
"""


class Code(NamedTuple):
    """A folder to deploy, and its digest."""

    folder: Path
    digest: str


@cache
def functions_code() -> Code:
    """The code of every function: made once a process, however often it synthesises, and removed with it."""
    folder = Path(tempfile.mkdtemp(prefix="arbiter-functions-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    interpreter = runtime()
    stage(folder, interpreter)
    if interpreter is None:
        sys.stderr.write(
            "No Python 3.13 here (`make install` looks for one): the functions are deployed without bytecode and"
            " start more slowly.\n"
        )
    return Code(folder, digest_of(folder, MAGIC if interpreter else ""))


def runtime() -> str | None:
    """An interpreter whose bytecode the functions' runtime takes: before others the one of the local AWS."""
    return next((candidate for candidate in _candidates() if _magic(candidate) == MAGIC), None)


def stage(folder: Path, interpreter: str | None) -> None:
    """Copy the sources into a folder, and compile them there."""
    shutil.copytree(SOURCE, folder, ignore=shutil.ignore_patterns(*NOT_DEPLOYED), dirs_exist_ok=True)
    if interpreter is not None:
        # The order of a set of constants goes by the hashes of strings, which are random without a seed.
        environment = {**os.environ, "PYTHONHASHSEED": "0"}
        subprocess.run([interpreter, "-c", _COMPILE, str(folder), TASK], env=environment, check=True)  # noqa: S603


def digest_of(folder: Path, bytecode: str) -> str:
    """A digest of the sources and the kind of bytecode: two releases of Python 3.13 may compile a line differently."""
    digest = hashlib.sha256(bytecode.encode())
    for file in sorted(path for path in folder.rglob("*") if path.is_file() and path.suffix != ".pyc"):
        content = file.read_bytes()
        digest.update(f"\0{file.relative_to(folder).as_posix()}\0{len(content)}\0".encode() + content)
    return digest.hexdigest()


def _candidates() -> Iterator[str]:
    yield str(SOURCE.parent / ".arbiter" / "lambda-venv" / "bin" / "python")
    yield sys.executable
    if named := shutil.which("python3.13"):
        yield named


def _magic(interpreter: str) -> str | None:
    try:
        probe = subprocess.run(  # noqa: S603
            [interpreter, "-c", _PROBE], capture_output=True, encoding="utf-8", errors="replace", check=True
        )
    except (OSError, subprocess.CalledProcessError):
        return None
    return probe.stdout.strip()
