"""The documents of a folder: what will be uploaded under which key, and what cannot be."""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatch
from io import BufferedReader, BytesIO
from pathlib import Path, PurePosixPath

from arbiter.aws.calls.deletion import readable
from arbiter.documents.names import composed, kept_by_windows, twins
from cli.core.errors import CliError
from cli.core.progress import Progress, silent
from cli.sync.fitness import TYPES, problem
from cli.sync.metadata import METADATA
from cli.sync.secrets import Policy, Secrets

STAGE = "Looking at the files"
REMARKS = 5


@dataclass(frozen=True)
class LocalDocument:
    """A file that is uploaded; metadata files are, but are no documents of their own."""

    path: Path
    key: str
    size: int
    content: bytes | None = None
    """Of a metadata file that is made here: the folder has none."""

    @property
    def is_metadata(self) -> bool:
        return self.key.endswith(METADATA)

    @property
    def content_type(self) -> str:
        return "application/json" if self.is_metadata else TYPES[self.path.suffix.lower()]

    def open(self) -> BufferedReader | BytesIO:
        return self.path.open("rb") if self.content is None else BytesIO(self.content)


@dataclass(frozen=True)
class Unfit:
    """A file that cannot be a document, or that is to be looked at, and why."""

    key: str
    reason: str
    size: int = 0


@dataclass(frozen=True)
class Manifest:
    """The files of a folder: those to send, and those that cannot be documents."""

    documents: tuple[LocalDocument, ...]
    unfit: tuple[Unfit, ...]
    left_out: int
    """Hidden files and files that the person asked to ignore."""
    remarks: tuple[str, ...] = ()
    """What is told of files that are sent all the same."""
    doubtful: tuple[Unfit, ...] = ()
    """Documents that are sent although something in them looks like a secret."""
    unsearched: int = 0
    """Documents whose text, or some of it, is out of reach of the search for secrets."""

    @property
    def keys(self) -> frozenset[str]:
        """The keys of all files, as far as they can be written, and of the metadata of those that are not sent.

        Of a folder that cannot be listed: its path with a slash.
        """
        unfit = [key for item in self.unfit for key in (item.key, item.key + METADATA)]
        return frozenset([*(item.key for item in self.documents), *unfit])


def scan(
    folder: Path, ignore: Sequence[str] = (), *, secrets: Policy = "refused", progress: Progress = silent
) -> Manifest:
    """Find and check the documents of a folder.

    Raises:
        CliError: there is no such folder.
    """
    require_folder(folder)
    files = list(_files(folder))
    documents: list[LocalDocument] = []
    unfit: list[Unfit] = []
    doubtful: list[Unfit] = []
    left_out = unsearched = 0
    for number, (path, slash) in enumerate(files):
        progress(STAGE, number, len(files))
        key = path.relative_to(folder).as_posix() + slash
        search = Secrets(secrets)
        if _hidden(key) or any(fnmatch(key, pattern) for pattern in ignore):
            left_out += 1
        elif unfitness := problem(path, key, folder, search):
            unfit.append(Unfit(readable(key), unfitness, _size(path)))
        else:
            documents.append(LocalDocument(path, key, _size(path)))
            doubtful += [Unfit(key, search.doubt)] if search.doubt else []
            unsearched += search.unread
    return Manifest(tuple(documents), tuple(unfit), left_out, tuple(_remarks(documents)), tuple(doubtful), unsearched)


def _remarks(documents: Sequence[LocalDocument]) -> Iterator[str]:
    """Names that another system cannot have: a copy of the folder would lack them there."""
    keys = [document.key for document in documents if not document.is_metadata]
    remarks = [
        f"{' and '.join(map(_spelt, alike))}: macOS and Windows take these for one name" for alike in twins(keys)
    ]
    remarks += [f"{key}: {reason}" for key in keys if (reason := kept_by_windows(key))]
    yield from (f"{each}, so that the folder cannot be checked out there." for each in remarks[:REMARKS])
    if (more := len(remarks) - REMARKS) > 0:
        yield f"… and {more:,} names more that another system cannot have."


def _spelt(key: str) -> str:
    """A name as it is read, or with the marks in it that look like parts of its letters."""
    return key if composed(key) == key else ascii(key)


def require_folder(folder: Path) -> None:
    """Refuse what is no folder.

    Raises:
        CliError: there is none of that name.
    """
    if not folder.is_dir():
        reason = "is not a folder" if folder.exists() else "does not exist"
        raise CliError(f"{folder} {reason}. Name a folder with documents.", code="no_folder")


def _files(folder: Path) -> Iterator[tuple[Path, str]]:
    """Every file and every link to a folder, which is not followed; with a slash every folder that cannot be listed."""
    unlisted: list[OSError] = []
    for parent, folders, names in os.walk(folder, onerror=unlisted.append):
        folders.sort()
        yield from ((path, "") for name in folders if (path := Path(parent, name)).is_symlink())
        yield from ((Path(parent, name), "") for name in sorted(names))
    for error in unlisted:
        if (path := Path(error.filename)) == folder:
            raise CliError(f"{folder} cannot be listed: see to its permissions.", code="no_folder")
        yield path, "/"


def _hidden(key: str) -> bool:
    return any(part.startswith(".") for part in PurePosixPath(key).parts)


def _size(path: Path) -> int:
    """Bytes of a file; none of one that went away, which is noticed when it is sent."""
    try:
        return path.stat().st_size
    except OSError:
        return 0
