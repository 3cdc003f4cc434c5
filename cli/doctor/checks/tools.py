"""The tools that a deployment needs on this machine, and their versions."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from cli.doctor.findings.finding import Check, Finding, Looked, Severity

PYTHON = (3, 11)
NODE = 22
"""As in `pyproject.toml`, `package.json` and the Makefile."""
UNDEPLOYED = "nothing can be synthesised or deployed from here"


def check(root: Path) -> Check:
    """Look at Python, Node and the CDK command line, without a call to AWS."""

    def look() -> Looked:
        python = (sys.version_info.major, sys.version_info.minor)
        wanted = json.loads((root / "package.json").read_text(encoding="utf-8"))["devDependencies"]["aws-cdk"]
        cdk, node = _cdk(root), _node(root)
        seen = f"Python {python[0]}.{python[1]}, Node {node or 'none'}, CDK {cdk or 'none'}"
        return Looked(seen, tuple(problems(python=python, node=node, cdk=cdk, pinned=wanted)))

    return Check("tools", look)


def problems(*, python: tuple[int, int], node: str | None, cdk: str | None, pinned: str) -> Iterator[Finding]:
    """Say which tool is missing, too old, or another than the pinned one."""
    if python < PYTHON:
        version = ".".join(map(str, python))
        yield _finding("python", f"Python is {version}; 3.11 or newer is needed", "make install PYTHON=python3.13")
    major = re.match(r"v?(\d+)", node or "")
    if major is None or int(major[1]) < NODE:
        state = f"is {node}" if node else "is not installed"
        yield _finding("node", f"Node {state}; {NODE} or newer is needed", "make install")
    if cdk is None:
        yield _finding("cdk", "the CDK command line is not installed here", "make install")
    elif cdk != pinned:
        yield _finding("cdk", f"the CDK command line is {cdk}, and {pinned} is the pinned one", "npm ci")


def _finding(tool: str, problem: str, remedy: str) -> Finding:
    return Finding(
        code="tool",
        subject=tool,
        severity=Severity.BLOCKS,
        problem=problem,
        consequence=UNDEPLOYED,
        remedy=remedy,
    )


def _cdk(root: Path) -> str | None:
    try:
        installed: Mapping[str, str] = json.loads(
            (root / "node_modules" / "aws-cdk" / "package.json").read_text(encoding="utf-8")
        )
    except (OSError, ValueError):
        return None
    return installed["version"]


def _node(root: Path) -> str | None:
    # Where `make install` brought its own Node, it lies beside this Python.
    path = os.pathsep.join((str(Path(sys.executable).parent), os.environ.get("PATH", "")))
    node = shutil.which("node", path=path)
    if node is None:
        return None
    try:
        process = subprocess.run(  # noqa: S603
            [node, "--version"], capture_output=True, encoding="utf-8", errors="replace", timeout=20, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return process.stdout.strip()
