"""The interpreters of the local AWS and of the functions on it, and the environment that they are started in."""

import os
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
# Inherited by the process: nothing of the developer's AWS.
_INHERITED = ("PATH", "HOME", "LANG", "LC_ALL", "SSL_CERT_FILE", "HTTPS_PROXY", "https_proxy")
_ARBITER = ("ARBITER_LLM_URL", "ARBITER_LLM_MODEL", "ARBITER_LLM_API_KEY")


class LauncherError(RuntimeError):
    """The local AWS cannot be started; the message says why and what to do."""


def emulator_python(root: Path) -> Path:
    """The interpreter that runs the emulator.

    Raises:
        LauncherError: when it is not there.
    """
    named = os.environ.get("ARBITER_EMULATOR_PYTHON")
    candidates = [Path(named)] if named else [base / ".arbiter/emulator-venv/bin/python" for base in (root, PROJECT)]
    interpreter = next((candidate for candidate in candidates if candidate.is_file()), None)
    if interpreter is None:
        raise LauncherError(
            f"the local AWS has no interpreter at {' or '.join(map(str, candidates))}: run `make install`"
            " (or name one in ARBITER_EMULATOR_PYTHON)"
        )
    return interpreter


def emulator_environment(root: Path, home: Path) -> dict[str, str]:
    """The environment of the emulator: little of the one that starts it, and the interpreter of the functions."""
    environment = {name: os.environ[name] for name in (*_INHERITED, *_ARBITER) if name in os.environ}
    environment |= {"TMPDIR": str(home / "tmp"), "PYTHONUNBUFFERED": "1"}
    # This machine, and whatever else the person reaches directly, as a server of models in the house.
    direct = ",".join(filter(None, ("127.0.0.1,localhost", os.environ.get("no_proxy") or os.environ.get("NO_PROXY"))))
    environment |= {"NO_PROXY": direct, "no_proxy": direct}
    interpreters = [Path(base / ".arbiter/lambda-venv/bin/python") for base in (root, PROJECT)]
    made = next((str(interpreter) for interpreter in interpreters if interpreter.is_file()), None)
    functions = os.environ.get("ARBITER_LAMBDA_PYTHON") or made
    return environment | ({"ARBITER_LAMBDA_PYTHON": functions} if functions else {})
