"""Names of documents and files: characters in them that nobody sees, and names that a system keeps for itself."""

import re
import unicodedata
from collections.abc import Iterable
from pathlib import PurePosixPath

_FILLERS = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
"""Letters and marks that leave the place empty."""
_JOINERS = frozenset("\u200c\u200d")
"""Invisible, and part of how Persian, Indian scripts and emoji are written."""
_DEVICE = re.compile(r"(con|prn|aux|nul|(com|lpt)[0-9\u00b9\u00b2\u00b3])", re.IGNORECASE)
_NOT_ON_WINDOWS = frozenset('<>:"|?*\\')


def unseen(name: str) -> str | None:
    """The first character of a name that nobody sees, or that ends a line, as its code point: `U+200B`."""
    for position, character in enumerate(name):
        if character in _JOINERS and position and not name[position - 1].isascii():
            continue
        if character in _FILLERS or unicodedata.category(character) in ("Cf", "Zl", "Zp"):
            return f"U+{ord(character):04X}"
    return None


def kept_by_windows(path: str) -> str | None:
    """Why no file of this path can be on Windows (Microsoft, *Naming Files, Paths, and Namespaces*)."""
    for part in PurePosixPath(path).parts:
        if is_device(part):
            return f"Windows keeps the name {part.partition('.')[0]} for a device"
        if used := sorted(_NOT_ON_WINDOWS & set(part)):
            return f"Windows knows no {' '.join(used)} in a name"
        if part.endswith((" ", ".")) and part.strip("."):
            return "Windows drops a space or a dot at the end of a name"
    return None


def twins(paths: Iterable[str]) -> list[list[str]]:
    """The paths that macOS and Windows take for one: the same but for case, or for how their letters are composed."""
    alike: dict[str, list[str]] = {}
    for path in paths:
        alike.setdefault(composed(path).casefold(), []).append(path)
    return [group for group in alike.values() if len(group) > 1]


def composed(path: str) -> str:
    """A path in the spelling that every system makes of it: macOS hands on letters and their marks apart."""
    return unicodedata.normalize("NFC", path)


def is_device(name: str) -> bool:
    """Whether Windows takes a name for a device, whatever its ending: what is written there is lost."""
    return bool(_DEVICE.fullmatch(name.partition(".")[0].rstrip(" ")))
