"""How the documents of a bucket stand in the knowledge base: each that is missing, failed or stale is named."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from arbiter.documents.ingestion import KnownDocument

METADATA = ".metadata.json"
NOT_SENT, MISSING, STALE, SURPLUS = "NOT_SENT", "MISSING", "STALE", "SURPLUS"


@dataclass(frozen=True)
class DocumentProblem:
    """A document that did not arrive, and why."""

    document: str
    status: str
    """A status of Bedrock, or one of this module's."""
    reason: str


class Dated(Protocol):
    """An object of a bucket."""

    @property
    def key(self) -> str: ...
    @property
    def modified_at(self) -> datetime: ...


def problem_of(uri: str, known: KnownDocument | None) -> DocumentProblem | None:
    """Why a document that is in the bucket is not wholly in the knowledge base, if it is not."""
    if known is None:
        return DocumentProblem(uri, MISSING, "the knowledge base does not know it, although it is in the bucket")
    if known.status == "INDEXED":
        return None
    return DocumentProblem(uri, known.status, known.reason or "Bedrock gives no reason")


def problems_of(
    objects: Iterable[Dated], known: Mapping[str, KnownDocument], uri: Callable[[str], str]
) -> Iterator[DocumentProblem]:
    """Every document of a bucket that is missing, failed or stale, and every one that is indexed and gone.

    A metadata file counts with its document: changed later than the document's state, either makes it stale.

    Args:
        known: by URI.
        uri: of an object, by its key.
    """
    changed = {item.key: item.modified_at for item in objects if not item.key.endswith("/")}
    documents = sorted(key for key in changed if not key.endswith(METADATA))
    for key in documents:
        document, changed_at = known.get(uri(key)), max(changed[key], changed.get(key + METADATA, changed[key]))
        if problem := problem_of(uri(key), document) or _stale(uri(key), document, changed_at):
            yield problem
    for gone in sorted(known.keys() - {uri(key) for key in documents}):
        yield DocumentProblem(gone, SURPLUS, "it is indexed, and no longer in the bucket: the next sync removes it")


def _stale(uri: str, known: KnownDocument | None, changed_at: datetime) -> DocumentProblem | None:
    if known is None or known.updated_at is None or known.updated_at >= changed_at:
        return None
    return DocumentProblem(uri, STALE, f"it changed on {changed_at:%Y-%m-%d %H:%M:%S} UTC, after it was indexed")
