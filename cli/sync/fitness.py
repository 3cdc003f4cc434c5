"""Why a file cannot be a document, by its name, its target and its content."""

import os
from pathlib import Path, PurePosixPath

from arbiter.aws.calls.deletion import OUTSIDE_XML
from arbiter.documents.names import unseen
from arbiter.file_form import problem_of_form
from cli.core.terminal import printable
from cli.sync.metadata import METADATA, problem_of
from cli.sync.secrets import Secrets

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
PLAIN_TYPES = frozenset({".txt", ".md", ".csv"})
TEXT_TYPES = PLAIN_TYPES | {".html"}
NO_DOCUMENTS = (b"%PDF-", b"{\\rtf", b"version https://git-lfs")
"""Beginnings of files that are text, and no document."""
LONGEST_FORM = 64
"""Bytes by which a file tells that it is something else than text."""
MAX_BYTES = 50 * 1024 * 1024
MAX_KEY_BYTES = 1024
FOLDER_LINK = "it is a link to a folder, which is not followed: copy the folder"
UNLISTED = "it is a folder that cannot be listed, and nothing in it was looked at: see to its permissions"


def problem(path: Path, key: str, folder: Path, search: Secrets) -> str | None:
    """Why a file cannot be a document, or cannot be read, or is not sent for what `search` finds in it."""
    try:
        if key.endswith("/"):
            return UNLISTED
        if path.is_dir():
            return FOLDER_LINK
        return _problem_of_name(key) or _problem_of_target(path, folder) or _problem_of_content(path, key, search)
    except OSError as error:
        return unreadable(error)


def unreadable(error: OSError) -> str:
    """Why a file is not sent that cannot be read, or that somebody took away meanwhile."""
    if isinstance(error, FileNotFoundError):
        return "it went away while the folder was read: sync again"
    return f"it cannot be read ({os.strerror(error.errno or 0)}): see to its permissions"


def problem_of_length(key: str) -> str | None:
    """Why no object can have a key."""
    size = len(key.encode())
    return f"its path has {size:,} bytes; S3 allows {MAX_KEY_BYTES:,}: shorten it" if size > MAX_KEY_BYTES else None


def _problem_of_name(key: str) -> str | None:
    try:
        if too_long := problem_of_length(key):
            return too_long
    except UnicodeEncodeError:
        return "its name is not UTF-8: rename it"
    if printable(key) != key or "\n" in key or "\t" in key:
        return "its name has control characters: rename it"
    if code := unseen(key):
        return f"its name has a character that nobody sees ({code}): rename it"
    if match := OUTSIDE_XML.search(key):
        return f"its name has a character that S3 cannot list (U+{ord(match[0]):04X}): rename it"
    return None if key.endswith(METADATA) else _problem_of_type(PurePosixPath(key).suffix.lower())


def _problem_of_type(kind: str) -> str | None:
    if kind in TYPES:
        return None
    if kind.rstrip() in TYPES:
        return "its name ends with a space: rename it"
    kinds = ", ".join(sorted(TYPES))
    return f"its type is not one that Bedrock reads ({kinds}): convert it, or leave it out with --ignore"


def _problem_of_target(path: Path, folder: Path) -> str | None:
    path.lstat()  # Raises if it went away since its folder was listed.
    if not path.is_file():
        return "it is a link to nothing, or no regular file: remove it"
    if not path.resolve().is_relative_to(folder.resolve()):
        return "it is a link out of the folder: copy the file"
    return None


def _problem_of_content(path: Path, key: str, search: Secrets) -> str | None:
    size = path.stat().st_size
    if size == 0:
        return "it is empty: fill or remove it"
    if key.endswith(METADATA):
        return _problem_of_metadata(path, key)
    if size > MAX_BYTES:
        return f"it has {size / 1024**2:,.1f} MB; Bedrock allows {MAX_BYTES // 1024**2}: split it"
    kind = path.suffix.lower()
    with path.open("rb") as file:
        if (signature := SIGNATURES.get(kind)) and file.read(len(signature)) != signature:
            return f"it is named {kind} and is not: export it again"
        file.seek(0)
        content = file.read()
    if kind in TEXT_TYPES and (problem := _problem_of_text(content, search)):
        return problem
    return None if kind in PLAIN_TYPES else search.look_into(kind, content)


def _problem_of_text(content: bytes, search: Secrets) -> str | None:
    form = problem_of_form(content[:LONGEST_FORM])
    if form and (content.startswith(NO_DOCUMENTS) or _is_binary(content)):
        # What else there is to do with a workbook or a PDF is said of data sets, not of documents.
        command = form.remedy if form.remedy.endswith("`") else "give it the ending of what it is, or export it as text"
        return f"it {form.problem}: {command}"
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        return (
            f"it is not UTF-8 text (byte {error.start + 1:,}): convert it, for example with "
            "`iconv -f WINDOWS-1252 -t UTF-8`"
        )
    return search.look(text) if text.strip() else "it is blank: fill or remove it"


def _is_binary(content: bytes) -> bool:
    """Whether bytes are no text: words may begin as a Parquet file or bzip2 does, "PAR1 is a receptor"."""
    try:
        return "\0" in content.decode("utf-8")
    except UnicodeDecodeError:
        return True


def _problem_of_metadata(path: Path, key: str) -> str | None:
    document = path.with_name(path.name.removesuffix(METADATA))
    if not document.exists():
        return f"it describes {document.name}, which is not there: remove or rename it"
    return problem_of(path.read_bytes(), key.removesuffix(METADATA))
