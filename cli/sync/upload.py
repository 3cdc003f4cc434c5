"""The documents bucket brought in line with a folder: changed files sent, others left alone."""

import hashlib
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from arbiter.aws.objects import Objects, StoredObject
from cli.core.errors import CliError
from cli.core.progress import Progress
from cli.sync.documents import LocalDocument, Unfit
from cli.sync.fitness import unreadable

SENDERS = 16
FINGERPRINT = "arbiter-md5"
COMPARING, SENDING = "Comparing with the bucket", "Sending documents"


@dataclass(frozen=True)
class Change:
    """A document that the bucket lacks, or has otherwise."""

    document: LocalDocument
    digest: str
    is_new: bool


@dataclass(frozen=True)
class Plan:
    """The changes that bring a bucket in line with a folder."""

    changes: tuple[Change, ...]
    unchanged: tuple[StoredObject, ...]
    others: tuple[StoredObject, ...]
    """Objects of the bucket that the folder does not have."""
    earlier: frozenset[str]
    """Keys of objects whose newer version in the folder cannot be sent."""
    unread: tuple[Unfit, ...] = ()
    """Files that went away, or cannot be read any more, since the folder was read."""


@dataclass(frozen=True)
class Transfer:
    """Counts of an upload: documents sent, left alone and deleted."""

    uploaded: int
    unchanged: int
    deleted: int
    others: int
    """Objects of the bucket that the folder does not have, and that were left there."""
    unread: tuple[Unfit, ...]
    """Files that went away, or cannot be read any more, since they were compared."""
    changed_at: datetime
    """When the newest of the folder's documents reached the bucket, or one was deleted, by the clock of S3."""


def compare(
    objects: Objects,
    documents: Sequence[LocalDocument],
    *,
    kept: Collection[str] = (),
    listed: Iterable[StoredObject] | None = None,
    progress: Progress,
) -> Plan:
    """Compare a folder with the bucket; nothing is changed.

    Args:
        listed: the objects of the bucket, where they are known already.
        kept: keys of files that the folder has and that cannot be sent: an earlier version of them is no other object,
            nor is anything below a key that ends with a slash.
    """
    stored = {item.key: item for item in (objects.listing() if listed is None else listed)}
    changes: list[Change] = []
    unread: list[Unfit] = []
    progress(COMPARING, 0, len(documents))
    with _senders() as senders:
        comparing = [senders.submit(_change, objects, item, stored.get(item.key)) for item in documents]
        for number, future in enumerate(comparing, start=1):
            match future.result():
                case Change() as change:
                    changes.append(change)
                case Unfit() as lost:
                    unread.append(lost)
            progress(COMPARING, number, len(documents))
    changed = {change.document.key for change in changes} | {item.key for item in unread}
    unchanged = tuple(stored[item.key] for item in documents if item.key not in changed)
    others = stored.keys() - {item.key for item in documents}
    unlisted = tuple(key for key in kept if key.endswith("/"))
    earlier = frozenset(key for key in others if key in kept or key.startswith(unlisted))
    surplus = tuple(stored[key] for key in sorted(others - earlier))
    earlier |= stored.keys() & {item.key for item in unread}
    return Plan(tuple(changes), unchanged, surplus, earlier, tuple(unread))


def transfer(
    objects: Objects, plan: Plan, *, delete: bool, on_begin: Callable[[], None], progress: Progress
) -> Transfer:
    """Send what differs of at least one document; with `delete`, remove what the folder does not have.

    Args:
        on_begin: called before anything is sent.

    Raises:
        CliError: no document is left.
    """
    on_begin()
    moments = [item.modified_at for item in plan.unchanged]
    unread: list[Unfit] = []
    with _senders() as senders:
        sending = [senders.submit(_send, objects, change) for change in plan.changes]
        for number, future in enumerate(as_completed(sending), start=1):
            if isinstance(sent := future.result(), Unfit):
                unread.append(sent)
            else:
                moments.append(sent)
            progress(SENDING, number, len(sending))
    if plan.others and delete:
        moments.append(objects.delete([item.key for item in plan.others]))
    if not moments:
        raise CliError("Every document went away while it was to be sent. Sync again.", code="no_documents")
    return Transfer(
        uploaded=len(plan.changes) - len(unread),
        unchanged=len(plan.unchanged),
        deleted=len(plan.others) if delete else 0,
        others=0 if delete else len(plan.others),
        unread=tuple(unread),
        changed_at=max(moments),
    )


@contextmanager
def _senders() -> Iterator[ThreadPoolExecutor]:
    senders = ThreadPoolExecutor(SENDERS)
    try:
        yield senders
    finally:
        # After a failure or Ctrl-C what was not begun is not begun any more.
        senders.shutdown(cancel_futures=True)


def _change(objects: Objects, document: LocalDocument, stored: StoredObject | None) -> Change | Unfit | None:
    try:
        with document.open() as file:
            digest = hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()
    except OSError as error:
        return Unfit(document.key, unreadable(error), document.size)
    if stored and stored.size == document.size and _same(objects, stored, digest):
        return None
    return Change(document, digest, is_new=stored is None)


def _send(objects: Objects, change: Change) -> datetime | Unfit:
    document = change.document
    try:
        file = document.open()
    except OSError as error:
        return Unfit(document.key, unreadable(error), document.size)
    with file:
        return objects.write(
            document.key, file, content_type=document.content_type, metadata={FINGERPRINT: change.digest}
        )


def _same(objects: Objects, stored: StoredObject, digest: str) -> bool:
    """Whether an object has the digest; under a customer-managed key its ETag is no MD5, and its metadata tells."""
    return stored.etag == digest or objects.metadata(stored.key).get(FINGERPRINT) == digest
