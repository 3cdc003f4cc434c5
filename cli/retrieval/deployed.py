"""The documents of a deployment, read from its bucket for as long as they are measured."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from arbiter.aws.objects import Objects
from cli.core.progress import Progress
from cli.sync.metadata import METADATA
from cli.sync.upload import SENDERS

STAGE = "Reading the documents"


class Copied(NamedTuple):
    """A folder with the documents of a bucket."""

    folder: Path
    bucket: str
    left_out: tuple[str, ...]
    """Keys that are no path of a file here."""


@contextmanager
def documents_in(objects: Objects, progress: Progress) -> Iterator[Copied]:
    """The documents of a bucket in a folder that is removed afterwards."""
    keys = [item.key for item in objects.listing() if not item.key.endswith((METADATA, "/"))]
    with TemporaryDirectory(prefix="arbiter-documents-") as temporary, ThreadPoolExecutor(SENDERS) as pool:
        folder, left_out = Path(temporary).resolve(), list[str]()

        def copy(key: str) -> bool:
            path = folder / key
            if not path.resolve().is_relative_to(folder):
                return False
            try:
                path.parent.mkdir(parents=True, exist_ok=True)
                with path.open("wb") as file:
                    file.writelines(objects.stream(key))
            except OSError:  # Too long a name, or a file where another key has a folder.
                return False
            return True

        for done, (key, copied) in enumerate(zip(keys, pool.map(copy, keys), strict=True), start=1):
            progress(STAGE, done, len(keys))
            left_out += [] if copied else [key]
        yield Copied(folder, objects.bucket, tuple(left_out))
