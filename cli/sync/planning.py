"""A synchronisation as it would be: the changes it would make, and the documents it would refuse."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from cli.core.deployment import Deployment
from cli.core.errors import CliError
from cli.core.progress import Progress, silent
from cli.sync.documents import Manifest, Unfit
from cli.sync.places import documents_of
from cli.sync.sidecars import Reading, read
from cli.sync.upload import Plan, compare


@dataclass(frozen=True)
class Item:
    """A document or object with its size in bytes, and why it is listed."""

    document: str
    bytes: int
    reason: str


@dataclass(frozen=True, kw_only=True)
class SyncPlan:
    """The changes that a synchronisation would make, and the documents that it would refuse."""

    environment: str
    folder: str
    bucket: str
    send: tuple[Item, ...]
    unchanged: int
    delete: tuple[Item, ...]
    refused: tuple[Item, ...]
    others: int
    """Objects of the bucket that the folder does not have, and that would stay there."""
    doubtful: tuple[Item, ...]
    unsearched: int

    def dump(self) -> dict[str, Any]:
        return asdict(self)


def plan(
    deployment: Deployment, folder: Path, *, reading: Reading, delete: bool, progress: Progress = silent
) -> SyncPlan:
    """Say what a synchronisation would do; nothing is changed.

    Raises:
        CliError: there is no such folder, or nothing in it.
    """
    objects = documents_of(deployment)
    manifest = read(folder, reading, progress)
    require_files(manifest, folder)
    planned = compare(objects, manifest.documents, kept=manifest.keys, progress=progress)
    deleted = planned.others if delete else ()
    return SyncPlan(
        environment=deployment.environment,
        folder=str(folder),
        bucket=objects.bucket,
        send=tuple(
            Item(change.document.key, change.document.size, "new" if change.is_new else "changed")
            for change in planned.changes
        ),
        unchanged=len(planned.unchanged),
        delete=tuple(Item(item.key, item.size, "not in the folder") for item in deleted),
        refused=tuple(Item(item.key, item.size, refusal(item, planned)) for item in (*manifest.unfit, *planned.unread)),
        others=len(planned.others) - len(deleted),
        doubtful=tuple(Item(item.key, item.size, item.reason) for item in manifest.doubtful),
        unsearched=manifest.unsearched,
    )


def require_files(manifest: Manifest, folder: Path) -> None:
    """Refuse an empty folder, which with --delete would empty the knowledge base.

    Raises:
        CliError: there is neither a document in it nor a file that cannot be one.
    """
    if not (manifest.documents or manifest.unfit):
        raise CliError(f"{folder} holds no documents. Name a folder with documents.", code="no_documents")


def refusal(item: Unfit, planned: Plan) -> str:
    """Why a file is not sent, and whether the knowledge base answers from an earlier version of it."""
    stays = "; an earlier version of it stays in the knowledge base" if item.key in planned.earlier else ""
    return f"{item.reason}{stays}"
