"""Training data made ready for a job: checked, converted, and divided into what trains and what only measures."""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import BinaryIO

from arbiter.training_data.check import Rules, TrainingFile, rows_of
from arbiter.training_data.report import Report
from arbiter.training_data.text.sensitive_data import Detect

_CHUNK_BYTES = 1 << 20


@dataclass(frozen=True)
class Prepared:
    """The two files of a job, each at its beginning; neither is worth anything unless the report accepts the data."""

    report: Report
    train: BinaryIO
    train_digest: str
    validation: BinaryIO | None
    validation_digest: str | None


def prepare(
    chunks: Iterable[bytes],
    rules: Rules,
    *,
    suffix: str,
    train: BinaryIO,
    validation: BinaryIO,
    detect: Detect,
    questions: Iterable[str] = (),
) -> Prepared:
    """Check and convert a raw file into two empty files that can be read back.

    `report.split` counts samples and tokens of both sides.
    """

    def write(record: bytes, measured: bool) -> None:
        (validation if measured else train).write(record)

    report = TrainingFile(rules, write, detect, questions).check(rows_of(suffix)(chunks))
    if report.split.joined:
        train.writelines(_chunks(validation))
    measures = report.split.validation.samples > 0
    return Prepared(
        report=report,
        train=train,
        train_digest=_digest(train),
        validation=validation if measures else None,
        validation_digest=_digest(validation) if measures else None,
    )


def _digest(file: BinaryIO) -> str:
    digest = hashlib.sha256()
    for chunk in _chunks(file):
        digest.update(chunk)
    file.seek(0)
    return digest.hexdigest()


def _chunks(file: BinaryIO) -> Iterator[bytes]:
    file.seek(0)
    return iter(lambda: file.read(_CHUNK_BYTES), b"")
