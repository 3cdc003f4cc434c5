"""Metadata of documents, from their front matter or a table: made into the files that Bedrock reads beside them."""

import csv
import io
import json
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from arbiter.aws.calls.deletion import readable
from arbiter.documents.names import composed
from arbiter.file_form import delimiter_of, from_header, take_cells_of
from cli.core.errors import CliError
from cli.core.progress import Progress, silent
from cli.sync.documents import LocalDocument, Manifest, Unfit, scan
from cli.sync.fitness import problem_of_length, unreadable
from cli.sync.front_matter import front_matter_of
from cli.sync.metadata import METADATA, problem_of, problem_of_attributes
from cli.sync.secrets import Policy

_NUMBER = re.compile(r"-?(?:0|[1-9]\d{0,14})(?:\.\d{1,15})?")
_BOOLEANS = {"true": True, "false": False}
_LIST = "[]"
_SEPARATOR = ";"


@dataclass(frozen=True, kw_only=True)
class Reading:
    """How a folder is read."""

    ignore: Sequence[str] = ()
    secrets: Policy = "refused"
    metadata: Path | None = None
    """A table with a row for each document that has metadata."""
    front_matter: bool = True


def read(folder: Path, reading: Reading, progress: Progress = silent) -> Manifest:
    """The documents of a folder with their metadata files, those that are made here included.

    A metadata file that the folder has is sent as it is. Of the others, a row of the table goes before front matter,
    attribute by attribute. A document whose metadata cannot be sent is not sent: it would be found by no filter.

    Raises:
        CliError: there is no such folder, or the table cannot be used; names every problem of it.
    """
    manifest = scan(folder, reading.ignore, secrets=reading.secrets, progress=progress)
    described = {item.key.removesuffix(METADATA) for item in manifest.documents if item.is_metadata}
    table = _table(reading.metadata, manifest, described) if reading.metadata else {}
    documents: list[LocalDocument] = []
    unfit = list(manifest.unfit)
    for item in manifest.documents:
        made = [] if item.is_metadata or item.key in described else _made(item, table.get(item.key), reading)
        if isinstance(made, str):
            unfit.append(Unfit(readable(item.key), made, item.size))
        else:
            documents += [item, *made]
    return replace(manifest, documents=tuple(documents), unfit=tuple(unfit))


def _made(item: LocalDocument, row: Mapping[str, Any] | None, reading: Reading) -> list[LocalDocument] | str:
    """The metadata file of a document, if it has metadata; or why it cannot have it."""
    try:
        front = front_matter_of(item.path) if reading.front_matter and item.path.suffix.lower() == ".md" else {}
    except OSError as error:
        return unreadable(error)
    except ValueError as error:
        return f"its front matter {error}; or send it without, by --no-front-matter"
    attributes = {**front, **(row or {})}
    if not attributes:
        return []
    problem = problem_of_attributes(attributes)  # Before they are written: what is nested may be without end.
    problem = problem or problem_of_length(item.key + METADATA)
    if not problem:
        content = json.dumps({"metadataAttributes": attributes}, ensure_ascii=False).encode(errors="surrogatepass")
        problem = problem_of(content, item.key)
    if problem:
        return f"its metadata ({'the table and ' if row else ''}front matter): {problem}"
    return [LocalDocument(item.path, item.key + METADATA, len(content), content)]


def _table(path: Path, manifest: Manifest, described: Collection[str]) -> dict[str, dict[str, Any]]:
    """The attributes of each document that the table names."""
    keys = {composed(item.key): item.key for item in manifest.documents}
    header, *body = _rows(path) or [[]]
    body = [[_found(row[0], keys), *row[1:]] if row else row for row in body]
    problems = _problems(header, body, manifest, described)
    if problems:
        listed = [{"row": number, "problem": problem} for number, problem in problems]
        raise CliError(f"{path} cannot be used.", code="bad_metadata", details={"problems": listed})
    names = header[1:]
    columns = [_column([row[index] for row in body if row], name) for index, name in enumerate(names, start=1)]
    table: dict[str, dict[str, Any]] = {}
    for number, row in enumerate(row for row in body if row):
        values = {name.removesuffix(_LIST): column[number] for name, column in zip(names, columns, strict=True)}
        table[row[0]] = {name: value for name, value in values.items() if value is not None}
    return table


def _found(path: str, keys: Mapping[str, str]) -> str:
    """The key of a path in a table, which may spell it as macOS or Windows does; the path where there is none."""
    spelt = composed(path)
    return keys.get(spelt) or keys.get(spelt.replace("\\", "/").removeprefix("./"), path)


def _rows(path: Path) -> list[list[str]]:
    """The rows of a table, whatever its delimiter."""
    try:
        _, content = from_header(path.read_text(encoding="utf-8-sig"))
        take_cells_of(content)
        delimiter = delimiter_of(content.partition("\n")[0])
        rows = csv.reader(io.StringIO(content, newline=""), delimiter=delimiter, strict=True, skipinitialspace=True)
        return list(rows)
    except UnicodeDecodeError:
        raise CliError(f"{path} is not UTF-8: save it as CSV in UTF-8.", code="bad_metadata") from None
    except csv.Error as error:
        raise CliError(f"{path} is not CSV: {error}. Close every quote.", code="bad_metadata") from None


def _problems(
    header: Sequence[str], body: Sequence[Sequence[str]], manifest: Manifest, described: Collection[str]
) -> list[tuple[int, str]]:
    problems: list[tuple[int, str]] = []
    if not header or header[0] != "document" or len(header) < 2:
        return [(1, 'the first row must be "document" and the names of the attributes')]
    if len({name.removesuffix(_LIST) for name in header}) < len(header) or "" in header:
        problems.append((1, "every column needs a name of its own"))
    known = {item.key for item in manifest.documents} | {item.key for item in manifest.unfit}
    seen: set[str] = set()
    for number, row in enumerate(body, start=2):
        if not row:
            continue
        key = row[0]
        if len(row) != len(header):
            problems.append((number, f"it has {len(row)} cells, the first row {len(header)}"))
        elif key not in known:
            problems.append((number, f"the folder has no document {readable(key)!r}: correct or remove the row"))
        elif key in described:
            problems.append((number, f"{readable(key)!r} has a metadata file of its own: remove one of them"))
        elif key in seen:
            problems.append((number, f"{readable(key)!r} is named twice: leave one row out"))
        seen.add(key)
    return problems


def _column(cells: Sequence[str], name: str) -> list[Any]:
    """The values of a column: numbers or truth values if all are, otherwise texts; nothing for an empty cell."""
    filled = [cell.strip() for cell in cells if cell.strip()]
    if name.endswith(_LIST):
        return [[part.strip() for part in cell.split(_SEPARATOR) if part.strip()] or None for cell in cells]
    if filled and all(cell.lower() in _BOOLEANS for cell in filled):
        return [_BOOLEANS.get(cell.strip().lower()) for cell in cells]
    if filled and all(_NUMBER.fullmatch(cell) for cell in filled):
        return [json.loads(cell) if cell.strip() else None for cell in cells]
    return [cell.strip() or None for cell in cells]
