"""The documents of a folder: what will be uploaded under which key, and what cannot be."""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path, PurePosixPath

from arbiter.aws.calls.deletion import readable
from arbiter.documents.names import kept_by_windows, unseen
from cli.core.errors import CliError
from cli.core.terminal import printable
from cli.sync.metadata import problem_of

# Amazon Bedrock user guide, knowledge base data: types and sizes that an S3 data source ingests.
TYPES = {
    ".txt": "text/plain",
    ".md": "text/markdown",
    ".html": "text/html",
    ".csv": "text/csv",
    ".doc": "application/msword",
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".xls": "application/vnd.ms-excel",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".pdf": "application/pdf",
}
SIGNATURES = {
    ".pdf": b"%PDF-",
    ".docx": b"PK\x03\x04",
    ".xlsx": b"PK\x03\x04",
    ".doc": b"\xd0\xcf\x11\xe0",
    ".xls": b"\xd0\xcf\x11\xe0",
}
TEXT_TYPES = frozenset({".txt", ".md", ".html", ".csv"})
MAX_BYTES = 50 * 1024 * 1024
MAX_KEY_BYTES = 1024
METADATA = ".metadata.json"
REMARKS = 5


@dataclass(frozen=True)
class LocalDocument:
    """A file that is uploaded; metadata files are, but are no documents of their own."""

    path: Path
    key: str
    size: int

    @property
    def is_metadata(self) -> bool:
        return self.key.endswith(METADATA)

    @property
    def content_type(self) -> str:
        return "application/json" if self.is_metadata else TYPES[self.path.suffix.lower()]


@dataclass(frozen=True)
class Unfit:
    """A file that cannot be a document, and why."""

    key: str
    reason: str


@dataclass(frozen=True)
class Manifest:
    """The files of a folder: those to send, and those that cannot be documents."""

    documents: tuple[LocalDocument, ...]
    unfit: tuple[Unfit, ...]
    left_out: int
    """Hidden files and files that the person asked to ignore."""
    remarks: tuple[str, ...] = ()
    """What is told of files that are sent all the same."""


def scan(folder: Path, ignore: Sequence[str] = ()) -> Manifest:
    """Find and check the documents of a folder.

    Raises:
        CliError: there is no such folder.
    """
    if not folder.is_dir():
        reason = "is not a folder" if folder.exists() else "does not exist"
        raise CliError(f"{folder} {reason}. Name a folder with documents.", code="no_folder")
    documents: list[LocalDocument] = []
    unfit: list[Unfit] = []
    left_out = 0
    for path in _files(folder):
        key = path.relative_to(folder).as_posix()
        if _hidden(key) or any(fnmatch(key, pattern) for pattern in ignore):
            left_out += 1
        elif problem := _problem(path, key, folder):
            unfit.append(Unfit(readable(key), problem))
        else:
            documents.append(LocalDocument(path, key, path.stat().st_size))
    return Manifest(tuple(documents), tuple(unfit), left_out, tuple(_remarks(documents)))


def _remarks(documents: Sequence[LocalDocument]) -> Iterator[str]:
    """Names that another system cannot have: a copy of the folder would lack them there."""
    keys = [document.key for document in documents if not document.is_metadata]
    kept = [(key, reason) for key in keys if (reason := kept_by_windows(key))]
    for key, reason in kept[:REMARKS]:
        yield f"{key}: {reason}, so that the folder cannot be checked out there."
    if (more := len(kept) - REMARKS) > 0:
        yield f"… and {more:,} names more that Windows cannot have."


def _files(folder: Path) -> Iterator[Path]:
    for parent, folders, names in os.walk(folder):
        folders.sort()
        yield from (Path(parent, name) for name in sorted(names))


def _hidden(key: str) -> bool:
    return any(part.startswith(".") for part in PurePosixPath(key).parts)


def _problem(path: Path, key: str, folder: Path) -> str | None:
    return _problem_of_name(key) or _problem_of_target(path, folder) or _problem_of_content(path, key)


def _problem_of_name(key: str) -> str | None:
    try:
        encoded = key.encode()
    except UnicodeEncodeError:
        return "its name is not UTF-8: rename it"
    if len(encoded) > MAX_KEY_BYTES:
        return f"its path has {len(encoded):,} bytes; S3 allows {MAX_KEY_BYTES:,}: shorten it"
    if printable(key) != key or "\n" in key or "\t" in key:
        return "its name has control characters: rename it"
    if code := unseen(key):
        return f"its name has a character that nobody sees ({code}): rename it"
    if not key.endswith(METADATA) and PurePosixPath(key).suffix.lower() not in TYPES:
        kinds = ", ".join(sorted(TYPES))
        return f"its type is not one that Bedrock reads ({kinds}): convert it, or leave it out with --ignore"
    return None


def _problem_of_target(path: Path, folder: Path) -> str | None:
    target = path.resolve()
    if not target.is_file():
        return "it is a link to nothing, or no regular file: remove it"
    if not target.is_relative_to(folder.resolve()):
        return "it is a link out of the folder: copy the file"
    return None


def _problem_of_content(path: Path, key: str) -> str | None:
    size = path.stat().st_size
    if size == 0:
        return "it is empty: fill or remove it"
    if key.endswith(METADATA):
        return _problem_of_metadata(path)
    if size > MAX_BYTES:
        return f"it has {size / 1024**2:,.1f} MB; Bedrock allows {MAX_BYTES // 1024**2}: split it"
    kind = path.suffix.lower()
    with path.open("rb") as file:
        if (signature := SIGNATURES.get(kind)) and file.read(len(signature)) != signature:
            return f"it is named {kind} and is not: export it again"
        if kind in TEXT_TYPES:
            return _problem_of_text(file.read())
    return None


def _problem_of_text(content: bytes) -> str | None:
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        return f"it is not UTF-8 text (byte {error.start + 1:,}): convert it, for example with iconv"
    return None if text.strip() else "it is blank: fill or remove it"


def _problem_of_metadata(path: Path) -> str | None:
    document = path.with_name(path.name.removesuffix(METADATA))
    if not document.exists():
        return f"it describes {document.name}, which is not there: remove or rename it"
    return problem_of(path.read_bytes())
