"""A folder synchronised with the knowledge base, and proof that every document arrived."""

import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from arbiter.aws.objects import StoredObject
from arbiter.documents.standing import NOT_SENT, DocumentProblem
from cli.core.deployment import Deployment
from cli.core.errors import CliError
from cli.core.progress import Progress, silent
from cli.sync.documents import Manifest
from cli.sync.ingestion import Follower
from cli.sync.places import documents_of, ingestion_of
from cli.sync.planning import Item, refusal, require_files
from cli.sync.sidecars import Reading, read
from cli.sync.upload import compare, transfer

AS_IT_IS = Reading()
Agree = Callable[[Sequence[StoredObject]], bool]


@dataclass(frozen=True, kw_only=True)
class SyncResult:
    """The result of a synchronisation, with every document that is not in the knowledge base."""

    environment: str
    folder: str
    bucket: str
    documents: int
    """Documents of the folder, unfit ones included."""
    uploaded: int
    unchanged: int
    deleted: int
    others: int
    left_out: int
    indexed: int
    job: str
    automatic: bool
    """Whether the upload started that job by itself, as it should."""
    problems: tuple[DocumentProblem, ...]
    remarks: tuple[str, ...] = ()
    """What is told of documents that were sent all the same."""
    doubtful: tuple[Item, ...] = ()
    """Documents that were sent although something in them looks like a secret."""
    unsearched: int = 0
    """Documents, such as PDF files, in which no secrets are looked for."""
    seconds: float

    @property
    def complete(self) -> bool:
        return not self.problems

    def dump(self) -> dict[str, Any]:
        return {**asdict(self), "complete": self.complete}


def sync(
    deployment: Deployment,
    folder: Path,
    *,
    reading: Reading = AS_IT_IS,
    delete: bool = False,
    agree: Agree = lambda _: True,
    on_begin: Callable[[], None] = lambda: None,
    progress: Progress = silent,
) -> SyncResult:
    """Upload what changed, follow the ingestion, and compare the folder with what the knowledge base knows.

    Args:
        agree: asked about the objects that `delete` would remove, where there are any.
        on_begin: called before the first document is sent.

    Raises:
        CliError: there is nothing to synchronise, the deletion is not agreed to, or the ingestion job failed.
    """
    begun = time.monotonic()
    objects = documents_of(deployment)  # Before a folder is read, which may take minutes: there may be no bucket.
    manifest = read(folder, reading, progress)
    _require_documents(manifest, folder)
    planned = compare(objects, manifest.documents, kept=manifest.keys, progress=progress)
    if delete and planned.others and not agree(planned.others):
        raise CliError("Nothing was sent and nothing deleted. Without --delete the bucket keeps them.", code="declined")
    # Made before anything is sent: a job that begins at once would else be the newest before it is looked for.
    follower = Follower(ingestion_of(deployment), progress)
    transferred = transfer(objects, planned, delete=delete, on_begin=on_begin, progress=progress)
    earlier = follower.newest()
    refused = (*manifest.unfit, *planned.unread, *transferred.unread)
    lost = {item.key for item in refused}
    sent = (item.key for item in manifest.documents if not item.is_metadata and item.key not in lost)
    uris = [objects.uri(key) for key in sent]
    expected = min(transferred.uploaded, len(uris))
    ingested = follower.ingest(transferred.changed_at, expected, uris, earlier=earlier)
    unfit = [DocumentProblem(item.key, NOT_SENT, refusal(item, planned)) for item in refused]
    missing = [
        replace(problem, document=problem.document.removeprefix(objects.uri(""))) for problem in ingested.problems
    ]
    return SyncResult(
        environment=deployment.environment,
        folder=str(folder),
        bucket=objects.bucket,
        documents=len(uris) + len(unfit),
        uploaded=transferred.uploaded,
        unchanged=transferred.unchanged,
        deleted=transferred.deleted,
        others=transferred.others,
        left_out=manifest.left_out,
        indexed=len(uris) - len(ingested.problems),
        job=ingested.job,
        automatic=ingested.automatic,
        problems=(*unfit, *missing),
        remarks=manifest.remarks,
        doubtful=tuple(Item(item.key, item.size, item.reason) for item in manifest.doubtful),
        unsearched=manifest.unsearched,
        seconds=round(time.monotonic() - begun, 1),
    )


def _require_documents(manifest: Manifest, folder: Path) -> None:
    require_files(manifest, folder)
    if manifest.documents:
        return
    problems = [{"document": item.key, "problem": item.reason} for item in manifest.unfit]
    raise CliError(
        f"None of the {len(problems)} files of {folder} can be a document.",
        code="no_documents",
        details={"problems": problems},
    )
