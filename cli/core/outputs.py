"""The files that a command writes: tried before anything is sent, as what was paid for must not be lost at the end."""

import os
import shutil
from pathlib import Path

from arbiter.documents.names import is_device, unseen
from cli.core.errors import CliError

TEXT_BROWSERS = frozenset({"elinks", "links", "lynx", "w3m"})
"""Browsers that would take the terminal, hold the command up, and show neither charts nor scripts."""


def open_in_browser(address: str) -> bool:
    """Show a page in the person's browser; whether there is one that can."""
    # Here, because every question imports this module, and few pages are opened.
    import webbrowser

    try:
        first = shutil.which(str(getattr(webbrowser.get(), "name", "")))
    except webbrowser.Error:
        return False
    # `www-browser` is whichever was installed last.
    return not (first and Path(first).resolve().stem in TEXT_BROWSERS) and webbrowser.open(address)


def require_writable(*paths: Path) -> None:
    """See that each file can be written, and leave no trace of having tried.

    Raises:
        CliError: naming the first that cannot, and why; or whose name nobody could type again, or have on Windows.
    """
    for path in paths:
        problem = "is the name of a device on Windows" if is_device(path.name) else None
        if code := unseen(path.name):
            problem = f"has a character in its name that nobody sees ({code})"
        if problem:
            raise CliError(f"{path} {problem}. Name another file; nothing was sent.", code="not_writable")
        try:
            _try(path)
        except OSError as error:
            raise CliError(
                f"{path} cannot be written: {error.strerror}. Name another file; nothing was sent.", code="not_writable"
            ) from error


def write_whole(file: Path, content: bytes, *, mode: int = 0o666) -> None:
    """Write a file so that an interruption, a full disk or a second command leave the old or the new one, never a half.

    A link stays one, and a file keeps its permissions; a new one has those of `mode` that the person allows.
    """
    file = file.resolve()
    part = file.with_name(f".{file.name}.{os.getpid()}.part")
    try:
        part.unlink(missing_ok=True)
        # Made anew, or somebody else's link of that name would lead elsewhere.
        part.touch(mode, exist_ok=False)
        if file.exists():
            part.chmod(file.stat().st_mode)
        part.write_bytes(content)
        part.replace(file)
    finally:
        part.unlink(missing_ok=True)


def _try(path: Path) -> None:
    path = path.resolve() if path.is_symlink() else path
    if path.exists():
        path.open("ab").close()
    elif path.parent.is_dir():
        # Permissions alone do not tell: the file system may be read-only or full, the name too long.
        path.open("xb").close()
        path.unlink()
    else:
        from tempfile import TemporaryFile

        nearest = next(folder for folder in path.absolute().parents if folder.exists())
        TemporaryFile(dir=nearest).close()
