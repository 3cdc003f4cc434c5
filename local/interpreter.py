"""The interpreter that runs the Lambda functions here: of the deployed runtime's version where the machine has one."""

import argparse
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

RUNTIME = (3, 13)
"""The functions' runtime in the templates: python3.13."""


def candidates() -> Iterator[str]:
    """Interpreters that may be of the runtime's version, likeliest first."""
    name = f"python{RUNTIME[0]}.{RUNTIME[1]}"
    on_path = shutil.which(name)
    if on_path:
        yield on_path
    for versions in (Path.home() / ".pyenv/versions", Path.home() / ".local/share/uv/python"):
        yield from (str(p) for p in sorted(versions.glob(f"*{RUNTIME[0]}.{RUNTIME[1]}*/bin/{name}"), reverse=True))


def version(interpreter: str) -> tuple[int, int] | None:
    """(major, minor) of an interpreter, or `None` when it does not run (a version manager's shim may not)."""
    probe = [interpreter, "-c", "import sys, venv, ensurepip; print(*sys.version_info[:2])"]
    try:
        result = subprocess.run(probe, capture_output=True, encoding="utf-8", errors="replace", timeout=30, check=True)  # noqa: S603
    except (OSError, subprocess.SubprocessError):
        return None
    major, minor = result.stdout.split()
    return int(major), int(minor)


def find() -> str:
    """The first interpreter of the runtime's version, else the one that runs this."""
    return next((c for c in candidates() if version(c) == RUNTIME), sys.executable)


def make(venv: Path, requirements: Path) -> None:
    """Create the functions' virtual environment with what the Lambda runtime brings."""
    interpreter = find()
    available = version(interpreter) or sys.version_info[:2]
    if available != RUNTIME:
        print(  # noqa: T201
            f"No Python {RUNTIME[0]}.{RUNTIME[1]} here: the functions run on {available[0]}.{available[1]} locally"
            f" (deployed: python{RUNTIME[0]}.{RUNTIME[1]})."
        )
    subprocess.run([interpreter, "-m", "venv", "--clear", str(venv)], check=True)  # noqa: S603
    pip = [str(venv / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"]
    subprocess.run([*pip, "--requirement", str(requirements)], check=True)  # noqa: S603


def main() -> None:
    """`python -m local.interpreter --venv DIR --requirements FILE`."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--venv", type=Path, required=True, help="where to make the virtual environment")
    parser.add_argument("--requirements", type=Path, required=True, help="what to install into it")
    arguments = parser.parse_args()
    make(arguments.venv, arguments.requirements)


if __name__ == "__main__":
    main()
