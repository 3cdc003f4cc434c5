"""The project's folder and its `cdk.json`."""

import json
from pathlib import Path
from typing import Any

from cli.core.errors import CliError

PROJECT = Path(__file__).resolve().parents[2]


def repository(start: Path | None = None) -> Path:
    """The nearest folder that holds Arbiter's `cdk.json`, else the one this program lies in."""
    try:
        folder = (start or Path.cwd()).resolve()
    except FileNotFoundError:  # The folder was deleted while a terminal stood in it.
        return PROJECT
    return next((parent for parent in (folder, *folder.parents) if _holds_arbiter(parent)), PROJECT)


def _holds_arbiter(folder: Path) -> bool:
    return (folder / "cdk.json").exists() and (folder / "lambda" / "arbiter").is_dir()


def cdk_context(root: Path) -> dict[str, Any]:
    """Read the context of `cdk.json`, which an editor on Windows may have begun with a byte order mark.

    Raises:
        OSError, ValueError, KeyError: there is none.
    """
    context: dict[str, Any] = json.loads((root / "cdk.json").read_text(encoding="utf-8-sig"))["context"]
    return context


def environments(root: Path) -> tuple[str, ...]:
    """The environments that `cdk.json` configures; none where there is no such file.

    Raises:
        CliError: it cannot be read: by what it says, nothing would be protected or refused.
    """
    try:
        return tuple(_context(root)["environments"])
    except (KeyError, TypeError):
        return ()


def configured(root: Path, environment: str, *path: str) -> Any:
    """Read a setting that `cdk.json` gives an environment; `None` where it leaves the default.

    Raises:
        CliError: the file cannot be read.
    """
    try:
        value = _context(root)["environments"][environment]
        for name in path:
            value = value[name]
    except (KeyError, TypeError):
        return None
    return value


def _context(root: Path) -> Any:
    try:
        return cdk_context(root)
    except OSError:
        return {}
    except ValueError as error:
        remedy = "Correct it; it is JSON in UTF-8"
        raise CliError(f"{root / 'cdk.json'} cannot be read: {error}. {remedy}.", code="bad_settings") from error
