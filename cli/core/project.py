"""The project's folder and its `cdk.json`."""

import json
from pathlib import Path
from typing import Any

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
    found: dict[str, Any] = json.loads((root / "cdk.json").read_text(encoding="utf-8-sig"))["context"]
    return found


def environments(root: Path) -> tuple[str, ...]:
    """The environments that `cdk.json` configures; none where it cannot be read."""
    try:
        return tuple(cdk_context(root)["environments"])
    except (OSError, ValueError, KeyError, TypeError):
        return ()


def configured(root: Path, environment: str, *path: str) -> Any:
    """Read a setting that `cdk.json` gives an environment; `None` where it leaves the default."""
    try:
        value = cdk_context(root)["environments"][environment]
        for name in path:
            value = value[name]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return value
