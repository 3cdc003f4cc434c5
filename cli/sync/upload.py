"""The documents bucket brought in line with a folder: changed files sent, others left alone."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from datetime import datetime

from arbiter.aws.objects import Objects, StoredObject
from cli.core.progress import Progress
from cli.sync.documents import LocalDocument

SENDERS = 16
FINGERPRINT = "arbiter-md5"
STAGE = "Sending documents"


@dataclass(frozen=True)
class Transfer:
    """Counts of an upload: documents sent, left alone and deleted."""

    uploaded: int
    unchanged: int
    deleted: int
    others: int
    """Objects of the bucket that the folder does not have, and that were left there."""
    changed_at: datetime
    """When the newest of the folder's documents reached the bucket, or one was deleted, by the clock of S3."""


def upload(
    objects: Objects,
    documents: Sequence[LocalDocument],
    *,
    delete: bool,
    on_begin: Callable[[], None],
    progress: Progress,
) -> Transfer:
    """Send what differs of at least one document; with `delete`, remove what the folder does not have.

    Args:
        on_begin: called once the bucket is known, before anything is sent.
    """
    stored = {item.key: item for item in objects.listing()}
    on_begin()
    times = _send_all(objects, documents, stored, progress)
    moments = [time or stored[key].modified_at for key, time in times.items()]
    others = sorted(stored.keys() - times.keys())
    if others and delete:
        moments.append(objects.delete(others))
    uploaded = sum(time is not None for time in times.values())
    return Transfer(
        uploaded=uploaded,
        unchanged=len(times) - uploaded,
        deleted=len(others) if delete else 0,
        others=0 if delete else len(others),
        changed_at=max(moments),
    )


def _send_all(
    objects: Objects, documents: Sequence[LocalDocument], stored: Mapping[str, StoredObject], progress: Progress
) -> dict[str, datetime | None]:
    """When each document was sent; `None` for those that are there already."""
    times: dict[str, datetime | None] = {}
    progress(STAGE, 0, len(documents))
    senders = ThreadPoolExecutor(SENDERS)
    try:
        sending = {senders.submit(_send, objects, item, stored.get(item.key)): item.key for item in documents}
        for future in as_completed(sending):
            times[sending[future]] = future.result()
            progress(STAGE, len(times), len(documents))
    finally:
        # After a failure or Ctrl-C what was not begun is not begun any more.
        senders.shutdown(cancel_futures=True)
    return times


def _send(objects: Objects, document: LocalDocument, stored: StoredObject | None) -> datetime | None:
    with document.path.open("rb") as file:
        digest = hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()
        if stored and stored.size == document.size and _same(objects, stored, digest):
            return None
        file.seek(0)
        fingerprint = {FINGERPRINT: digest}
        return objects.write(document.key, file, content_type=document.content_type, metadata=fingerprint)


def _same(objects: Objects, stored: StoredObject, digest: str) -> bool:
    """Whether an object has the digest; under a customer-managed key its ETag is no MD5, and its metadata tells."""
    return stored.etag == digest or objects.metadata(stored.key).get(FINGERPRINT) == digest
